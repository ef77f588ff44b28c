"""The certificate that the person chose for each origin: a file of this user's, read anew at each look.

So it can be taken back from outside (`card-bridge choices forget`) while the bridge runs. Nothing in it is secret, and
nothing is decided by it alone: every window names the certificate that it is about to use.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from bridge import logs

FILE = "choices.json"


class Chosen(NamedTuple):
    origin: str
    purpose: str
    """sign | auth | any."""
    key: str
    """The certificate's id, or `card` of one that its card hides behind the PIN."""


class Choices:
    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def all(self) -> list[Chosen]:
        """Everything remembered, by origin. A file that cannot be read is none: the person is asked again."""
        try:
            table = json.loads(self._path.read_text(encoding="utf-8"))
            return sorted(Chosen(*map(str, (row["origin"], row["purpose"], row["key"]))) for row in table["choices"])
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            logs.fault("choices_unreadable", error)
            return []

    def find(self, origin: str, purpose: str) -> str | None:
        return next((each.key for each in self.all() if each[:2] == (origin, purpose)), None)

    def remember(self, chosen: Chosen) -> None:
        """In place of what was remembered for the same origin and purpose. Raises OSError."""
        self._write([*(each for each in self.all() if each[:2] != chosen[:2]), chosen])

    def forget(self, origin: str | None = None) -> list[Chosen]:
        """Of one origin, or of all; what was forgotten. Raises OSError."""
        known = self.all()
        gone = [each for each in known if origin in (None, each.origin)]
        if gone:
            self._write([each for each in known if each not in gone])
        return gone

    def _write(self, kept: list[Chosen]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._path.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        table = {"v": 1, "choices": [each._asdict() for each in kept]}
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(table, file, ensure_ascii=False, indent=1)
        fresh.replace(self._path)
