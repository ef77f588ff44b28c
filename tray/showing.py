"""A second start shows what the first one has to say: its status page, in the person's browser."""

from __future__ import annotations

import http.client
import ssl
import webbrowser
from pathlib import Path

from bridge.doors.listener import PORTS
from bridge.settings import Settings
from tray.places import tls_directory

_ANSWER_SECONDS = 5.0


def show_running(loaded: Settings) -> bool:
    """Whether a bridge of this person was found, and a browser told of it."""
    root = tls_directory(loaded) / "root.pem"
    ports = [loaded.bridge.port] if loaded.bridge.port else list(PORTS)
    found = next((port for port in ports if _answers(port, root)), None)
    return found is not None and webbrowser.open(f"https://localhost:{found}/")


def _answers(port: int, root: Path) -> bool:
    """Another person's bridge has another root, and one of another session refuses us (docs/decisions/0049)."""
    try:
        trusting = ssl.create_default_context(cafile=str(root))
        connection = http.client.HTTPSConnection("localhost", port, timeout=_ANSWER_SECONDS, context=trusting)
        try:
            connection.request("HEAD", "/")
            return connection.getresponse().status == http.client.OK
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False
