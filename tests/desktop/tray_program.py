"""A program that shows the tray icon and prints what its menu sets off; a state's name on stdin, and the origins that
the person allowed, change the status."""

from __future__ import annotations

import sys
import threading

from tray.icon import Tray, open_tray
from tray.menu import Actions, State, Status


def main(language: str) -> None:
    def say(line: str) -> None:
        print(line, flush=True)

    def quit_program() -> None:
        say("quit")
        tray.stop()

    def revoke(origin: str) -> None:
        say(f"revoke {origin}")

    actions = Actions(lambda: say("open"), lambda: say("forget"), revoke, quit_program)
    tray: Tray = open_tray(Status(State.READY, "練習用カード"), actions, language, lambda action: action(), say)
    threading.Thread(target=_follow, args=(tray,), daemon=True).start()
    tray.run()
    say("ended")


def _follow(tray: Tray) -> None:
    for line in sys.stdin:
        state, *granted = line.split()
        tray.update(Status(State(state), "https://ebid.example.jp", tuple(granted)))


if __name__ == "__main__":
    main(sys.argv[1])
