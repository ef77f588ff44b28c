"""The folder of fetched CA certificates: what is put there leads to a configured CA, and goes when it does no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.refusals import Refused
from portal.revocation import ca_certificates, folder
from portal.revocation.acceptance import Unacceptable
from portal.revocation.settings import OWN_ISSUER
from portal.settings import TrustFolders
from portal.signatures import namesakes, trust_folders
from portal.signatures.cms import load

KEPT = 32
"""Files that strangers' certificates led to: path building grows with what it is offered."""


def keep(target: Path, found: list[bytes]) -> bool:
    """Puts certificates (DER) that lead to a configured CA, given from below, while there is room. Raises OSError."""
    target.mkdir(parents=True, exist_ok=True)
    here = {path.name for path in target.glob(f"{OWN_ISSUER}*.cer")}
    new = {file_of(each): each for each in found}
    if len(here | set(new)) > KEPT:
        raise OSError(f"{target} holds {len(here)} certificates already")
    for name, der in reversed(new.items()):  # from the top: each leads somewhere as soon as it is there
        folder.write(target / name, der)
    return True


def place(target: Path, data: bytes, authorities: Iterable[Any], now: datetime) -> bool:
    """Puts the one CA certificate that a source gave in its file; False: it is there already.

    Raises Unacceptable, OSError.
    """
    found = ca_certificates.read(data)
    if len(found) != 1:
        raise Unacceptable(f"{len(found)} certificates")
    (certificate,), before = found, folder.present(target)
    if before == certificate:
        return False
    ca_certificates.authority_of(certificate, now)
    if not _vouched(certificate, (each for each in authorities if each.dump() != before)):
        raise Unacceptable("not signed by a CA that is configured")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder.write(target, certificate)
    return True


def tidy(target: Path, trust: TrustFolders, now: datetime) -> list[str]:
    """Takes away what has ended, or leads to no configured CA any more; the names. Raises TrustError, OSError."""
    known = list(trust_folders.authorities(replace(trust, fetched=None)))
    here = {path: folder.present(path) or b"" for path in sorted(target.glob("*.cer"))}
    kept: set[Path] = set()
    while more := [path for path, der in here.items() if path not in kept and _counts(der, known, now)]:
        kept.update(more)
        known += [ca_certificates.authority_of(here[path], now) for path in more]
    gone = [path for path in here if path not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.name for path in gone]


def file_of(certificate: bytes) -> str:
    return f"{OWN_ISSUER}{hashlib.sha256(certificate).hexdigest()[:32]}.cer"


def _counts(certificate: bytes, known: Iterable[Any], now: datetime) -> bool:
    try:
        ca_certificates.authority_of(certificate, now)
    except Unacceptable:
        return False
    return _vouched(certificate, known)


def _vouched(certificate: bytes, authorities: Iterable[Any]) -> bool:
    try:
        loaded = load(certificate)
    except Refused:
        return False
    return any(namesakes.issued(loaded, each) for each in authorities)
