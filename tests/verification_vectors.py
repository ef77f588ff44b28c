"""`make vectors`: the published vectors of docs/verify.md, one for each refusal that bytes, trust and nonce show.

Keys are new each time and kept nowhere: a folder of vectors belongs together and is replaced as a whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit import portal_pki as pki
from tests.unit.portal_forgeries import NONCE, PAYLOAD, REFUSALS, REQUEST, stated

REVOKED: Final = 666
EXPIRES: Final = pki.NOW + timedelta(minutes=15)
NONCES: Final[dict[str, dict[str, Any] | None]] = {
    "nonce_unknown": None,
    "nonce_spent": {"spent": pki.NOW},
    "nonce_expired": {"expires": pki.NOW},
    "nonce_attempts": {"attempts": 6},
}


class World(NamedTuple):
    """Who issues, and the card that the visit began with."""

    authority: pki.Authority
    silent: pki.Authority
    """An intermediate that publishes no revocation list."""
    card: pki.Card


def main(argv: list[str]) -> int:
    write(Path(argv[0]))
    return 0


def write(directory: Path) -> None:
    """Replaces the folder: vectors.json, what it names, and the trust that a verifier is to start from."""
    shutil.rmtree(directory, ignore_errors=True)
    world = _world()
    _write_trust(directory, world)
    (directory / "signer.cer").write_bytes(world.card.der)
    entries = [*_accepted(directory, world), *_refused(directory, world), *_untrusted(directory, world), *_nonces()]
    table = {**_expectation(), "vectors": entries}
    (directory / "vectors.json").write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _world() -> World:
    authority = pki.Authority()
    name = x509.Name.from_rfc4514_string("CN=Without a list,O=eJapan2 Tech Center,C=JP")
    return World(authority, pki.Authority(name, pki.rsa_key("silent"), authority), authority.issue())


def _write_trust(directory: Path, world: World) -> None:
    folder = pki.TrustFolder(directory)
    folder.folders.past_crls.rmdir()
    crl = world.authority.crl(REVOKED)
    folder.anchor(world.authority)
    folder.intermediate(world.silent)
    folder.crl(crl)
    # openssl takes revocation lists as PEM, beside the anchor
    list_pem = x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM)
    (directory / "openssl.pem").write_bytes(world.authority.certificate.public_bytes(Encoding.PEM) + list_pem)


def _expectation() -> dict[str, Any]:
    return {
        "now": _text(pki.NOW),
        "expected": {"type": REQUEST["type"], "action": REQUEST["action"], "origin": pki.ORIGIN, "aud": pki.AUDIENCE},
        "signer": "signer.cer",
        "minted": {
            "nonce": NONCE,
            "type": REQUEST["type"],
            "action": REQUEST["action"],
            "payload": PAYLOAD,
            "expires": _text(EXPIRES),
            "attempts": 1,
            "spent": None,
        },
    }


def _accepted(directory: Path, world: World) -> list[dict[str, Any]]:
    curve = world.authority.issue(200, key=pki.ec_key("vector"))
    return [
        _entry(directory, "accepted", None, stated(world.card)),
        _entry(directory, "accepted-p256", None, stated(curve), signer=None),
    ]


def _refused(directory: Path, world: World) -> list[dict[str, Any]]:
    """The first forgery of each code; where that is no CMS at all, one that only a strict reader refuses."""
    builds: dict[str, Callable[[pki.Card], bytes]] = {}
    for code, build in [*OURS, *REFUSALS]:
        builds.setdefault(code, build)
    return [_entry(directory, code, code, build(world.card)) for code, build in builds.items()]


def _untrusted(directory: Path, world: World) -> list[dict[str, Any]]:
    authority, day = world.authority, timedelta(days=1)
    stranger = pki.Authority(pki.ISSUER, pki.rsa_key("stranger"))
    cards = {
        "certificate_untrusted": stranger.issue(301),
        "certificate_expired": authority.issue(302, until=pki.NOW - day),
        "certificate_not_yet_valid": authority.issue(303, since=pki.NOW + day),
        "key_usage": authority.issue(304, key_usage=pki.usage(key_encipherment=True)),
        "certificate_revoked": authority.issue(REVOKED),
        "revocation_unavailable": world.silent.issue(305),
    }
    return [_entry(directory, code, code, stated(card), signer=None) for code, card in cards.items()]


def _nonces() -> list[dict[str, Any]]:
    """The accepted statement, and another state of its nonce."""
    return [
        {"code": code, "file": "accepted.p7m", "minted": state and {key: _text(value) for key, value in state.items()}}
        for code, state in NONCES.items()
    ]


def _entry(directory: Path, name: str, code: str | None, cms: bytes, **more: Any) -> dict[str, Any]:
    (directory / f"{name}.p7m").write_bytes(cms)
    return {"code": code, "file": f"{name}.p7m", **more}


def _twice_the_same_extension(card: pki.Card) -> bytes:
    """RFC 5280 §4.2 forbids it; parsers that keep one of the two differ on which."""
    certificate = asn1_x509.Certificate.load(card.der)
    extensions = certificate["tbs_certificate"]["extensions"]
    extensions.append(extensions[0])
    der = bytes(certificate.dump(force=True))
    digest = hashlib.sha256(der).digest()
    content = pki.statement(card, REQUEST, cert={"sha256": digest.hex()})
    attributes = pki.signed_attributes(content, card)
    reference = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": digest})]})
    for attribute in attributes:
        if attribute["type"].native == "signing_certificate_v2":
            attribute["values"] = [reference]
    return pki.sign(content, card, attributes=attributes, certificates=[der])


def _too_large(card: pki.Card) -> bytes:
    return stated(card, payload={"sections": "x" * 64 * 1024})


def _one_byte_more(card: pki.Card) -> bytes:
    return stated(card) + b"\x00"


OURS: Final[list[tuple[str, Callable[[pki.Card], bytes]]]] = [
    ("cms_size", _too_large),
    ("cms_malformed", _one_byte_more),
    ("certificate_malformed", _twice_the_same_extension),
]


def _text(value: Any) -> Any:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
