"""A disk that loses, with its power, what was not synced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Choose = Callable[[int], int]
"""A number from 0 to n - 1: what the hardware happened to write in time."""


class _File:
    def __init__(self) -> None:
        self.seen = b""
        self.durable = b""


class LossyDisk:
    """Contents are durable after `sync`, names after `sync_directory`; before that, each may or may not be."""

    def __init__(self, step: Callable[[str], None]) -> None:
        """`step` is called before everything that changes the disk: there the process may be killed."""
        self._step = step
        self._names: dict[Path, _File] = {}
        self._history: list[dict[Path, _File]] = [{}]
        """What the names may be after a power cut: the last synced state, and every one since."""

    def read(self, file: Path) -> bytes:
        if file not in self._names:
            raise FileNotFoundError(file)
        return self._names[file].seen

    def write(self, file: Path, content: bytes) -> None:
        self._step("truncate")
        made = self._names.setdefault(file, _File())
        made.seen = b""
        self._remember()
        self._step("write")
        made.seen = content

    def sync(self, file: Path) -> None:
        self._step("sync")
        self._names[file].durable = self._names[file].seen

    def replace(self, fresh: Path, file: Path) -> None:
        self._step("replace")
        self._names[file] = self._names.pop(fresh)
        self._remember()

    def sync_directory(self, directory: Path) -> None:
        self._step("sync directory")
        self._history = [dict(self._names)]

    def lose_power(self, choose: Choose) -> None:
        self._names = dict(self._history[choose(len(self._history))])
        for file in self._names.values():
            if file.seen != file.durable:
                file.seen = (file.durable, file.seen, file.seen[: len(file.seen) // 2], b"")[choose(4)]
            file.durable = file.seen
        self._history = [dict(self._names)]

    def _remember(self) -> None:
        self._history.append(dict(self._names))
