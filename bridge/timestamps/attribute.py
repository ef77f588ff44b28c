"""A time-stamp token in the CMS that it stamps: signature-time-stamp (RFC 3161 appendix A, ETSI EN 319 122-1 §5.3).

The CMS is our own card host's, of one fixed shape, whole or as what stands around a document; it is taken apart along
that shape and put together again (pure).
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.card.signature.der import EXPLICIT_0, EXPLICIT_1, OCTETS, SEQUENCE, SET, head, oid, opened, tlv

_SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_SIGNATURE_TIME_STAMP = oid("1.2.840.113549.1.9.16.2.14")
_SIGNED_ATTRIBUTES, _SIGNATURE = 3, 5


class NotOurs(ValueError):
    """Bytes of another shape than the card host's CMS."""


class Around(NamedTuple):
    """`rest`: certificates and signerInfos. `begun`: all before them but the document, where that is elsewhere."""

    begun: bytes
    rest: bytes


def split(cms: bytes) -> Around:
    """A whole CMS. Raises NotOurs."""
    try:
        at = _signed_data(cms)
        if head(cms, 0).end != len(cms):
            raise NotOurs("another length")
        for _ in range(3):  # version, digestAlgorithms, encapContentInfo
            at = head(cms, at).end
    except IndexError as error:
        raise NotOurs("cut off") from error
    return Around(cms[:at], cms[at:])


def signature_value(around: Around) -> bytes:
    """The contents of the only signer's signature, which a time-stamp covers. Raises NotOurs."""
    _, parts = _rest(around)
    value = parts[_SIGNATURE]
    return value[head(value, 0).start :]


def stamped(around: Around, token: bytes) -> Around:
    """The same with the token as its only unsigned attribute. Raises NotOurs."""
    certificates, parts = _rest(around)
    attribute = tlv(SEQUENCE, _SIGNATURE_TIME_STAMP, tlv(SET, token))
    rest = certificates + tlv(SET, tlv(SEQUENCE, *parts, tlv(EXPLICIT_1, attribute)))
    at = _signed_data(around.begun)
    elsewhere = head(around.begun, 0).end - len(around.begun) - len(around.rest)
    if elsewhere < 0:
        raise NotOurs("another length")
    after = elsewhere + len(rest)
    signed_data = opened(EXPLICIT_0, opened(SEQUENCE, around.begun[at:], after), after)
    return Around(opened(SEQUENCE, _SIGNED_DATA + signed_data, after), rest)


def _signed_data(cms: bytes) -> int:
    """Where the contents of SignedData begin, which reaches to the end of all around it. Raises NotOurs, IndexError."""
    whole = head(cms, 0)
    explicit = head(cms, whole.start + len(_SIGNED_DATA))
    inner = head(cms, explicit.start)
    tags = whole.tag, cms[whole.start : whole.start + len(_SIGNED_DATA)], explicit.tag, inner.tag
    if tags != (SEQUENCE, _SIGNED_DATA, EXPLICIT_0, SEQUENCE) or not whole.end == explicit.end == inner.end:
        raise NotOurs("another element")
    return inner.start


def _rest(around: Around) -> tuple[bytes, tuple[bytes, ...]]:
    """The certificates, and the only SignerInfo's elements."""
    try:
        certificates, infos = _elements(around.rest, 2)
        parts = _elements(_only(_only(infos, SET), SEQUENCE), 6)
    except IndexError as error:
        raise NotOurs("cut off") from error
    if certificates[0] != EXPLICIT_0 or parts[_SIGNED_ATTRIBUTES][0] != EXPLICIT_0 or parts[_SIGNATURE][0] != OCTETS:
        raise NotOurs("another SignerInfo")
    return certificates, parts


def _only(der: bytes, tag: int) -> bytes:
    """The contents of the one element that the bytes are."""
    found = head(der, 0)
    if found.tag != tag or found.end != len(der):
        raise NotOurs("another element")
    return der[found.start :]


def _elements(content: bytes, count: int) -> tuple[bytes, ...]:
    found, at = [], 0
    while at < len(content):
        end = head(content, at).end
        found.append(content[at:end])
        at = end
    if len(found) != count or at != len(content):
        raise NotOurs(f"{len(found)} elements for {count}")
    return tuple(found)
