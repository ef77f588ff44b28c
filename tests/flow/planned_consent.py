"""A consent window that answers as planned: `python planned_consent.py DIR` stands where `origins.window` names it.

DIR/consents.jsonl collects what it was asked, DIR/consent-plan holds one answer a line, used from the top:
`remember`, `once`, `no`, `wait` (until the window is closed), `later ANSWER` (once DIR/consent-go exists), `crash`,
`nonsense`, `flood`. Without a plan: no. DIR/consent-pid tells the process that is open now.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(directory: Path) -> None:
    question = sys.stdin.buffer.readline()
    (directory / "consent-pid").write_text(str(os.getpid()), encoding="ascii")
    with (directory / "consents.jsonl").open("ab") as questions:
        questions.write(question)
    say({"event": "shown"})
    action, _, rest = next_step(directory).partition(" ")
    match action:
        case "wait":
            sys.stdin.buffer.read()
        case "later":
            while not (directory / "consent-go").exists():
                time.sleep(0.02)
            say({"answer": rest})
        case "crash":
            os.abort()
        case "nonsense":
            say({"answer": "remember", "origin": "https://evil.example"})
        case "flood":
            sys.stdout.write("x" * 100_000)
            sys.stdout.flush()
            sys.stdin.buffer.read()
        case answer:
            say({"answer": answer})


def next_step(directory: Path) -> str:
    plan = directory / "consent-plan"
    steps = plan.read_text(encoding="utf-8").splitlines() if plan.exists() else []
    plan.write_text("\n".join(steps[1:]), encoding="utf-8")
    return steps[0] if steps else "no"


def say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
