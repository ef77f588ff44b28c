"""A PIN window that answers as planned: `python planned_window.py DIR` stands where `pin.window` names it.

DIR/questions.jsonl collects what it was asked, DIR/plan holds one answer a line, used from the top:
`choose N [once]` (a certificate, from 0; once: not to be remembered), `pin DIGITS [WORDS]` (WORDS: the typed
confirmation), `insist DIGITS WORDS` (to have the same PIN sent again), `yes`,
`pad` (OK, and open until it is closed), `cancel`, `timeout`, `wait` (until it is closed), `later [DIGITS [WORDS]]`
(`pin` or `yes` once DIR/go exists), `crash`. Without a plan it cancels. DIR/pid tells the process that is open now.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(directory: Path) -> None:  # noqa: C901 - a table of steps, one case each
    with (directory / "questions.jsonl").open("ab") as questions:
        questions.write(sys.stdin.buffer.readline())
    (directory / "pid").write_text(str(os.getpid()), encoding="ascii")
    action, _, rest = next_step(directory).partition(" ")
    match action:
        case "pin":
            digits, _, typed = rest.partition(" ")
            answer({"answer": "ok", "length": len(digits), "person": "", "typed": typed}, digits.encode())
        case "insist":
            digits, _, words = rest.partition(" ")
            answer({"answer": "ok", "length": len(digits), "insistence": words}, digits.encode())
        case "yes":
            answer({"answer": "ok", "length": 0, "person": ""}, b"")
        case "pad":
            answer({"answer": "ok", "length": 0}, b"")
            sys.stdin.buffer.read()
        case "choose":
            number, _, once = rest.partition(" ")
            answer({"answer": "ok", "length": 0, "chosen": int(number), "remember": once != "once"}, b"")
        case "wait":
            sys.stdin.buffer.read()
        case "later":
            digits, _, typed = rest.partition(" ")
            while not (directory / "go").exists():
                time.sleep(0.02)
            answer({"answer": "ok", "length": len(digits), "person": "", "typed": typed}, digits.encode())
        case "crash":
            os.abort()
        case "timeout":
            answer({"answer": "cancel", "reason": "timeout"}, b"")
        case _:
            answer({"answer": "cancel"}, b"")


def next_step(directory: Path) -> str:
    plan = directory / "plan"
    steps = plan.read_text(encoding="utf-8").splitlines() if plan.exists() else []
    plan.write_text("\n".join(steps[1:]), encoding="utf-8")
    return steps[0] if steps else "cancel"


def answer(line: dict[str, object], pin: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + pin)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
