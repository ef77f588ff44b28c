"""Pictures of the MSI's dialogs, once it is made: `python -m tests.windows.dialog_screenshots DIR`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.desktop.display import press, screenshot
from tests.windows.conftest import copied, prepare
from tests.windows.pc import PC, running
from tests.windows.test_dialogs import TITLES, answered, following, opened

_PAINTED_SECONDS = 1.5


def take(directory: Path) -> None:
    """DIR/installer-NAME-LANGUAGE.png: `welcome`, `end`, and where it is installed already, `again`."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare"
        prepare(bare)
        for language in TITLES:
            home = copied(bare, Path(folder) / language)
            with running(home) as pc:
                _take(pc, language, directory)


def _take(pc: PC, language: str, directory: Path) -> None:
    def picture(name: str, window: str) -> None:
        time.sleep(_PAINTED_SECONDS)
        screenshot(pc.env, directory / f"installer-{name}-{language}.png", window)

    program, welcome = opened(pc, language)
    picture("welcome", welcome)
    progress = answered(pc, "Return", TITLES[language], welcome)
    end = following(pc, TITLES[language], welcome, progress)
    picture("end", end)
    press(pc.env, "space", "Return")  # does not start the bridge
    program.end()
    program, again = opened(pc, language)
    picture("again", again)
    program.process.kill()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
