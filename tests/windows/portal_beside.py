"""The practice portal on Linux, for a bridge on a Windows beside it, and a browser that trusts both."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from certs import store
from tests.browser import chromium
from tests.desktop.display import Environment
from tests.running_demo import PRACTICE_PIN, RunningDemo, free_port
from tray import demo

_COMMAND = (sys.executable, "-X", "utf8", "-m", "bridge.cli", "portal")


@contextlib.contextmanager
def portal(root: Path, card: Path, bridge_root: bytes, screen: Environment) -> Iterator[RunningDemo]:
    """Serving on a port of its own until the end. `card`: the practice card's folder. `bridge_root`: DER."""
    place, port = demo.Place(root), free_port()
    anchor = card / "ca.pem"
    demo.prepare(place, demo.Card(True, (), anchor, card / "ca.crl", PRACTICE_PIN), port)
    chromium.trust(root / "browser", bridge_root, store.load(place.portal_tls).root)
    configured = ("--config", str(place.portal_config))
    subprocess.run([*_COMMAND, "init", "--samples", *configured], check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen([*_COMMAND, "serve", *configured], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield RunningDemo(root, _ready(process), PRACTICE_PIN, anchor, screen, hidden=False)
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[str]) -> str:
    """The portal's address. Raises RuntimeError when the program ends before it says so."""
    assert process.stdout is not None
    for line in process.stdout:
        if " ready " in line:
            return line.rpartition(" ")[2].strip()
    raise RuntimeError(f"the portal ended with status {process.wait()}")
