"""What a running request holds of its origin's documents, and what the files that it makes cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bridge import uploads
from bridge.errors import DocumentUnknown, RateLimited, TooLarge
from bridge.uploads import Uploads

A, B = "https://a.example", "https://b.example"


async def piece(content: bytes) -> AsyncIterator[bytes]:
    yield content


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _until(seen: Callable[[], bool]) -> None:
    for _ in range(3000):
        if seen():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not seen")


async def test_a_document_stays_while_a_request_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And its time begins anew afterwards; another one's is over meanwhile."""
    monkeypatch.setattr(uploads, "KEPT_SECONDS", 0.05)
    kept = Uploads(tmp_path)
    used, other = [(await kept.take(A, piece(b"x")))["document"] for _ in range(2)]
    rooms = [kept.room(A, 0) for _ in range(2)]
    paths = [room.path(used) for room in rooms]
    await _until(lambda: len(files(tmp_path)) == 1)
    with pytest.raises(DocumentUnknown):
        kept.path(A, other)
    assert paths == [kept.path(A, used)] * 2
    rooms[0].close(keep=True)
    await asyncio.sleep(0.2)
    assert files(tmp_path) == paths[:1]
    rooms[1].close(keep=True)
    await _until(lambda: not files(tmp_path))


async def test_another_origins_document_is_not_held(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    handle = (await kept.take(A, piece(b"x")))["document"]
    with pytest.raises(DocumentUnknown):
        kept.room(B, 0).path(handle)


async def test_one_that_is_withdrawn_goes_although_it_is_held(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    room = kept.room(A, 0)
    room.path((await kept.take(A, piece(b"x")))["document"])
    kept.forget(A)
    assert files(tmp_path) == []
    room.close(keep=True)


async def test_what_is_made_counts_until_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_ALL_BYTES", 100)
    kept = Uploads(tmp_path)
    await kept.take(A, piece(b"x" * 40))
    room = kept.room(A, 1)
    made = room.place(60)
    with pytest.raises(TooLarge):
        room.place(1)
    made.write_bytes(b"y" * 20)
    room.weigh(made)
    with pytest.raises(TooLarge):
        await kept.take(B, piece(b"x" * 41))
    room.place(40)
    made.write_bytes(b"y" * 21)
    with pytest.raises(TooLarge):
        room.weigh(made)
    room.close(keep=True)
    await kept.take(B, piece(b"x" * 60))
    assert len(files(tmp_path)) == 2


async def test_a_result_is_the_origins_and_counts_as_long_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_ALL_BYTES", 100)
    kept = Uploads(tmp_path)
    room = kept.room(A, 1)
    made = room.place(10)
    made.write_bytes(b"y" * 50)
    given = await room.adopt(made)
    assert (given["size"], kept.path(A, given["document"]).read_bytes()) == (50, b"y" * 50)
    room.close(keep=True)
    with pytest.raises(TooLarge):
        await kept.take(A, piece(b"x" * 51))
    kept.forget(A)
    await kept.take(A, piece(b"x" * 100))


async def test_a_request_that_failed_leaves_no_result(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    room = kept.room(A, 2)
    made, half = room.place(0), room.place(0)
    made.write_bytes(b"y")
    half.write_bytes(b"y")
    given = await room.adopt(made)
    room.close(keep=False)
    assert files(tmp_path) == []
    with pytest.raises(DocumentUnknown):
        kept.path(A, given["document"])


async def test_results_have_their_place_before_anything_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_KEPT", 3)
    kept = Uploads(tmp_path)
    await kept.take(A, piece(b"x"))
    room = kept.room(A, 2)
    with pytest.raises(RateLimited):
        await kept.take(A, piece(b"x"))
    with pytest.raises(RateLimited):
        kept.room(A, 1)
    await kept.take(B, piece(b"x"))
    made = room.place(0)
    made.write_bytes(b"y")
    await room.adopt(made)
    room.close(keep=True)
    await kept.take(A, piece(b"x"))
    with pytest.raises(RateLimited):
        await kept.take(A, piece(b"x"))
