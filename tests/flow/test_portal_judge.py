"""The judge of the faults' tests sees what is wrong: each kind of damage alone, done by hand to a good database."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.flow.portal_crowd import REGISTRATION, Ledger
from tests.flow.portal_judge import check
from tests.unit.portal_world import world


class Good(NamedTuple):
    database: Path
    ledger: Ledger


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def good(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Good]:
    root = tmp_path_factory.mktemp("good")
    async with world(root) as made:
        found = await made.register()
    ledger = Ledger(sent={found.cms_sha256: REGISTRATION}, told={found.cms_sha256: found.company_id})
    yield Good(root / "portal.sqlite3", ledger)


def test_nothing_is_wrong_with_a_good_one(good: Good) -> None:
    check(*good)


DAMAGE = {
    "an act without its line": "DELETE FROM history",
    "an act twice": "INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)"
    " SELECT at, company_id, certificate_sha256, act, state, statement, sections FROM history",
    "a company without its card": "DELETE FROM registrations",
    "an act without its mail": "DELETE FROM outbox",
    "a mail twice": "INSERT INTO outbox (reference, recipient, subject, body, created, since, next_try)"
    " SELECT 'another', recipient, subject, body, created, since, next_try FROM outbox",
    "a nonce spent for nothing": "INSERT INTO nonces (nonce, session, type, action, payload_sha256, context, expires,"
    " spent) VALUES ('n', 's', 'registration', 'a', x'00', '{}', '2026', '2026')",
    "a nonce to be spent again": "UPDATE nonces SET spent = NULL",
    "another statement than was sent": "UPDATE statements SET cms = x'00' WHERE type = 'registration'",
    "everything gone": "DELETE FROM outbox; DELETE FROM history; DELETE FROM registrations; DELETE FROM companies;"
    " DELETE FROM statements WHERE type = 'registration'; DELETE FROM nonces",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_seen(good: Good, damage: str, tmp_path: Path) -> None:
    bad = Path(shutil.copyfile(good.database, tmp_path / "bad.sqlite3"))
    with contextlib.closing(sqlite3.connect(bad)) as db:
        db.executescript(DAMAGE[damage])
    with pytest.raises(AssertionError):
        check(bad, good.ledger)


def test_what_nobody_sent_and_what_others_were_told_is_seen(good: Good) -> None:
    ((sha256, company),) = good.ledger.told.items()
    with pytest.raises(AssertionError, match="never sent"):
        check(good.database, Ledger(sent={"0": REGISTRATION}, told={}))
    with pytest.raises(AssertionError):
        check(good.database, Ledger(sent={sha256: REGISTRATION}, told={sha256: company[::-1]}))
