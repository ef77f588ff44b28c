"""What is remembered of the certificate that was chosen for a site."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.audit.keeping import Audit
from bridge.audit.record import Record
from bridge.card.certinfo import SOON_DAYS
from bridge.choices import FILE, Choices, Chosen
from bridge.desk import Desk
from bridge.service import Clocks, Service
from tray.pin_window import choice_texts
from tray.pin_window.choice_texts import expiry_warning

A, B = "https://a.example", "https://b.example"


def test_one_choice_for_each_origin_and_purpose_the_last_one_counts(tmp_path: Path) -> None:
    kept = Choices(tmp_path)
    for chosen in (Chosen(A, "sign", "1"), Chosen(A, "auth", "2"), Chosen(B, "sign", "3"), Chosen(A, "sign", "4")):
        kept.remember(chosen)
    assert [kept.find(*key) for key in ((A, "sign"), (A, "auth"), (B, "sign"), (B, "auth"))] == ["4", "2", "3", None]
    assert Choices(tmp_path).all() == [Chosen(A, "auth", "2"), Chosen(A, "sign", "4"), Chosen(B, "sign", "3")]


def test_it_is_taken_back_for_one_site_or_for_all(tmp_path: Path) -> None:
    kept = Choices(tmp_path)
    for origin in (A, B):
        kept.remember(Chosen(origin, "sign", "1"))
    assert kept.forget(A) == [Chosen(A, "sign", "1")]
    assert kept.all() == [Chosen(B, "sign", "1")]
    assert kept.forget() == [Chosen(B, "sign", "1")]
    assert kept.forget() == kept.all() == []


@pytest.mark.skipif("sys.platform == 'win32'")
def test_only_this_user_reads_it(tmp_path: Path) -> None:
    kept = Choices(tmp_path / "new")
    kept.remember(Chosen(A, "sign", "1"))
    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"choices": [{"origin": "x"}]}', '{"choices": 5}', "\ud800", "null"])
def test_a_file_that_cannot_be_read_is_no_choice_and_no_failure(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    kept = Choices(tmp_path)
    assert kept.find(A, "sign") is None
    kept.remember(Chosen(A, "sign", "1"))
    assert kept.find(A, "sign") == "1"


def test_pages_and_windows_warn_from_the_same_day_on() -> None:
    texts = choice_texts.load("en")
    days = (SOON_DAYS + 1, SOON_DAYS, 0, -1)
    shown = [expiry_warning("2026/12/24", each, texts) for each in days]
    assert shown[0] is None
    assert [text and text.split(".")[0] for text in shown[1:]] == [
        "This certificate is valid until 2026/12/24 (60 days left)",
        "This certificate is valid until 2026/12/24 (0 days left)",
        "This certificate expired on 2026/12/24",
    ]


class NoSession:
    """A host in which no PIN session lives."""

    running = True
    pin_sessions: dict[str, str] = {}  # noqa: RUF012 - never changed

    async def call(self, method: str, params: dict[str, Any], progress: object = None) -> dict[str, Any]:
        raise NotImplementedError(method)

    async def notify(self, method: str) -> None:
        raise NotImplementedError


async def test_a_site_that_may_call_no_longer_loses_its_choice(tmp_path: Path) -> None:
    kept = Choices(tmp_path)
    for origin in (A, B):
        kept.remember(Chosen(origin, "sign", "1"))
    clocks = Clocks(lambda: datetime(2026, 11, 24, tzinfo=UTC), lambda: 0.0)
    audit = Audit(Record(tmp_path / "audit", clocks.now), clocks.monotonic)
    await Service(NoSession(), clocks, kept, list, Desk(), audit).withdraw(A)
    assert [each.origin for each in kept.all()] == [B]
