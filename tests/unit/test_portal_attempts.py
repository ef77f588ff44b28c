"""An attempt counts whatever becomes of it, and is written together with what it brings."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.store import Contractor, Minted, contractors
from portal.store.database import Database
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, refused, world

pytestmark = pytest.mark.usefixtures("either_database")
END = pki.NOW + timedelta(minutes=60)
ROW = Contractor("written", "名", "", "", "", "")


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def _minted(made: World) -> tuple[str, str]:
    session = await made.store.create_session(pki.NOW, END)
    return session.id, await made.store.mint_nonce(session.id, "login", "a", b"d", {"k": "v"}, pki.NOW, END)


async def _attempts(made: World, nonce: str) -> int:
    query = "SELECT attempts FROM nonces WHERE nonce = ?"
    return int(await made.store.read(lambda db: db.execute(query, (nonce,)).fetchone()[0]))


async def test_what_was_minted_is_told_and_what_the_job_writes_is_written(made: World) -> None:
    asked = await _minted(made)

    def job(db: Database, minted: Minted | None) -> int:
        assert minted is not None
        contractors.replace(db, [ROW])
        return minted.attempts

    assert await made.store.attempt(*asked, job) == 1
    assert (await made.store.contractor("written"), await _attempts(made, asked[1])) == (ROW, 1)
    assert await made.store.attempt(asked[0], "n" * 43, lambda _, minted: minted) is None


async def test_a_refused_job_writes_nothing_and_was_an_attempt(made: World) -> None:
    asked = await _minted(made)

    def job(db: Database, _: Minted | None) -> None:
        contractors.replace(db, [ROW])
        raise Refused("already_registered", "late")

    for count in (1, 2):
        with pytest.raises(Refused) as caught:
            await made.store.attempt(*asked, job)
        assert (caught.value.code, caught.value.fact) == ("already_registered", "late")
        assert (await made.store.contractor("written"), await _attempts(made, asked[1])) == (None, count)


async def test_a_job_that_breaks_is_as_if_it_had_not_been(made: World) -> None:
    asked = await _minted(made)

    def job(db: Database, _: Minted | None) -> None:
        contractors.replace(db, [ROW])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await made.store.attempt(*asked, job)
    assert (await made.store.contractor("written"), await _attempts(made, asked[1])) == (None, 0)


async def test_many_at_the_same_moment_are_counted_one_by_one(made: World) -> None:
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    wrong = [made.signed(request, payload={"number": number}) for number in range(9)]
    codes = await asyncio.gather(*(refused(made.portal.registrar.finish(session, each)) for each in wrong))
    assert Counter(codes) == {"payload_mismatch": 5, "nonce_attempts": 4}
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "nonce_attempts"
    assert await made.count("registrations") == 0


async def test_a_refusal_of_the_last_rung_leaves_nothing_but_its_attempt(made: World) -> None:
    """Told within the transaction: what the qualification data no longer has, by a statement that holds."""
    session = await made.ready()
    request = await made.portal.registrar.begin(session)
    await made.store.write(lambda db: db.execute("DELETE FROM contractors"))
    assert await refused(made.portal.registrar.finish(session, made.signed(request))) == "contractor_unknown"
    assert await _attempts(made, request.nonce) == 1
    assert await made.count("registrations") == await made.count("outbox") == 0
    assert await made.count("statements") == 1  # the login's
