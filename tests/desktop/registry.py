"""Values in a Windows' registry, and what the bridge reads of them there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.desktop import wine
from tests.desktop.window import System
from tests.policy_editor import Entry

_PROGRAM = Path(__file__).with_name("windows_settings.py")
LIBRARIES = Path(__file__).parents[2] / ".stamps/windows-libraries"


def settings_with(system: System, entries: list[Entry]) -> dict[str, Any]:
    """`values` and `sources` by key, or `ja` and `en` of the error."""
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8"]
    paths = [windows_path(path) for path in (_PROGRAM, LIBRARIES)]
    done = subprocess.run(
        [*command, *paths], env=system.env, input=json.dumps(entries), capture_output=True, text=True,
        encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def windows_path(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")
