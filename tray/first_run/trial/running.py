"""Which port the person's own bridge listens on: the one that its root certificate vouches for."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_ANSWER_SECONDS: Final = 2.0


def of(ports: Iterable[int], root: Path) -> int | None:
    """None: it does not run. Another bridge, with another root, is none of ours."""
    try:
        context = ssl.create_default_context(cafile=str(root))
    except OSError:
        return None
    return next((port for port in ports if _answers(port, context)), None)


def _answers(port: int, context: ssl.SSLContext) -> bool:
    connection = http.client.HTTPSConnection("localhost", port, timeout=_ANSWER_SECONDS, context=context)
    try:
        connection.request("GET", "/openapi.json")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
