"""The operating system's own tools for trust: started by us, answered or refused."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from certs.errors import SystemStoreRefused

_WORDS = 200  # of what a tool says in the end, for the person who has to mend it


class Answer(NamedTuple):
    status: int
    out: bytes
    words: str


def ask(command: Sequence[str], place: object, *, patience: float, told: str = "") -> Answer:
    """Runs to the end. `patience` in seconds. Raises SystemStoreRefused when there is no end or no such program."""
    try:
        done = subprocess.run(command, input=told.encode(), capture_output=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired as error:
        raise SystemStoreRefused(place, f"{command[0]} gave no answer") from error
    except OSError as error:
        raise SystemStoreRefused(place, f"{command[0]}: {error.strerror}") from error
    return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace").strip()[-_WORDS:])


def demand(command: Sequence[str], place: object, *, patience: float, told: str = "") -> bytes:
    """What it printed. Raises SystemStoreRefused when it failed."""
    answer = ask(command, place, patience=patience, told=told)
    if answer.status != 0:
        raise SystemStoreRefused(place, answer.words)
    return answer.out
