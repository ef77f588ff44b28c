"""What documents may cost, and what becomes of them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge import uploads
from bridge.errors import DocumentNotKept, DocumentUnknown, RateLimited, TooLarge
from bridge.uploads import Uploads

A, B = "https://a.example", "https://b.example"


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_document_is_what_came(tmp_path: Path) -> None:
    kept = Uploads(tmp_path)
    given = await kept.take(A, pieces(b"ab", b"", b"c" * (3 << 20), b"d"))
    content = b"ab" + b"c" * (3 << 20) + b"d"
    (file,) = files(tmp_path)
    assert (file, file.read_bytes()) == (kept.path(A, given["document"]), content)
    assert given["size"] == len(content)
    kept.close()
    assert files(tmp_path) == []


async def test_one_that_is_too_large_leaves_nothing_and_costs_nothing(tmp_path: Path) -> None:
    kept = Uploads(tmp_path, max_bytes=10)
    for _ in range(3):
        with pytest.raises(TooLarge):
            await kept.take(A, pieces(b"x" * 11))
    assert files(tmp_path) == []
    assert (await kept.take(A, pieces(b"x" * 10)))["size"] == 10


async def test_all_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_ALL_BYTES", 10)
    kept = Uploads(tmp_path)
    await kept.take(A, pieces(b"x" * 6))
    with pytest.raises(TooLarge):
        await kept.take(B, pieces(b"x" * 5))
    kept.forget(A)
    await kept.take(B, pieces(b"x" * 10))


async def test_an_origin_has_so_many_and_another_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_KEPT", 2)
    kept = Uploads(tmp_path)
    for _ in range(2):
        await kept.take(A, pieces(b"x"))
    with pytest.raises(RateLimited):
        await kept.take(A, pieces(b"x"))
    await kept.take(B, pieces(b"x"))


async def test_the_time_of_a_document_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "KEPT_SECONDS", 0.0)
    kept = Uploads(tmp_path)
    given = await kept.take(A, pieces(b"x"))
    await asyncio.sleep(0.05)
    assert files(tmp_path) == []
    with pytest.raises(DocumentUnknown):
        kept.path(A, given["document"])


async def test_the_folder_of_a_daemon_that_was_killed_goes(tmp_path: Path) -> None:
    old, young = tmp_path / "old", tmp_path / "young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "document").write_bytes(b"x")
    os.utime(old, (0, time.time() - 3600))
    await Uploads(tmp_path).take(A, pieces(b"x"))
    assert (old.exists(), young.exists()) == (False, True)


async def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DocumentNotKept):
        await Uploads(tmp_path / "file").take(A, pieces(b"x"))
