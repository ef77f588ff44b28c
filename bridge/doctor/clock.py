"""Whether this computer's clock can be right. No server is asked: only what is impossible is found.

A file cannot have been written later than now. Whether the clock is a few minutes off is compared by the portal
(動作確認), which has a clock of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import bridge
from bridge import settings as settings_module
from bridge.doctor import registry
from bridge.doctor.check import Check
from bridge.doctor.registry import Hive
from bridge.settings import Settings

SLACK_SECONDS: Final = 300.0
"""A clock that was set back by a little when it was synchronised is no fault."""
_TIME_SERVICE: Final = r"SYSTEM\CurrentControlSet\Services\W32Time\Parameters"


class Mark(NamedTuple):
    """Something that happened before now. `moment`: seconds since 1970."""

    ja: str
    en: str
    moment: float


def examine(now: float, marks: Iterable[Mark]) -> Iterator[Check]:
    """`now`: seconds since 1970, by this computer's clock."""
    shown = _shown(now)
    if (latest := max(marks, key=lambda mark: mark.moment, default=None)) and latest.moment > now + SLACK_SECONDS:
        yield Check(
            "clock",
            False,
            f"パソコンの時計（{shown}）が、{latest.ja}の日時（{_shown(latest.moment)}）より前です。"
            "「日付と時刻」の設定で合わせてください。",
            f"This computer's clock ({shown}) is earlier than {latest.en} ({_shown(latest.moment)}): set date and "
            "time right.",
        )
    elif registry.read(Hive.MACHINE, _TIME_SERVICE).get("Type") == "NoSync":
        yield Check(
            "clock",
            True,
            f"パソコンの時計: {shown}（自動では合わされません。「日付と時刻」の設定で変えられます）",
            f"this computer's clock: {shown}; it is not set automatically, which Date & time can turn on",
        )
    else:
        yield Check("clock", True, f"パソコンの時計: {shown}", f"this computer's clock: {shown}")


def marks(loaded: Settings) -> Iterator[Mark]:
    """Files that this program or its installation has written."""
    card, log = settings_module.card_directory(loaded), settings_module.log_directory(loaded)
    program = Path(bridge.__file__).with_name("version.py")
    places = (
        ("このソフトのインストール", "the installation of this program", program),
        ("記録ファイル", "its last log entry", log / "bridge.log"),
        ("前回のカードの使用", "the last use of a card", card / "ledger.json"),
        ("サイトの許可", "the last site that was allowed", settings_module.grants_file(loaded)),
    )
    for ja, en, file in places:
        if file.exists():
            yield Mark(ja, en, file.stat().st_mtime)


def _shown(moment: float) -> str:
    """In this computer's own time, with what it takes for its zone."""
    zone = (local := datetime.fromtimestamp(moment, UTC).astimezone()).strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} UTC{zone[:3]}:{zone[3:]}"
