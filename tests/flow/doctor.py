"""`card-bridge doctor` as a help desk runs it, and its lines by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    ok: bool
    en: str
    ja: str


class Told(NamedTuple):
    status: int
    lines: dict[str, list[Line]]
    """By the name of the check."""
    text: str
    """Everything that was printed."""

    def only(self, name: str) -> Line:
        """Of a check that has one line."""
        (line,) = self.lines.get(name, [])
        return line


def ask(config: Path, *options: str, around: Sequence[str] = (), **environment: str) -> Told:
    """`around`: a command that runs the doctor's."""
    own = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "doctor", "--json", "--config", str(config), *options]
    env = {**os.environ, **environment}
    done = subprocess.run(
        [*around, *own], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stderr == "" or {"--fix", "--bundle"} & {*options}, done.stderr  # these tell what they do
    lines: dict[str, list[Line]] = {}
    for line in json.loads(done.stdout):
        lines.setdefault(line["check"], []).append(Line(line["ok"], line["text"]["en"], line["text"]["ja"]))
    return Told(done.returncode, lines, done.stdout)


def settings(folder: Path, **bridge: str | int) -> Path:
    """A settings file with every folder in the test's."""
    file = folder / "bridge.toml"
    own = "".join(f"{key} = {json.dumps(value)}\n" for key, value in bridge.items())
    folders = "".join(f'[{key}]\ndirectory = "{folder / key}"\n' for key in ("tls", "log", "audit"))
    file.write_text(
        f'[bridge]\n{own}{folders}[card]\nmodules = []\ndirectory = "{folder / "card"}"\n'
        f'[origins]\ngrants = "{folder}"\n',
        encoding="utf-8",
    )
    return file
