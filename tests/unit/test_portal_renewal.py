"""ICカード更新 through the use cases: what it changes, and every card that may not take another's place."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from portal.store import Act, State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, refused
from tests.unit.renewal_world import LATER, Desk, desk

pytestmark = pytest.mark.usefixtures("either_database")


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


# What it changes


async def test_the_new_card_takes_the_old_ones_place(at: Desk) -> None:
    done = await at.renew()
    old, new = await at.made.store.registrations_of(at.registration.company_id)
    assert done.registration == new
    assert (old.certificate_sha256, old.state) == (at.old.sha256, State.REPLACED)
    assert (new.certificate_sha256, new.state) == (at.new.sha256, State.REGISTERED)
    assert (new.company_id, new.contractor, new.form) == (old.company_id, old.contractor, FORM)
    assert (new.serial, new.issuer) == ("122", old.issuer)
    assert await at.rows("SELECT certificate_sha256, successor FROM registrations ORDER BY serial") == [
        (at.old.sha256, at.new.sha256),
        (at.new.sha256, None),
    ]
    assert await at.renewals.acceptances.done(done.session) == (new, old)


async def test_the_new_cards_sheet_shows_the_new_certificate(at: Desk) -> None:
    sections = (await at.renew()).registration.sections
    assert [section["label"] for section in sections] == [section["label"] for section in at.registration.sections]
    assert sections[:3] == at.registration.sections[:3]
    assert [line["value"] for line in sections[3]["value"]] == ["122", at.registration.issuer, "2034/11/20"]


async def test_both_statements_are_kept_with_evidence_and_history(at: Desk) -> None:
    session = await at.handed_over()
    acceptance = await at.accept(session)
    await at.renewals.acceptances.finish(session, acceptance)
    rows = await at.rows(
        "SELECT s.type, s.certificate_sha256, s.evidence, s.cms FROM statements s"
        " JOIN history h ON h.statement = s.sha256 ORDER BY h.id"
    )
    (_, _, _, handover), (_, _, _, accepted) = rows[-2:]
    assert [(kind, card) for kind, card, _, _ in rows[-2:]] == [
        ("handover", at.old.sha256),
        ("acceptance", at.new.sha256),
    ]
    assert accepted == acceptance
    for _, _, evidence, _ in rows[-2:]:
        assert json.loads(evidence)["crls"][0]["number"] == "7"
    history = await at.made.store.history(at.registration.company_id)
    assert [(event.act, event.certificate_sha256, event.state, event.cms_sha256) for event in history[1:]] == [
        (Act.RENEWED, at.old.sha256, State.REPLACED, hashlib.sha256(handover).hexdigest()),
        (Act.RENEWED, at.new.sha256, State.REGISTERED, hashlib.sha256(acceptance).hexdigest()),
    ]
    assert [event.sections[0]["label"] for event in history[1:]] == ["旧ICカード（これまでのカード）"] * 2


async def test_the_mail_goes_to_the_addresses_in_force(at: Desk) -> None:
    await at.renew()
    mails = await at.rows("SELECT recipient, subject, body FROM outbox ORDER BY id")
    recipient, subject, body = mails[-1]
    assert (recipient, subject) == (FORM["contact_mail"], "【山口市電子入札】ICカード更新完了のお知らせ")
    assert at.registration.company_id in body


async def test_openssl_accepts_both_and_the_acceptance_holds_the_handovers_hash(at: Desk) -> None:
    session = await at.login()
    handover = await at.hand_over(session)
    acceptance = await at.accept(session)
    (at.made.root / "ca.pem").write_bytes(at.made.authority.certificate.public_bytes(serialization.Encoding.PEM))
    first, second = (_openssl(at.made.root, cms) for cms in (handover, acceptance))
    assert (first["type"], second["type"]) == ("handover", "acceptance")
    assert second["payload"]["引継ぎの署名（SHA-256）"] == hashlib.sha256(handover).hexdigest()
    assert first["cert"]["sha256"] == at.old.sha256
    assert second["cert"]["sha256"] == at.new.sha256


def _openssl(root: Path, cms: bytes) -> Any:
    (root / "signed.cms").write_bytes(cms)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(root / "signed.cms")]
    time = ["-attime", str(int(pki.NOW.timestamp())), "-purpose", "any"]
    done = subprocess.run([*command, "-CAfile", str(root / "ca.pem"), *time], capture_output=True, check=True)
    return json.loads(done.stdout)


# What is signed


def lines(section: Any) -> dict[str, str]:
    return {line["label"]: line["value"] for line in section["value"]}


async def test_both_cards_are_named_with_holder_and_expiry(at: Desk) -> None:
    session = await at.handed_over()
    await at.renewals.acceptances.announce(session, at.new.der)
    old, new, registration = (await at.renewals.acceptances.begin(session)).payload["sections"]
    assert (old["label"], new["label"]) == ("旧ICカード（これまでのカード）", "新ICカード（これからのカード）")
    assert lines(old) == {
        "ICカード企業名称": "北東組株式会社",
        "ICカード取得者氏名": "北東 次郎",
        "証明書シリアル番号": "121",
        "証明書発行者": "OU=CoreCA,O=eJapan2 Tech Center,C=JP",
        "証明書有効期限": "2032/11/20",
    }
    assert lines(new) == {**lines(old), "証明書シリアル番号": "122", "証明書有効期限": "2034/11/20"}
    assert lines(registration) == {
        "企業ID": at.registration.company_id,
        "業者番号": "000000101",
        "企業名称": "北東組株式会社",
    }


async def test_a_handover_before_the_new_card_is_there_names_whose_it_must_be(at: Desk) -> None:
    old, new, terms = (await at.renewals.handovers.begin(await at.login())).payload["sections"]
    assert lines(old)["証明書シリアル番号"] == "121"
    assert lines(new) == {
        "ICカード企業名称": "北東組株式会社",
        "ICカード取得者氏名": "北東 次郎",
        "証明書有効期限": "差し替えた後に、新ICカードの署名で確かめます",
    }
    assert lines(terms) == {"調達機関": "山口市", "引継ぎの期限": "署名から30分以内に1回"}


async def test_with_both_cards_in_readers_the_handover_names_the_new_one(at: Desk) -> None:
    session = await at.login()
    request = await at.renewals.handovers.begin(session, new=at.new.der)
    assert lines(request.payload["sections"][1])["証明書シリアル番号"] == "122"
    await at.renewals.handovers.finish(session, at.made.signed(request, at.old))
    assert (await at.renewals.acceptances.exchange(session)).new is not None
    other = at.made.authority.issue(123, until=LATER)
    assert await refused(at.renewals.acceptances.announce(session, other.der)) == "new_card_not_named"
    cms = await at.accept(session)
    assert (await at.renewals.acceptances.finish(session, cms)).registration.serial == "122"


# Whom it lets in


SUCCESSORS: dict[str, Callable[[Desk], pki.Card]] = {
    "new_card_same": lambda at: at.old,
    "new_card_other_company": lambda at: at.made.authority.issue(130, pki.subject("無関係株式会社")),
    "new_card_other_holder": lambda at: at.made.authority.issue(131, pki.subject(holder="南西 花子")),
    "certificate_expired": lambda at: at.made.authority.issue(132, until=pki.NOW - timedelta(minutes=1)),
    "certificate_not_yet_valid": lambda at: at.made.authority.issue(133, since=pki.NOW + timedelta(hours=1)),
    "certificate_untrusted": lambda at: pki.Authority(pki.ISSUER, pki.rsa_key("another authority")).issue(134),
    "key_usage": lambda at: at.made.authority.issue(135, key_usage=pki.usage(key_encipherment=True)),
    "certificate_revoked": lambda at: at.made.authority.issue(666),
}


@pytest.mark.parametrize("code", SUCCESSORS)
async def test_a_card_that_may_not_be_the_new_one(at: Desk, code: str) -> None:
    at.made.trust.crl(at.made.authority.crl(666, number=8))
    session = await at.handed_over()
    assert await refused(at.renewals.acceptances.announce(session, SUCCESSORS[code](at).der)) == code
    assert await refused(at.renewals.acceptances.begin(session)) == "new_card_required"
    # and where it is in a second reader, the hand-over does not name it
    assert await refused(at.renewals.handovers.begin(session, new=SUCCESSORS[code](at).der)) == code


async def test_a_new_card_that_is_registered_already(at: Desk) -> None:
    await at.made.register(at.new)
    session = await at.handed_over()
    assert await refused(at.renewals.acceptances.announce(session, at.new.der)) == "new_card_registered"


async def test_a_new_certificate_under_the_number_of_a_registered_one(at: Desk) -> None:
    await at.made.register(at.new)
    again = at.made.authority.issue(122, key=pki.rsa_key("reissued"), until=LATER)
    session = await at.handed_over()
    assert await refused(at.renewals.acceptances.announce(session, again.der)) == "new_card_registered"


@pytest.mark.parametrize(
    ("organization", "holder"),
    [("北東組㈱", "北東 次郎"), ("北東組 株式会社", "北東次郎"), ("北東組(株)", "北東　次郎")],
)
async def test_names_are_compared_as_people_mean_them(at: Desk, organization: str, holder: str) -> None:
    card = at.made.authority.issue(140, pki.subject(organization, holder), until=LATER)
    session = await at.handed_over()
    done = await at.renewals.acceptances.finish(session, await at.accept(session, card))
    assert done.registration.serial == "140"


async def test_a_card_without_a_company_takes_only_such_a_ones_place(at: Desk) -> None:
    alone = at.made.authority.issue(150, pki.subject(None), until=LATER)
    session = await at.handed_over()
    assert await refused(at.renewals.acceptances.announce(session, alone.der)) == "new_card_other_company"


async def test_a_new_card_that_ends_no_later_is_warned_of_and_goes(at: Desk) -> None:
    card = at.made.authority.issue(160, until=at.old.certificate.not_valid_after_utc)
    session = await at.handed_over()
    assert not (await at.renewals.acceptances.announce(session, card.der)).outlives
    assert (await at.renewals.acceptances.announce(session, at.new.der)).outlives
    done = await at.renewals.acceptances.finish(session, await at.accept(session, card))
    assert done.registration.serial == "160"


async def test_a_card_that_waits_as_provisional_cannot_hand_over(at: Desk) -> None:
    waiting = at.made.authority.issue(170)
    await at.made.register(waiting)
    session = await at.login(waiting)
    assert await refused(at.renewals.handovers.begin(session)) == "renewal_waiting"


async def test_a_card_that_is_not_registered_has_nothing_to_hand_over(at: Desk) -> None:
    session = await at.login(at.new)
    assert await refused(at.renewals.handovers.review(session)) == "not_registered"


async def test_without_login_nothing_goes(at: Desk) -> None:
    session = await at.made.portal.visits.start()
    for waiting in (
        at.renewals.handovers.review(session),
        at.renewals.handovers.begin(session),
        at.renewals.handovers.begin(session, old=at.old.der),  # valid: it logs in
        at.renewals.acceptances.done(session),
    ):
        assert await refused(waiting) == "login_required"
    later: tuple[Any, ...] = (
        at.renewals.acceptances.exchange(session),
        at.renewals.acceptances.announce(session, at.new.der),
        at.renewals.acceptances.review(session),
        at.renewals.acceptances.begin(session),
        at.renewals.acceptances.finish(session, b""),
    )
    for waiting in later:
        assert await refused(waiting) == "handover_required"


# Afterwards


async def test_the_old_card_is_shut_out_and_its_visits_are_over(at: Desk) -> None:
    elsewhere = await at.made.login(at.old)
    acting = await at.handed_over()
    at.made.wait(minutes=10)
    done = await at.renewals.acceptances.finish(acting, await at.accept(acting))
    assert await at.made.portal.visits.find(elsewhere.id) is None
    left = await at.made.portal.visits.find(acting.id)
    assert left is not None
    assert left.certificate is None  # nobody's visit any more
    assert done.session.certificate == at.new.der
    assert done.session.created == acting.created  # what was begun before closing time may be finished
    assert done.session.id not in (acting.id, elsewhere.id)
    assert await refused(at.login()) == "card_replaced"
    assert (await at.login(at.new)).certificate == at.new.der


async def test_what_the_old_card_had_begun_ends_with_it(at: Desk) -> None:
    other = await at.made.ready(at.made.authority.issue(180))
    before = await at.login()
    nonce = await at.renewals.handovers.begin(before)
    await at.renew()
    assert await refused(at.renewals.handovers.finish(before, at.made.signed(nonce, at.old))) == "nonce_unknown"
    assert await at.made.portal.visits.find(other.id) is not None  # another card's visit goes on


async def test_a_replaced_card_cannot_be_registered_again_or_become_the_new_one(at: Desk) -> None:
    await at.renew()
    session = await at.login(at.new)
    await at.renewals.handovers.finish(session, at.made.signed(await at.renewals.handovers.begin(session), at.new))
    assert await refused(at.renewals.acceptances.announce(session, at.old.der)) == "new_card_registered"


async def test_not_renewed(at: Desk) -> None:
    assert await refused(at.renewals.acceptances.done(await at.login())) == "not_renewed"
