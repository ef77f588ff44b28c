"""Asking a time-stamp authority over HTTP: what its desk may do to us, each with its code; the judge is real."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError
from bridge.settings.sections import TimestampSettings
from bridge.timestamps.shape import MAX_BYTES
from bridge.timestamps.stamper import Stamper
from tests.time_stamps import MEDIA_TYPE, POLICY, Answer, Authority, Desk, desk, issued
from tests.unit.stamp_forgeries import forged, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")
IMPRINT = hashlib.sha256(b"a signature's value").digest()
PLAIN = (("Content-Type", "text/html"),)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("time") / "authority")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked(authority: Authority) -> AsyncIterator[tuple[Desk, Stamper]]:
    with desk(authority) as open_desk:
        stamper = Stamper(TimestampSettings(open_desk.url, str(authority.trust), POLICY), time.monotonic)
        yield open_desk, stamper
        await stamper.close()


async def _refused(stamper: Stamper) -> str:
    with pytest.raises(BridgeError) as refused:
        await stamper.stamp(Hash.SHA256, IMPRINT)
    return refused.value.code


async def test_a_time_stamp_that_openssl_takes(asked: tuple[Desk, Stamper], authority: Authority) -> None:
    open_desk, stamper = asked
    open_desk.answer = open_desk.well
    found = await stamper.stamp(Hash.SHA256, IMPRINT)
    assert (found.authority, authority.holds(found.token, IMPRINT)) == ("CN=Test Time", True)
    asked_before = len(open_desk.asked)
    await stamper.ready()  # it gave a good one just now
    assert len(open_desk.asked) == asked_before


def _nonce(info: object) -> None:
    info["nonce"] = 5  # type: ignore[index]  # asn1crypto's, without types


def _imprint(info: object) -> None:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    info["message_imprint"] = imprint  # type: ignore[index]  # likewise


Hostile = Callable[[Authority, bytes], Answer]
HOSTILE: dict[str, tuple[Hostile, str]] = {
    "nonce": (lambda a, q: Answer(forged(q, a.stamper, (a.issuing,), info=_nonce)), "timestamp_invalid"),
    "imprint": (lambda a, q: Answer(forged(q, a.stamper, (a.issuing,), info=_imprint)), "timestamp_invalid"),
    "purpose": (lambda a, q: Answer(forged(q, issued("X", a.issuing, ()), (a.issuing,))), "timestamp_untrusted"),
    "expired": (
        lambda a, q: Answer(forged(q, issued("Y", a.issuing, days=(-9, -1)), (a.issuing,))),
        "timestamp_untrusted",
    ),
    "no": (lambda a, q: Answer(refusal()), "timestamp_refused"),
    "garbage": (lambda a, q: Answer(b"\x30\x82\x10\x00 and so on"), "timestamp_invalid"),
    "empty": (lambda a, q: Answer(b""), "timestamp_invalid"),
    "huge": (lambda a, q: Answer(bytes(40 * MAX_BYTES)), "timestamp_invalid"),
    "another_file": (lambda a, q: Answer(a.reply(q), headers=PLAIN), "timestamp_unavailable"),
    "not_found": (lambda a, q: Answer(b"", 404), "timestamp_unavailable"),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_what_a_desk_may_say_instead(asked: tuple[Desk, Stamper], authority: Authority, case: str) -> None:
    open_desk, stamper = asked
    answer, code = HOSTILE[case]
    open_desk.answer = lambda query: answer(authority, query)
    before = len(open_desk.asked)
    assert await _refused(stamper) == code
    assert len(open_desk.asked) == before + 1  # none of it is asked for again
    open_desk.answer = open_desk.well
    await stamper.ready()  # and before the next signature it has to prove itself
    assert len(open_desk.asked) == before + 2


async def test_nothing_is_followed_to_another_address(asked: tuple[Desk, Stamper], authority: Authority) -> None:
    open_desk, stamper = asked
    with desk(authority) as elsewhere:
        away = (("Location", elsewhere.url), ("Content-Type", MEDIA_TYPE))
        for status in (301, 302, 307, 308):
            open_desk.answer = lambda query, status=status: Answer(b"", status, away)  # type: ignore[misc]  # bound now
            assert await _refused(stamper) == "timestamp_unavailable"
        assert elsewhere.asked == []


async def test_a_moments_trouble_is_waited_for(asked: tuple[Desk, Stamper], authority: Authority) -> None:
    open_desk, stamper = asked
    said = [Answer(b"", 503), Answer(b"", 429)]
    open_desk.answer = lambda query: said.pop() if said else open_desk.well(query)
    before = len(open_desk.asked)
    assert authority.holds((await stamper.stamp(Hash.SHA256, IMPRINT)).token, IMPRINT)
    queries = open_desk.asked[before:]
    assert len(set(queries)) == len(queries) == 3  # each with a nonce of its own


async def test_a_desk_that_is_slow_or_gone_is_unavailable_in_time(authority: Authority) -> None:
    with desk(authority) as open_desk:
        open_desk.answer = lambda query: Answer(b"", wait=60)
        stamper = Stamper(TimestampSettings(open_desk.url, str(authority.trust), seconds=1), time.monotonic)
        assert await _refused(stamper) == "timestamp_unavailable"
    assert await _refused(stamper) == "timestamp_unavailable"  # nobody listens there any more
    await stamper.close()


async def test_no_proxy_but_policys_is_gone_through(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(authority) as open_desk, desk(authority) as other:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        stamper = Stamper(TimestampSettings(open_desk.url, str(authority.trust)), time.monotonic)
        await stamper.stamp(Hash.SHA256, IMPRINT)
        assert other.asked == []
        await stamper.close()
        proxied = Stamper(
            TimestampSettings("http://tsa.example/", str(authority.trust), proxy=other.url), time.monotonic
        )
        await proxied.stamp(Hash.SHA256, IMPRINT)
        assert len(other.asked) == 1
        await proxied.close()


async def test_whom_to_trust_has_to_be_named(authority: Authority, tmp_path: Path) -> None:
    with desk(authority) as open_desk:
        for trust in ("", str(tmp_path)):
            stamper = Stamper(TimestampSettings(open_desk.url, trust), time.monotonic)
            assert await _refused(stamper) == "timestamp_untrusted"
            await stamper.close()


async def test_a_judge_that_dies_costs_one_reply(asked: tuple[Desk, Stamper], authority: Authority) -> None:
    open_desk, stamper = asked
    open_desk.answer = open_desk.well
    await stamper.stamp(Hash.SHA256, IMPRINT)
    judge = stamper._bench._process
    assert judge is not None
    judge.kill()
    await judge.wait()
    assert authority.holds((await stamper.stamp(Hash.SHA256, IMPRINT)).token, IMPRINT)


async def test_a_cancelled_stamp_leaves_no_answer_for_the_next(
    asked: tuple[Desk, Stamper], authority: Authority
) -> None:
    open_desk, stamper = asked
    open_desk.answer = open_desk.well
    for _ in range(5):
        task = asyncio.create_task(stamper.stamp(Hash.SHA256, bytes(32)))
        before = len(open_desk.asked)
        while len(open_desk.asked) == before:  # noqa: ASYNC110 - a thread of the desk's counts
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert authority.holds((await stamper.stamp(Hash.SHA256, IMPRINT)).token, IMPRINT)
