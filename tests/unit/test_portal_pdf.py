"""What `card-bridge verify` says of signed PDF documents: by the strict reader, pyHanko and the trust folders."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.card.signature.algorithms import Hash
from bridge.formats.visible import Visible
from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures.trust import Trust
from portal.verification import pdf
from portal.verification.opening import Within
from portal.verification.time_stamp import Judged
from portal.verification.verdicts import Mark, Times, judge_pdf
from tests.unit import pdf_world, portal_pki
from tests.unit.portal_pki import NOW


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return trusting(tmp_path, pdf_world.authority().crl())


def trusting(folder: Path, crl: bytes | None) -> Trust:
    root = folder / "trust"
    folders = TrustFolders(root / "anchors", root / "intermediates", root / "crls", root / "past")
    for each in (folders.anchors, folders.intermediates, folders.crls, folders.past_crls):
        each.mkdir(parents=True)
    (folders.anchors / "ca.pem").write_bytes(pdf_world.authority().certificate.public_bytes(Encoding.PEM))
    if crl is not None:
        (folders.crls / "ca.crl").write_bytes(crl)
    return Trust(folders)


def judged(folder: Path, content: bytes, trust: Trust, times: Trust | None = None) -> tuple[Mark, ...]:
    (folder / "judged.pdf").write_bytes(content)
    return judge_pdf(pdf.open_file(folder / "judged.pdf", NOW), NOW, trust, Times(times)).marks


def added(mark: Mark) -> bool:
    assert mark.signed is not None
    assert isinstance(mark.signed.content, Within)
    return mark.signed.content.added


def codes(folder: Path, content: bytes, trust: Trust) -> list[str]:
    """Of each signature, or of the file as a whole; '' for a valid one."""
    try:
        return [each.refusal.code if each.refusal else "" for each in judged(folder, content, trust)]
    except Refused as refusal:
        return [refusal.code]


@pytest.mark.parametrize(("kind", "used"), [("rsa", Hash.SHA256), ("pss", Hash.SHA384), ("p384", Hash.SHA512)])
def test_ours_are_valid(kind: str, used: Hash, trust: Trust, tmp_path: Path) -> None:
    (mark,) = judged(tmp_path, pdf_world.signed(tmp_path, pdf_world.document(), kind, used), trust)
    assert mark.refusal is None
    assert (mark.field, added(mark)) == ("Signature1", False)
    assert mark.signed is not None
    assert mark.signed.signer.sha256 == pdf_world.card("rsa" if kind == "pss" else kind).sha256
    assert mark.signed.signed_at is not None
    assert mark.signed.signed_at.utcoffset() == timedelta(hours=9)


def test_a_second_signature_is_an_addition_to_the_first(trust: Trust, tmp_path: Path) -> None:
    once = pdf_world.signed(tmp_path, pdf_world.document())
    twice = pdf_world.signed(tmp_path, once, "p256", visible=Visible(1, (300, 300, 480, 360)))
    marks = judged(tmp_path, twice, trust)
    assert [(each.refusal, added(each)) for each in marks] == [(None, True), (None, False)]


def test_changes_are_named_for_what_they_are(trust: Trust, tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document(stream_xrefs=False))
    assert codes(tmp_path, made.replace(b"(bid)", b"(bet)"), trust) == ["digest_mismatch"]
    assert codes(tmp_path, pdf_world.extended(made), trust) == ["pdf_changed"]
    assert codes(tmp_path, made + b"\n% later", trust) == ["pdf_changed"]
    cut = re.sub(rb"/ByteRange\s*\[0 ", b"/ByteRange [9 ", made)
    assert cut != made
    assert codes(tmp_path, cut, trust)[0] in ("pdf_malformed", "digest_mismatch")


def test_something_behind_the_cms_in_its_room_is_refused(trust: Trust, tmp_path: Path) -> None:
    """No signature covers the room: what hides there would be anybody's."""
    made = pdf_world.signed(tmp_path, pdf_world.document())
    at = made.rindex(b"00>")
    assert codes(tmp_path, made[:at] + b"01>" + made[at + 3 :], trust) == ["cms_malformed"]
    assert codes(tmp_path, made[: at + 1] + b" >" + made[at + 3 :], trust) == ["pdf_malformed"]
    room = made.index(b"<3082") + 1
    digit = next(place for place in range(room, at) if made[place] in b"abcdef")
    other = made[:digit] + made[digit : digit + 1].upper() + made[digit + 1 :]
    assert codes(tmp_path, other, trust) == ["pdf_malformed"]
    upper = made[:room] + made[room:at].upper() + made[at:]
    assert codes(tmp_path, upper, trust) == [""]


def test_whom_the_folders_do_not_know_or_no_longer_believe(tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document())
    serial = pdf_world.card().certificate.serial_number
    for name, crl, code in (
        ("revoked", pdf_world.authority().crl(serial), "certificate_revoked"),
        ("unlisted", None, "revocation_unavailable"),
    ):
        (tmp_path / name).mkdir()
        assert codes(tmp_path, made, trusting(tmp_path / name, crl)) == [code]
    stranger = portal_pki.Authority(key=portal_pki.rsa_key("stranger"))
    other = trusting(tmp_path, pdf_world.authority().crl())
    (tmp_path / "trust" / "anchors" / "ca.pem").write_bytes(stranger.certificate.public_bytes(Encoding.PEM))
    assert codes(tmp_path, made, other) == ["certificate_untrusted"]


@cache
def stamper(*purposes: x509.ObjectIdentifier, stranger: bool = False, critical: bool = True) -> portal_pki.Card:
    issuer = portal_pki.Authority(key=portal_pki.rsa_key("stranger")) if stranger else pdf_world.authority()
    key = portal_pki.rsa_key("stamper")
    return issuer.issue(900, key=key, extra=[x509.ExtendedKeyUsage(purposes)], critical_extra=critical)


def stamp(mark: Mark) -> Judged:
    """Of a signature that is valid, whatever is to be said against the time."""
    assert (mark.refusal, mark.signed is not None) == (None, True)
    assert mark.signed is not None
    assert mark.signed.stamp is not None
    return mark.signed.stamp


def test_a_time_stamp_of_a_known_authority_is_told(trust: Trust, tmp_path: Path) -> None:
    made = pdf_world.signed(tmp_path, pdf_world.document(), stamper=stamper(ExtendedKeyUsageOID.TIME_STAMPING))
    (mark,) = judged(tmp_path, made, trust, trust)
    assert (stamp(mark).refusal, stamp(mark).stamp.time) == (None, NOW)
    assert pdf_world.pdfsig(tmp_path, made)[1] == "Signature Validation: Signature is Valid."


def test_a_time_stamp_that_nobody_vouches_for_is_told_as_in_every_other_format(trust: Trust, tmp_path: Path) -> None:
    timing = ExtendedKeyUsageOID.TIME_STAMPING
    for each, times, why in (
        (stamper(timing), None, "certificate_untrusted"),
        (stamper(timing, stranger=True), trust, "certificate_untrusted"),
        (stamper(timing, ExtendedKeyUsageOID.CODE_SIGNING), trust, "key_usage"),
        (stamper(ExtendedKeyUsageOID.CODE_SIGNING), trust, "key_usage"),
        (stamper(timing, critical=False), trust, "key_usage"),
    ):
        made = pdf_world.signed(tmp_path, pdf_world.document(), stamper=each)
        (mark,) = judged(tmp_path, made, trust, times)
        refusal = stamp(mark).refusal
        assert refusal is not None
        assert (refusal.code, refusal.fact) == ("timestamp_untrusted", why)


def test_a_token_of_another_signature_is_a_part_that_nobody_signed(trust: Trust, tmp_path: Path) -> None:
    desk = stamper(ExtendedKeyUsageOID.TIME_STAMPING)
    made = pdf_world.signed(tmp_path, pdf_world.document(), stamper=desk, stamped_value=b"another")
    assert codes(tmp_path, made, trust) == ["unsigned_parts"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdf_world.document(), "pdf_unsigned"),
        (pdf_world.hybrid(), "pdf_malformed"),
        (pdf_world.hybrid(generation=1), "pdf_malformed"),
        (b"%PDF-1.7\n%%EOF", "pdf_malformed"),
        (pdf_world.document()[:300], "pdf_malformed"),
    ],
)
def test_files_without_a_signature_to_judge(content: bytes, code: str, trust: Trust, tmp_path: Path) -> None:
    assert codes(tmp_path, content, trust) == [code]
