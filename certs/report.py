"""What `card-bridge certs` prints."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from certs import context, store
from certs.errors import CertificatesError
from certs.texts import Language, text
from certs.trust import Presence

_DAY = 86400
_SOON = 365  # days


def say(language: Language, key: str, **facts: object) -> None:
    print(text(language, key, **facts))


def complain(language: Language, key: str, **facts: object) -> None:
    print(text(language, key, **facts), file=sys.stderr)


def mention(error: CertificatesError) -> None:
    print(error, file=sys.stderr)


def fingerprint(root: bytes) -> str:
    return hashlib.sha256(root).digest().hex(":").upper()  # as browsers show it


def certificates(language: Language, found: store.Certificates, now: float) -> None:
    say(language, f"for.{found.scope.value}")
    say(language, "root", fingerprint=fingerprint(found.root))
    if found.copied:
        say(language, "copied")
    count = len(found.leaves)
    for n, leaf in enumerate(found.leaves, 1):
        mark = text(language, "in_use") if leaf == context.current(found.leaves, now) else ""
        start, end = (datetime.fromtimestamp(moment, UTC).date() for moment in (leaf.not_before, leaf.not_after))
        say(language, "window", n=n, count=count, start=start, end=end, now=mark)
    days = int((found.leaves[-1].not_after - now) // _DAY)
    if days < _SOON:
        say(language, "last", days=days)


def presences(language: Language, found: Iterable[Presence]) -> None:
    for presence in found:
        say(language, "trusted" if presence.trusted else "untrusted", place=presence.place)
        if presence.trouble is not None:
            print(f"  {presence.trouble.text(language)}")
        for name in presence.others:
            say(language, "other", name=name)
