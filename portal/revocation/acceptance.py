"""Whether a fetched list may take the place of the one that is there. Pure.

The validator looks at each list again when it judges a card; what is asked here is that nothing in the folder gets
worse: not unsigned, not older, not over, not another list than the one that this file is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from portal.signatures import floors, trust_folders
from portal.signatures.cms import load
from portal.signatures.trust_folders import STUMBLES, Crl, TrustError

AHEAD = timedelta(minutes=5)
"""A CA's clock may be so far before ours."""


class Unacceptable(Exception):
    """The list stays outside; the text says why."""


class Scope(NamedTuple):
    """What a list speaks of: whose certificates, and which of them (RFC 5280 §5.2.4, §5.2.5)."""

    issuer: str
    points: bytes
    delta: bool


def judge(data: bytes, present: bytes | None, authorities: Iterable[Any], now: datetime) -> Crl | None:
    """The list when it should be put in place of the present one, None when it is that very list.

    `authorities` are the configured CA certificates (asn1crypto). Raises Unacceptable.
    """
    known = tuple(authorities)
    found = read(data)
    _check_signed(found, known)
    if found.this_update > now + AHEAD:
        raise Unacceptable("begins in the future")
    if found.next_update is None or found.next_update <= now:
        raise Unacceptable("has ended already")
    before = _standing(present, known)
    if before is None:
        return found
    if before.der == found.der:
        return None
    _check_newer(found, before)
    return found


def read(data: bytes) -> Crl:
    """One list, DER or PEM. Raises Unacceptable."""
    try:
        ders = [der for _, _, der in asn1_pem.unarmor(data, multiple=True)] if asn1_pem.detect(data) else [data]
        (der,) = ders
        return trust_folders.read_crl(Path("fetched"), der)
    except (TrustError, *STUMBLES) as error:
        raise Unacceptable("not a revocation list") from error


def scope(crl: Crl) -> Scope:
    extensions = {each.oid: each.value for each in crl.loaded.extensions}
    point = extensions.get(x509.IssuingDistributionPoint.oid)
    return Scope(crl.issuer, point.public_bytes() if point else b"", x509.DeltaCRLIndicator.oid in extensions)


def _standing(present: bytes | None, authorities: tuple[Any, ...]) -> Crl | None:
    """What has to be bettered: the present list, if it is one that counts."""
    if present is None:
        return None
    try:
        found = read(present)
        _check_signed(found, authorities)
    except Unacceptable:
        return None
    return found


def _check_signed(crl: Crl, authorities: tuple[Any, ...]) -> None:
    if not floors.signs_well(crl.parsed["signature_algorithm"]):
        raise Unacceptable("signed with an algorithm that does not count")
    if not any(crl.issuer == each.subject.hashable and _signed(crl, each) for each in authorities):
        raise Unacceptable("not signed by a CA that is configured")


def _signed(crl: Crl, authority: asn1_x509.Certificate) -> bool:
    usage = authority.key_usage_value
    if usage is not None and "crl_sign" not in usage.native:  # RFC 5280 §6.3.3 (f)
        return False
    return crl.signed_by(load(authority.dump()).public_key())


def _check_newer(found: Crl, before: Crl) -> None:
    if scope(found) != scope(before):
        raise Unacceptable("another list than the one that is there")
    numbers = [int(each.number) for each in (found, before) if each.number is not None]
    same = found.this_update == before.this_update
    if found.this_update < before.this_update or (len(numbers) == 2 and numbers[0] < numbers[1]):
        raise Unacceptable("older than the one that is there")
    if same and (len(numbers) < 2 or numbers[0] == numbers[1]):
        raise Unacceptable("differs from the one that is there, and is no newer")
