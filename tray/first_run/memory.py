"""What is remembered of the first run: that the window was opened, and where the person stopped."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge import settings
from bridge.settings import Settings
from tray.first_run.course import Step

_NAME: Final = "setup.json"
_LARGEST: Final = 4096


class Memory(NamedTuple):
    """`shown`: the window was opened once by itself. `finished`: the person came to the end."""

    shown: bool = False
    finished: bool = False
    step: Step = Step.TRUST
    authority: str = ""


def file(loaded: Settings) -> Path:
    """Beside the person's list of sites."""
    return settings.grants_file(loaded).with_name(_NAME)


def recall(path: Path) -> Memory:
    """What cannot be read is forgotten: the course looks at everything again."""
    try:
        with path.open("rb") as stream:
            return _parsed(json.loads(stream.read(_LARGEST)))
    except (OSError, ValueError, RecursionError):
        return Memory()


def keep(path: Path, memory: Memory) -> bool:
    """Whether it could be written."""
    fresh = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(json.dumps({"v": 1, **memory._asdict()}), encoding="utf-8")
        fresh.replace(path)
        return True
    return False


def _parsed(content: Any) -> Memory:
    """Raises ValueError."""
    match content:
        case {"v": 1, "shown": bool(shown), "finished": bool(finished), "step": str(step), "authority": str(authority)}:
            return Memory(shown, finished, Step(step), authority)
    raise ValueError("not what was kept")
