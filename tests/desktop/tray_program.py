"""A program that shows the tray icon and prints what its menu sets off; a state's name on stdin, and the origins that
the person allowed, change the status."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import datetime

from tray.icon import Tray, open_tray
from tray.menu import Actions, Card, Certificate, Signature, State, Status, Unlocked

CERTIFICATE = Certificate("山田 太郎", "北東組株式会社", "CN=練習用認証局,O=Practice CA,C=JP", "4711", "2027/01/29", 60)
STATUS = Status(
    State.READY,
    present=True,
    cards=(Card("練習用カード", 3, certificates=(CERTIFICATE,)),),
    signed=(Signature(datetime(2026, 11, 30, 16, 51).astimezone(), "https://ebid.example.jp", "利用者登録（登録）"),),
)
OPEN = Unlocked("https://ebid.example.jp", datetime(2026, 11, 30, 17, 1).astimezone())


Follow = Callable[[Tray, Status], None]
"""Reads stdin to its end, on a thread of its own."""


def main(language: str, follow: Follow) -> None:
    def say(line: str) -> None:
        print(line, flush=True)

    def quit_program() -> None:
        say("quit")
        tray.stop()

    chosen = Actions(
        open_status=lambda: say("open"),
        forget_pin_session=lambda: say("forget"),
        revoke=lambda origin: say(f"revoke {origin}"),
        quit=quit_program,
        read_card=lambda: say("read"),
        speak=lambda wanted: say(f"speak {wanted}"),
        tell_cards=lambda wanted: say(f"tell {wanted}"),
        set_up=lambda: say("set up"),
        open_log=lambda: say("log"),
        open_licence=lambda: say("licence"),
    )
    first = STATUS._replace(language=language)
    tray: Tray = open_tray(first, chosen, lambda action: action(), lambda: say("no icon"))
    threading.Thread(target=follow, args=(tray, first), daemon=True).start()
    tray.run()
    say("ended")


def follow_states(tray: Tray, first: Status) -> None:
    for line in sys.stdin:
        change(tray, first, line.split())


def change(tray: Tray, first: Status, words: list[str]) -> None:
    """A state's name, and the origins that the person allowed."""
    state, *granted = words
    unlocked = (OPEN,) if state == "unlocked" else ()
    tray.update(first._replace(state=State(state), unlocked=unlocked, tries=1, granted=tuple(granted)))


if __name__ == "__main__":
    main(sys.argv[1], follow_states)
