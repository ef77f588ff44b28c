"""Which certificates are roots of this program, whatever a trust store calls them. Standard library only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

COMMON_NAME: Final = "Card Bridge localhost CA "  # of the root; 16 hexadecimal digits of its key's digest follow
_NAME: Final = re.compile(re.escape(COMMON_NAME.encode()) + b"([0-9a-f]{16})")
_LONG: Final = 0x80
_FIELDS: Final = 7  # of TBSCertificate: version, serial, algorithm, issuer, validity, subject, key (RFC 5280 §4.1)


def is_ours(der: bytes) -> bool:
    """A root as `certs.authority` makes them: its name carries the digest of its own key, which nobody else's does."""
    if COMMON_NAME.encode() not in der:
        return False
    try:
        issuer, subject, key = _names_and_key(der)
    except ValueError:
        return False
    match = _NAME.search(subject)
    # RFC 5280 §4.2.1.2, method 1: SHA-1 names a key here and secures nothing.
    digest = hashlib.sha1(key, usedforsecurity=False).hexdigest()
    return match is not None and issuer == subject and digest.startswith(match[1].decode())


def short_name(der: bytes) -> str:
    """What a file that holds it is called: `card-bridge-` and 16 hexadecimal digits of the certificate's SHA-256."""
    return f"card-bridge-{hashlib.sha256(der).hexdigest()[:16]}"


def _names_and_key(der: bytes) -> tuple[bytes, bytes, bytes]:
    """Issuer, subject, and the key's bit string without the octet that counts unused bits. Raises ValueError."""
    [certificate] = _elements(der)
    fields = list(_elements(next(_elements(certificate), b"")))
    if len(fields) < _FIELDS:
        raise ValueError("no certificate of version 3")
    _, _, _, issuer, _, subject, key_info = fields[:_FIELDS]
    _, key = _elements(key_info)
    return issuer, subject, key[1:]


def _elements(data: bytes) -> Iterator[bytes]:
    """The contents of the DER elements that follow each other in `data`. Raises ValueError when one is cut off."""
    start = 0
    while start < len(data):
        header = data[start + 1 : start + 2]
        size = header[0] - _LONG if header and header[0] & _LONG else 0
        length = data[start + 2 : start + 2 + size] if size else header
        begin = start + 2 + size
        end = begin + int.from_bytes(length, "big")
        if not length or end > len(data):
            raise ValueError("cut off")
        yield data[begin:end]
        start = end
