"""Mail addresses as they go to a mail server: closed forms, so that none can carry a second line or address. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_LOCAL = re.compile(r"[0-9A-Za-z!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOT_ATOM = re.compile(r"[^.]+(\.[^.]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[0-9A-Za-z-]{1,63}(\.[0-9A-Za-z-]{1,63})*")
_NAMED = re.compile(r"(?P<name>[^<>\"\\]*?) *<(?P<mailbox>[^<>]+)>")


class Named(NamedTuple):
    """An address with the name that stands before it, '' where there is none."""

    name: str
    mailbox: str


def mailbox(text: str) -> str:
    """The address in ASCII, its domain by IDNA. Raises ValueError for anything but one address.

    A local part that is no dot-atom (a..b, a.: Japanese carriers gave these out) is quoted (RFC 5321 §4.1.2).
    """
    local, _, domain = text.rpartition("@")
    domain = domain.encode("idna").decode("ascii")
    # "=?" begins an encoded word (RFC 2047), which a header's reader would take for other text.
    if _LOCAL.fullmatch(local) is None or "=?" in local or _DOMAIN.fullmatch(domain) is None:
        raise ValueError("expected one mail address")
    return f"{local}@{domain}" if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'


def is_mailbox(text: str) -> bool:
    """Whether `mailbox` takes it."""
    try:
        mailbox(text)
    except ValueError:
        return False
    return True


def named(text: str) -> Named:
    """An address with or without a name: `山口市電子入札 <no-reply@example.jp>`. Raises ValueError."""
    found = _NAMED.fullmatch(text)
    if found is None:
        return Named("", mailbox(text))
    if not found["name"].isprintable():
        raise ValueError("expected a name without control characters")
    return Named(found["name"], mailbox(found["mailbox"]))


def domain(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2]
