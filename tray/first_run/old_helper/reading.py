"""Sites and libraries in the text of a settings file, whatever its format (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, NamedTuple

from bridge.consent.command import as_browsers_write
from bridge.origin import is_acceptable

LARGEST: Final = 1 << 20
"""Bytes of a file that is looked at; settings are far smaller."""
_ADDRESS: Final = re.compile(r"(?i)\b(?:https?|wss?)://[^\s\"'<>,;|()\[\]{}]+|\bhttps?://\[[0-9a-f:.]+\][^\s\"'<>,;|]*")
_USER: Final = re.compile(r"//[^/@]*@")
_LIBRARY: Final = re.compile(r"(?i)(?:[a-z]:[\\/]|/)[^\"'<>|*?\r\n=,;]*?\.(?:dll|so|dylib)\b")
_NAMESPACES: Final = ("schemas.", "www.w3.org", "xml.apache.org")
"""Hosts of XML's own names, which no list of sites means."""
# java.util.Properties, "load(Reader)": \uXXXX, and \ before a character that would else end a key.
_UNICODE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPED: Final = re.compile(r"\\([:=#!\\ ])")


class Found(NamedTuple):
    """`sites` as browsers write an origin; `refused`: addresses of which none can be made that the gate lets in."""

    sites: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def decoded(octets: bytes) -> str:
    """Windows programs of Japan write UTF-8, UTF-16 with its mark, or CP932; nothing else is tried."""
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", errors="replace")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("cp932", errors="replace")


def recognised(text: str, *, properties: bool = False) -> Found:
    """`properties`: escapes of Java's properties files are undone."""
    plain = _unescaped(text) if properties else text
    sites: dict[str, None] = {}
    refused: dict[str, None] = {}
    for address in _ADDRESS.findall(plain):
        origin = as_browsers_write(address)
        if is_acceptable(origin, development=False):
            sites[origin] = None
        elif not any(name in address for name in _NAMESPACES):
            refused[_USER.sub("//…@", address)] = None
    return Found(tuple(sites), tuple(refused), tuple(_libraries(plain)))


def joined(found: Iterable[Found]) -> Found:
    """Each thing once, in the order of the files."""
    several = list(found)
    sites, refused, libraries = (
        tuple(dict.fromkeys(each for one in several for each in getattr(one, field))) for field in Found._fields
    )
    return Found(sites, refused, libraries)


def _libraries(text: str) -> dict[str, None]:
    paths = (match.strip() for match in _LIBRARY.findall(text))
    return {path: None for path in paths if PureWindowsPath(path).is_absolute() or PurePosixPath(path).is_absolute()}


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", _UNICODE.sub(lambda match: chr(int(match[1], 16)), text))
