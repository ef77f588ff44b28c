"""Read what the command line names, show the window until it is closed."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path

from bridge import settings
from bridge.doctor.parts import Order
from bridge.settings import SettingsError
from tray import complaint
from tray.first_run.texts import load
from tray.first_run.window import only
from tray.first_run.work import WORKING, Work

_STDIN = 0
_DONE, _UNUSABLE, _NO_DISPLAY, _NO_TOOLKIT = 0, 2, 4, 5


def main() -> int:
    """0: closed at its end or for later, or open already, 2: settings, 4: no screen, 5: no toolkit."""
    arguments = _parser().parse_args()
    try:
        loaded = settings.load(arguments.config)
        if not only.is_first(lock := only.lock(loaded)):
            only.knock(lock)
            print(f"card-bridge: {load(settings.language(loaded)).open_already}", flush=True)
            return _DONE
        work = Work(Order(loaded, arguments.config, personal=False), arguments.old)
        state = work.begin()
    except SettingsError as error:
        complaint.say(error.text(settings.language()), settings.language())
        return _UNUSABLE
    except OSError as error:
        complaint.say(f"{error.filename or ''}: {error.strerror or type(error).__name__}", settings.language())
        return _UNUSABLE
    if sys.platform == "linux" and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        print("card-bridge: no display; use `card-bridge setup` in the terminal", file=sys.stderr)
        return _NO_DISPLAY
    if arguments.bound:
        threading.Thread(target=_end_with_the_bridge, args=(work,), daemon=True).start()
    try:
        if sys.platform == "win32":
            from tray.first_run.window.task_dialog import run
        else:
            from tray.first_run.window.qt import run
    except ImportError as error:
        print(f"card-bridge: the window toolkit does not load: {error}", file=sys.stderr)
        return _NO_TOOLKIT
    return run(work, state, settings.language(loaded), lock)


def _end_with_the_bridge(work: Work) -> None:
    """Waits for the end of stdin; programs of a test signature end before."""
    while os.read(_STDIN, 4096):
        pass
    work.call_off()
    for thread in threading.enumerate():
        if thread.name == WORKING:
            thread.join()
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tray.first_run.window")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--bound", action="store_true", help="end with stdin")
    parser.add_argument("--old", type=Path, action="append", default=[])
    return parser


if __name__ == "__main__":
    sys.exit(main())
