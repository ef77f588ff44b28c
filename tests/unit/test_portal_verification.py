"""検証機能 without HTTP: verdicts, what each lets be shown, no changed bit, and who learns of registrations."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from portal import texts
from portal.refusals import Refused
from portal.signatures.statement import Statement
from portal.store import Session, State
from portal.verification.opening import Content
from portal.verification.verdicts import Signed, Verdict
from tests.unit import portal_pki as pki
from tests.unit.portal_documents import DOCUMENT, attached, openssl_sign
from tests.unit.portal_world import World, world

SOURCES = Path(__file__).parents[2] / "portal"


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def verdict(made: World, file: bytes, beside: bytes | None = None, session: Session | None = None) -> Verdict:
    return await made.portal.verification.verify(file, beside, session)


async def code(made: World, file: bytes, beside: bytes | None = None) -> str:
    """The refusal of a file; the file's own words are shown only where a configured CA stands behind the signer."""
    said = await verdict(made, file, beside)
    assert said.refusal is not None
    return said.refusal.code


async def receipt(made: World, card: pki.Card | None = None) -> bytes:
    registered = await made.register(card)
    return (await made.store.stored_cms(registered.company_id))[-1]


async def test_a_receipt_tells_who_signed_what_and_when(made: World) -> None:
    said = await verdict(made, await receipt(made))
    assert said.refusal is None
    assert said.time == made.time
    assert isinstance(said.signed, Signed)
    assert (said.signed.signer.holder, said.signed.signer.serial) == ("北東 次郎", "121")
    assert said.signed.signed_at == pki.NOW
    assert isinstance(said.signed.content, Statement)
    assert said.signed.content.payload["contractor"] == "000000101"


async def test_documents_attached_and_detached(made: World) -> None:
    for file, beside in ((attached(DOCUMENT, made.card), None), (openssl_sign(DOCUMENT, made.card), DOCUMENT)):
        said = await verdict(made, file, beside)
        assert said.refusal is None
        assert isinstance(said.signed, Signed)
        assert isinstance(said.signed.content, Content)
        assert said.signed.content.data == DOCUMENT


async def test_a_detached_file_alone_cannot_be_judged(made: World) -> None:
    with pytest.raises(Refused, match="document_missing"):
        await verdict(made, openssl_sign(DOCUMENT, made.card))


async def test_no_flipped_bit_of_a_receipt_is_valid(made: World) -> None:
    card = made.authority.issue(150, key=pki.ec_key("receipt"))
    file = await receipt(made, card)
    assert (await verdict(made, file)).refusal is None
    for position in range(len(file)):
        mutated = bytearray(file)
        mutated[position] ^= 1 << position % 8
        assert (await verdict(made, bytes(mutated))).refusal is not None, position


async def test_no_flipped_bit_of_a_signed_document_is_valid(made: World) -> None:
    dice = random.Random(20261124)  # seeded: the same flips in every run
    sub, card = _below(made)
    file = openssl_sign(DOCUMENT, card)
    assert sub.certificate.public_bytes(Encoding.DER) in file
    assert (await verdict(made, file, DOCUMENT)).refusal is None
    for position in range(len(file)):
        mutated = bytearray(file)
        mutated[position] ^= 1 << dice.randrange(8)
        assert (await verdict(made, bytes(mutated), DOCUMENT)).refusal is not None, position
    for position in range(len(DOCUMENT) * 8):
        mutated = bytearray(DOCUMENT)
        mutated[position // 8] ^= 1 << position % 8
        assert await code(made, file, bytes(mutated)) == "digest_mismatch"


def _below(made: World) -> tuple[pki.Authority, pki.Card]:
    """A card of an intermediate CA that it sends along."""
    sub = pki.Authority(x509.Name.from_rfc4514_string("CN=Sub,C=JP"), pki.ec_key("sub"), made.authority)
    made.trust.intermediate(sub)
    made.trust.crl(sub.crl(), "sub")
    card = sub.issue(151, key=pki.ec_key("below"))
    card.chain = (sub.certificate,)
    return sub, card


async def test_a_certificate_beside_the_signers_has_one_form(made: World) -> None:
    """Of a signature that ends in zero bits, parsers let the count of unused bits vary: a bit that nothing covers."""
    for serial in range(1000, 1100):
        other = made.authority.issue(serial, key=pki.ec_key("beside"))
        if not other.certificate.signature[-1] & 1:
            break
    card = made.authority.issue(154)
    card.chain = (other.certificate,)
    file = attached(DOCUMENT, card)
    unused = b"\x03\x82\x01\x01\x00" + other.certificate.signature
    assert (await verdict(made, file)).refusal is None
    assert (
        await code(made, file.replace(unused, unused.replace(b"\x01\x01\x00", b"\x01\x01\x01", 1))) == "cms_malformed"
    )


async def test_a_certificate_that_nobody_vouches_for_may_not_ride_along(made: World) -> None:
    stranger = pki.Authority(x509.Name.from_rfc4514_string("CN=Stranger,C=JP"), pki.ec_key("stranger"))
    card = made.authority.issue(152)
    card.chain = (stranger.certificate,)
    assert await code(made, attached(DOCUMENT, card)) == "certificate_extra"
    card.chain = (made.authority.issue(153).certificate, made.authority.certificate)
    assert (await verdict(made, attached(DOCUMENT, card))).refusal is None


async def test_who_is_not_believed_is_not_named(made: World) -> None:
    foreign = pki.Authority(pki.ISSUER, pki.rsa_key("another authority"))
    expired = foreign.issue(until=made.time - timedelta(days=1))
    revoked_there = foreign.issue(666)
    for card in (foreign.issue(), expired, revoked_there):
        said = await verdict(made, attached(DOCUMENT, card))
        assert said.refusal is not None
        assert said.refusal.code == "certificate_untrusted"
        assert said.signed is None
    (made.trust.folders.crls / "ca.crl").unlink()
    said = await verdict(made, attached(DOCUMENT, foreign.issue()))
    assert (said.refusal and said.refusal.code, said.signed) == ("certificate_untrusted", None)


async def test_who_was_believed_once_is_named_with_the_reason(made: World) -> None:
    made.trust.crl(made.authority.crl(160))
    cards = {
        "certificate_revoked": made.authority.issue(160),
        "certificate_expired": made.authority.issue(161, until=made.time - timedelta(days=1)),
        "certificate_not_yet_valid": made.authority.issue(162, since=made.time + timedelta(days=1)),
        "key_usage": made.authority.issue(163, key_usage=pki.usage(key_encipherment=True)),
    }
    for refusal, card in cards.items():
        said = await verdict(made, attached(DOCUMENT, card))
        assert said.refusal is not None
        assert said.refusal.code == refusal
        assert said.signed is not None
        assert said.signed.signer.serial == str(card.certificate.serial_number)
    (made.trust.folders.crls / "ca.crl").unlink()
    assert await code(made, attached(DOCUMENT, made.card)) == "revocation_unavailable"


async def test_a_receipt_is_recognised_by_a_card_of_the_company_alone(made: World) -> None:
    stranger = await made.login(made.authority.issue(170))
    own = await made.login(made.authority.issue(171))
    file = await receipt(made)
    holder = await made.login()
    said = await verdict(made, file, session=holder)
    assert said.receipt is not None
    assert (said.receipt.identity.value, said.receipt.received) == ("9991000000000001", pki.NOW)
    for session in (None, await made.portal.visits.start(), stranger, own):
        assert (await verdict(made, file, session=session)).receipt is None
    assert (await verdict(made, attached(DOCUMENT, made.card), session=holder)).receipt is None


async def test_nobody_elses_question_reaches_the_store(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file = await receipt(made)
    asked = []

    async def note(*arguments: str) -> None:
        asked.append(arguments)

    monkeypatch.setattr(made.store, "receipt_of", note)
    await verdict(made, file)
    await verdict(made, file, session=await made.portal.visits.start())
    assert asked == []


async def test_another_card_of_the_company_recognises_it_once_the_agency_has_looked(made: World) -> None:
    first = await receipt(made)
    second = made.authority.issue(172)
    waiting = await receipt(made, second)
    session = await made.login(second)
    assert (await verdict(made, first, session=session)).receipt is None
    assert (await verdict(made, waiting, session=session)).receipt is not None
    query = "UPDATE registrations SET state = ? WHERE certificate_sha256 = ?"
    await made.store.write(lambda db: db.execute(query, (State.REGISTERED, second.sha256)).rowcount)
    said = await verdict(made, first, session=session)
    assert said.receipt is not None
    assert said.receipt.identity.value == "9991000000000001"


async def test_an_expired_cards_receipt_is_still_recognised(made: World) -> None:
    card = made.authority.issue(173, until=made.time + timedelta(days=2))
    file = await receipt(made, card)
    session = await made.login(card)
    made.wait(days=3)
    said = await verdict(made, file, session=session)
    assert said.refusal is not None
    assert said.refusal.code == "certificate_expired"
    assert said.receipt is not None
    assert said.receipt.cms == file


async def test_the_receipt_is_the_cms_as_received(made: World) -> None:
    session = await made.login()
    assert await made.portal.verification.receipt(session) is None
    with pytest.raises(Refused, match="login_required"):
        await made.portal.verification.receipt(await made.portal.visits.start())
    file = await receipt(made)
    kept = await made.portal.verification.receipt(await made.login())
    assert kept is not None
    assert (kept.identity.value, kept.cms) == ("9991000000000001", file)


async def test_verifying_writes_nothing(made: World) -> None:
    file = await receipt(made)
    tables = ("statements", "registrations", "history", "refusals", "sessions", "nonces", "outbox")
    before = [await made.count(table) for table in tables]
    await verdict(made, file)
    await verdict(made, file[:-1] + b"\x00")
    await verdict(made, attached(DOCUMENT, made.card))
    assert [await made.count(table) for table in tables] == before


def test_every_verdict_has_a_text_for_this_page() -> None:
    """Texts of the signing pages say "press the button again", which is no use here."""
    own = [f"verification/{name}" for name in ("document", "opening", "verdicts")]
    raised = {
        code
        for name in (*(f"signatures/{name}" for name in ("algorithms", "cms", "statement", "trust")), *own)
        for code in re.findall(r'Refused\(\s*"([a-z_]+)"', (SOURCES / f"{name}.py").read_text(encoding="utf-8"))
    }
    for code_ in raised:
        for language in texts.LANGUAGES:
            said = texts.verdict(code_, language)
            assert all(said)
            assert "ボタン" not in said.help
            assert "画面からもう一度" not in said.help
