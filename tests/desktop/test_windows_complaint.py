"""A bridge that is started without a terminal, as at log-on, says in a window why it cannot start."""

from __future__ import annotations

import contextlib
import subprocess

import pytest

from tests.desktop import wine
from tests.desktop.display import NoWindow, find_window, press, wait_gone
from tests.desktop.registry import LIBRARIES, windows_path
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

START = """
import sys, winreg
path = r"SOFTWARE\\Policies\\CardBridge\\origins"
with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY) as key:
    winreg.SetValueEx(key, "lockd", 0, winreg.REG_DWORD, 1)
sys.path.append(sys.argv[1])
from bridge import settings
settings.language = lambda *_: sys.argv[2]
from tray.app import run
sys.stderr = None
status = run([])
winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, path, winreg.KEY_WOW64_64KEY)
sys.exit(status)
"""


@pytest.mark.parametrize(("language", "title"), [("ja", "カードブリッジ"), ("en", "Card Bridge")])
def test_a_wrong_policy_is_said_in_a_window(system: System, language: str, title: str) -> None:
    wine.start_services(system.env)
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", START, windows_path(LIBRARIES), language]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=system.env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            find_window(system.env, f"^{title}$", 120)
            _confirm(system, f"^{title}$")
            assert process.wait(60) == 2, process.communicate()
        finally:
            process.kill()


def _confirm(system: System, title: str) -> None:
    """A key that comes before Wine knows of the focus is lost: again, until the window is gone."""
    for _ in range(30):
        press(system.env, "Return")
        with contextlib.suppress(NoWindow):
            wait_gone(system.env, title, 1)
            return
    raise NoWindow(title)
