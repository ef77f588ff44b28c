"""What a person must know of a site's name before they trust it (pure)."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

from tray.pin_window.legible import legible

_PREFIX = "xn--"


class Caution(Enum):
    """Why the name deserves a second look."""

    FOREIGN = "foreign"
    """Letters beyond a to z, which can look like others (RFC 5890 §4.4)."""
    UNREADABLE = "unreadable"
    """Says that it holds such letters, and does not."""
    UNENCRYPTED = "unencrypted"


class Name(NamedTuple):
    origin: str
    """In full, punycode and all: two different origins never look alike."""
    decoded: str | None
    """Its host with the letters that punycode stands for; None: there is no punycode, or it cannot be read."""
    caution: Caution | None


def describe(origin: str) -> Name:
    host = urlsplit(origin).hostname or ""
    labels = host.split(".")
    if not any(label.startswith(_PREFIX) for label in labels):
        return Name(origin, None, Caution.UNENCRYPTED if origin.startswith("http:") else None)
    decoded = [_decoded(label) for label in labels]
    if None in decoded:
        return Name(origin, None, Caution.UNREADABLE)
    return Name(origin, legible(".".join(filter(None, decoded))), Caution.FOREIGN)


def _decoded(label: str) -> str | None:
    """RFC 3492; None for what no encoder writes."""
    if not label.startswith(_PREFIX):
        return label
    encoded = label.removeprefix(_PREFIX)
    try:
        text = encoded.encode("ascii").decode("punycode")
        again = text.encode("punycode").decode("ascii")
    except UnicodeError:
        return None
    return text if again == encoded and not text.isascii() else None
