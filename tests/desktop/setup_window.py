"""The window of the first run as a test holds it; its pictures: `python -m tests.desktop.setup_window DIR [NAME…]`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tests.desktop.display import Environment, display, find_window, screenshot, wait_gone
from tests.flow.bridge import Bridge, prepare
from tray.first_run import memory
from tray.first_run.course import Step
from tray.first_run.memory import Memory

TITLES = "初期設定|Set up"
_OLD = "url1=https://ebid.example.jp/CALS/\nurl2=https://test.example.jp:8443/\nurl3=http://plain.example.jp/\n"


class SetupWindow:
    """A person's account, and the window in it."""

    def __init__(self, env: Environment, folder: Path, language: str = "ja", step: Step = Step.TRUST) -> None:
        self.bridge: Bridge = prepare(folder)
        self.folder, self.env = folder, env
        sites = {"allowed": [], "locked": False, "window": []}
        self.bridge._write_settings({"bridge": {"language": language}, "origins": sites, "pin": {"window": []}})
        memory.keep(self._kept, Memory(shown=True, step=step))
        (folder / "home").mkdir()
        self.old = folder / "ebid.properties"
        self.old.write_text(_OLD, encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def _kept(self) -> Path:
        return self.folder / "setup.json"

    def open(self, *command: str) -> None:
        self.process = self.start(*command, stdout=None)

    def start(self, *command: str, stdout: int | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Once more, it may be."""
        config = ("--config", str(self.folder / "bridge.toml"), "--old", str(self.old))
        whole = command or (sys.executable, "-X", "utf8", "-m", "tray.first_run.window")
        env = {**self.env, "HOME": str(self.folder / "home"), "XDG_DATA_HOME": "", "TMPDIR": str(self.folder)}
        return subprocess.Popen([*whole, *config], env=env, stdout=stdout)

    def remembered(self) -> Memory:
        return memory.recall(self._kept)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Picture(NamedTuple):
    name: str
    language: str
    step: Step
    environment: Mapping[str, str] = MappingProxyType({})


_LARGE = MappingProxyType({"QT_FONT_DPI": "168"})
PICTURES = (
    *(Picture(f"setup-{step}-{language}", language, step) for step in Step for language in ("ja", "en")),
    Picture("setup-large-ja", "ja", Step.SOFTWARE, _LARGE),
)
_LOOKING_SECONDS = 12.0
"""By then every step has been looked at."""


def main(directory: Path, names: Sequence[str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with display() as screen:
        for picture in PICTURES:
            if not names or picture.name in names:
                with tempfile.TemporaryDirectory() as folder:
                    env = {**screen, **picture.environment}
                    window = SetupWindow(env, Path(folder), picture.language, picture.step)
                    window.open()
                    shown = find_window(screen, TITLES, 60)
                    time.sleep(_LOOKING_SECONDS)
                    screenshot(screen, directory / f"{picture.name}.png", shown)
                    window.end()
                    wait_gone(screen, TITLES)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
