"""How far a command is that signs several files: a line of a terminal for each step, written over as it goes."""

from __future__ import annotations

from typing import TextIO

from bridge.progress import Counts

_STEPS = {
    "prepared": {"ja": "準備", "en": "prepared"},
    "done": {"ja": "署名", "en": "signed"},
    "stamped": {"ja": "タイムスタンプ", "en": "time-stamped"},
    "finished": {"ja": "書込み", "en": "finished"},
}
"""In the order in which they come, by the counts' names."""


class ProgressLine:
    """Nothing where nobody looks, and nothing of a single file."""

    def __init__(self, stream: TextIO, language: str) -> None:
        self._stream = stream
        self._language = language
        self._open = False

    def tell(self, counts: Counts) -> None:
        if counts.total == 1 or not self._stream.isatty():
            return
        step = [name for name in _STEPS if getattr(counts, name)][-1]
        done = int(getattr(counts, step))
        self._open = done < counts.total
        text = f"\r{_STEPS[step][self._language]} {done}/{counts.total}"
        print(text, end="" if self._open else "\n", file=self._stream, flush=True)

    def end(self) -> None:
        """What is written next begins a line."""
        if self._open:
            print(file=self._stream)
        self._open = False
