"""The window as a process of its own: opened once by itself at a person's first start, else when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bridge import logs
from bridge.card.process.child_environment import NO_CONSOLE, inherited
from bridge.settings import Settings
from tray.first_run import memory
from tray.first_run.window import only

_END_SECONDS: Final = 40.0
"""Longer than a test signature needs to end what it started."""
_WINDOW: Final = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "tray.first_run.window")


class Window:
    """One window. Raises OSError where it cannot be started."""

    def __init__(self, config: Path | None, old: Sequence[Path] = (), *, bound: bool = False) -> None:
        """`bound`: it ends with whoever opened it, as an upgrade needs it: it runs our program's files."""
        named = [word for path in old for word in ("--old", str(path))]
        self._process = subprocess.Popen(
            [*_WINDOW, *(("--config", str(config)) if config else ()), *named, *(("--bound",) if bound else ())],
            stdin=subprocess.PIPE if bound else subprocess.DEVNULL,
            env=inherited(),
            creationflags=NO_CONSOLE,
        )

    def close(self) -> None:
        """Of a bound one; a test signature that it waits for is called off first."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def open(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> int:
        return self._process.wait()


class Opener:
    """What the icon's program does about the window: never two at a time."""

    def __init__(self, loaded: Settings, config: Path | None) -> None:
        self._loaded, self._config = loaded, config
        self._window: Window | None = None

    def first_time(self) -> None:
        """At a start. Not where an administrator turned it off, and not for a bridge with settings of its own."""
        if not self._loaded.setup.window or self._config is not None:
            return
        kept = memory.file(self._loaded)
        remembered = memory.recall(kept)
        # Where nothing can be remembered it would come at each start.
        if not remembered.shown and _has_screen() and memory.keep(kept, remembered._replace(shown=True)):
            self.open()

    def open(self) -> None:
        if self._window is not None and self._window.open:
            only.knock(only.lock(self._loaded))
            return
        try:
            self._window = Window(self._config, bound=True)
        except OSError as error:
            logs.fault("setup_window_failed", error)

    def close(self) -> None:
        """With the bridge."""
        if self._window is not None:
            self._window.close()


def _has_screen() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"})
