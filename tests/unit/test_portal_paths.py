"""Paths in the PKI of portal_paths.yml: what holds, each refusal alone, and what could cost time without end."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import paths
from portal.signatures.evidence import Evidence
from portal.signatures.paths import Deadline, TimeIsUpError
from portal.signatures.trust import Trust, TrustError
from tests.unit import pkits
from tests.unit import portal_pki as pki
from tests.unit.yaml_pki import YamlPki

FIRST, SECOND, OTHER = "1.2.392.99.1", "1.2.392.99.2", "1.2.392.99.7"
_LONG = 60.0  # what ends after this has not ended by the deadline


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> YamlPki:
    return YamlPki(tmp_path_factory.mktemp("pki"))


class World(NamedTuple):
    """The PKI, and trust folders with everything that it publishes in good order."""

    made: YamlPki
    folder: pki.TrustFolder

    def authority(self, name: str) -> None:
        (self.folder.folders.intermediates / f"{name}.cer").write_bytes(self.made.certificate(name))

    def answer(self, service: str, name: str, at: timedelta = timedelta()) -> None:
        response = self.made.answer(service, name, pki.NOW + at)
        (self.folder.folders.crls / f"{name}.ocsp").write_bytes(response)

    def folders(self, *policies: str, without: tuple[str, ...] = (), seconds: int = 10) -> TrustFolders:
        plain = self.folder.folders
        return TrustFolders(plain.anchors, plain.intermediates, plain.crls, plain.past_crls, policies, without, seconds)

    def validate(self, name: str, *policies: str, without: tuple[str, ...] = ()) -> Evidence:
        return Trust(self.folders(*policies, without=without)).validate(self.made.certificate(name), pki.NOW)

    def code(self, name: str, *policies: str, without: tuple[str, ...] = ()) -> str:
        with pytest.raises(Refused) as caught:
            self.validate(name, *policies, without=without)
        return caught.value.code


@pytest.fixture
def world(made: YamlPki, tmp_path: Path) -> World:
    folder = pki.TrustFolder(tmp_path)
    (folder.folders.anchors / "root.cer").write_bytes(made.certificate("root"))
    world = World(made, folder)
    for name in ("cards", "inside", "silent", "answers"):
        world.authority(name)
    for name in ("root", "cards", "inside"):
        folder.crl(made.crl(name), name)
    return world


@pytest.mark.parametrize("name", ["good", "within-constraints", "no-policy", "wrong-policy"])
def test_holds(world: World, name: str) -> None:
    evidence = world.validate(name)
    assert evidence.chain[0] == world.made.certificate(name)
    assert (len(evidence.chain), len(evidence.crls), evidence.unlisted) == (3, 2, False)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("revoked", "certificate_revoked"),
        ("expired", "certificate_expired"),
        ("not-yet-valid", "certificate_not_yet_valid"),
        ("wrong-key-usage", "key_usage"),
        ("unknown-critical", "certificate_untrusted"),
        ("outside-constraints", "certificate_untrusted"),
        ("unlisted", "revocation_unavailable"),
        ("answered", "revocation_unavailable"),
        ("cards", "key_usage"),
    ],
)
def test_refused(world: World, name: str, code: str) -> None:
    assert world.code(name) == code


def test_a_stale_list(world: World) -> None:
    world.folder.crl(world.made.crl("cards", pki.NOW - timedelta(days=25)), "cards")
    assert world.code("good") == "revocation_unavailable"


@pytest.mark.parametrize("missing", ["root", "cards"])
def test_no_list(world: World, missing: str) -> None:
    (world.folder.folders.crls / f"{missing}.crl").unlink()
    assert world.code("good") == "revocation_unavailable"


def test_a_list_that_is_signed_with_sha_1(world: World) -> None:
    """The validator itself takes it."""
    world.folder.crl(world.made.crl("weak"), "cards")
    assert world.code("good") == "revocation_unavailable"


def test_policies(world: World) -> None:
    assert world.validate("good", FIRST)
    assert world.validate("good", OTHER, FIRST)
    assert world.code("good", SECOND) == "certificate_untrusted"
    for name in ("wrong-policy", "no-policy", "within-constraints"):
        assert world.code(name, FIRST) == "certificate_untrusted"
    assert world.code("wrong-policy", OTHER) == "certificate_untrusted"  # its CA is not under that one


def test_delegated_ocsp(world: World) -> None:
    world.answer("answers", "answered")
    evidence = world.validate("answered")
    (response,) = evidence.responses
    assert response.der == world.made.answer("answers", "answered") or response.serials
    assert evidence.record()["ocsp"][0]["sha256"] == hashlib.sha256(response.der).hexdigest()
    world.answer("answers", "answered-revoked")
    assert world.code("answered-revoked") == "certificate_revoked"


def test_ocsp_of_another_time_or_by_somebody_else(world: World) -> None:
    world.answer("answers", "answered", -timedelta(days=3))
    assert world.code("answered") == "revocation_unavailable"
    world.answer("impostor", "answered")
    assert world.code("answered") == "revocation_unavailable"


def test_a_ca_that_publishes_nothing(world: World) -> None:
    silent = hashlib.sha256(world.made.certificate("silent")).hexdigest()
    evidence = world.validate("unlisted", without=(silent,))
    assert evidence.unlisted
    assert evidence.record()["withoutRevocation"] is True
    assert len(evidence.crls) == 1  # the root's, on this CA
    # Said of one CA, and of what it issues alone:
    other = hashlib.sha256(world.made.certificate("cards")).hexdigest()
    assert world.code("unlisted", without=(other,)) == "revocation_unavailable"
    (world.folder.folders.crls / "root.crl").unlink()
    assert world.code("unlisted", without=(silent,)) == "revocation_unavailable"


def test_what_publishes_is_asked_whatever_the_settings_say(world: World) -> None:
    cards = hashlib.sha256(world.made.certificate("cards")).hexdigest()
    assert world.code("revoked", without=(cards,)) == "certificate_revoked"
    world.folder.crl(world.made.crl("cards", pki.NOW - timedelta(days=25)), "cards")
    assert world.code("good", without=(cards,)) == "revocation_unavailable"
    answers = hashlib.sha256(world.made.certificate("answers")).hexdigest()
    world.answer("answers", "answered", -timedelta(days=3))
    assert world.code("answered", without=(answers,)) == "revocation_unavailable"


def test_a_loop_of_two_cas(world: World) -> None:
    for name in ("loop-a", "loop-b"):
        world.authority(name)
        world.folder.crl(world.made.crl(name), name)
    assert world.code("looped") == "certificate_untrusted"
    world.authority("loop-a-rooted")
    assert len(world.validate("looped").chain) == 3


def _twins(world: World) -> None:
    for number in range(1, 11):
        world.authority(f"twin-{number}")


def test_ten_cas_of_one_name_are_refused_in_time(world: World) -> None:
    """A stranger cannot bring them in: what is sent along is no part of a path. This is an officer's doing."""
    _twins(world)
    begun = time.monotonic()
    with pytest.raises(Refused) as caught:
        Trust(world.folders(seconds=1)).validate(world.made.certificate("of-twins"), pki.NOW)
    assert caught.value.code in ("verification_timeout", "certificate_untrusted")
    assert time.monotonic() - begun < _LONG


def test_who_waits_behind_one_that_takes_long_is_told_in_time(world: World) -> None:
    trust = Trust(world.folders(seconds=1))
    with trust._lock, pytest.raises(Refused, match="verification_timeout"):
        trust.validate(world.made.certificate("good"), pki.NOW)
    assert trust.validate(world.made.certificate("good"), pki.NOW)


def test_a_deadline_ends_what_is_under_way(world: World) -> None:
    """By a clock that a test turns on: time is up at the first thing that is looked at."""
    _twins(world)
    moments = iter([0.0, *[0.5] * 50])
    deadline = Deadline(1.0, lambda: next(moments, 2.0))
    trust = Trust(world.folders())
    with pytest.raises(TimeIsUpError):
        paths.find(trust._material, world.made.certificate("of-twins"), pki.NOW, paths.rules(()), deadline)


def _change_anchor(world: World, change: Callable[[x509.CertificateBuilder], x509.CertificateBuilder]) -> None:
    """The root anew, with its own key: what its certificate says of itself is different."""
    root = x509.load_der_x509_certificate(world.made.certificate("root"))
    builder = x509.CertificateBuilder(root.subject, root.subject, root.public_key(), root.serial_number)
    builder = builder.not_valid_before(root.not_valid_before_utc).not_valid_after(root.not_valid_after_utc)
    signed = change(builder).sign(pki.ec_key("yaml root"), hashes.SHA256())
    (world.folder.folders.anchors / "root.cer").write_bytes(signed.public_bytes(serialization.Encoding.DER))


def _plain(builder: x509.CertificateBuilder, length: int | None = None) -> x509.CertificateBuilder:
    usage = pki.usage(key_cert_sign=True, crl_sign=True)
    basic = x509.BasicConstraints(ca=True, path_length=length)
    return builder.add_extension(basic, critical=True).add_extension(usage, critical=True)


def test_an_anchor_that_is_made_anew_holds(world: World) -> None:
    _change_anchor(world, _plain)
    assert world.validate("good")
    _change_anchor(world, lambda builder: _plain(builder, 1))
    assert world.validate("good")


ANCHORS: list[tuple[str, Callable[[x509.CertificateBuilder], x509.CertificateBuilder]]] = [
    ("path length", lambda builder: _plain(builder, 0)),
    (
        "not for certificates",
        lambda builder: builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        ).add_extension(pki.usage(crl_sign=True), critical=True),
    ),
    ("no CA", lambda builder: builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)),
    (
        "policies",
        lambda builder: _plain(builder).add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(OTHER), None)]), critical=False
        ),
    ),
]


@pytest.mark.parametrize("change", [change for _, change in ANCHORS], ids=[name for name, _ in ANCHORS])
def test_an_anchors_own_constraints_hold(
    world: World, change: Callable[[x509.CertificateBuilder], x509.CertificateBuilder]
) -> None:
    _change_anchor(world, change)
    assert world.code("good") == "certificate_untrusted"


def test_an_anchor_outside_its_validity(world: World) -> None:
    _change_anchor(world, lambda builder: _plain(_ended(builder)))
    assert world.code("good") == "certificate_untrusted"


def _ended(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder._not_valid_after = None
    return builder.not_valid_after((pki.NOW - timedelta(days=1)).replace(tzinfo=None))


def test_a_ca_whose_key_is_short(world: World) -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - refused
    name = x509.Name.from_rfc4514_string("CN=Short,C=JP")
    short = pki.Authority(name, small)
    world.folder.anchor(short, "short")
    with pytest.raises(TrustError, match=r"short\.pem"):
        Trust(world.folders())


def test_a_ca_that_its_parser_would_write_otherwise(world: World) -> None:
    """PKITS has one, with a unique identifier of three bits."""
    (world.folder.folders.intermediates / "uid.cer").write_bytes((pkits.FOLDER / "certs/UIDCACert.crt").read_bytes())
    with pytest.raises(TrustError, match=r"uid\.cer: cannot be kept"):
        Trust(world.folders())


def test_what_is_no_answer(world: World) -> None:
    (world.folder.folders.crls / "x.ocsp").write_bytes(b"\x30\x03\x0a\x01\x06")  # OCSP: unauthorized, and no data
    with pytest.raises(TrustError, match=r"x\.ocsp"):
        Trust(world.folders())


def test_an_unchanged_list_is_not_parsed_again(world: World) -> None:
    trust = Trust(world.folders())
    before = {crl.sha256: crl for crl in trust._material.crls}
    world.folder.crl(world.made.crl("loop-a"), "loop-a")
    assert trust.validate(world.made.certificate("good"), pki.NOW)
    assert len(trust._material.crls) == 4
    assert all(before.get(crl.sha256, crl) is crl for crl in trust._material.crls)
