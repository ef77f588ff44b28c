"""A time-stamp token in the CMS that it stamps: signature-time-stamp (RFC 3161 appendix A, ETSI EN 319 122-1 §5.3).

The CMS is our own card host's, of one fixed shape; it is taken apart along that shape and put together again (pure).
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.card.signature.der import EXPLICIT_0, EXPLICIT_1, OCTETS, SEQUENCE, SET, head, oid, tlv

_SIGNATURE_TIME_STAMP = oid("1.2.840.113549.1.9.16.2.14")
_SIGNED_ATTRIBUTES, _SIGNATURE = 3, 5


class NotOurs(ValueError):
    """Bytes of another shape than the card host's CMS."""


class _Opened(NamedTuple):
    """`inside`: what stands in SignedData before signerInfos. `parts`: the SignerInfo's elements."""

    content_type: bytes
    inside: bytes
    parts: tuple[bytes, ...]


def signature_value(cms: bytes) -> bytes:
    """The contents of the only signer's signature, which a time-stamp covers. Raises NotOurs."""
    value = _opened(cms).parts[_SIGNATURE]
    return value[head(value, 0).start :]


def with_token(cms: bytes, token: bytes) -> bytes:
    """The same CMS with the token as its only unsigned attribute. Raises NotOurs."""
    opened = _opened(cms)
    attribute = tlv(SEQUENCE, _SIGNATURE_TIME_STAMP, tlv(SET, token))
    signer_info = tlv(SEQUENCE, *opened.parts, tlv(EXPLICIT_1, attribute))
    signed_data = tlv(SEQUENCE, opened.inside, tlv(SET, signer_info))
    return tlv(SEQUENCE, opened.content_type, tlv(EXPLICIT_0, signed_data))


def _opened(cms: bytes) -> _Opened:
    try:
        content_type, explicit = _elements(_only(cms, SEQUENCE), 2)
        signed_data = _only(_only(explicit, EXPLICIT_0), SEQUENCE)
        *inside, infos = _elements(signed_data, 5)
        parts = _elements(_only(_only(infos, SET), SEQUENCE), 6)
    except IndexError as error:
        raise NotOurs("cut off") from error
    if parts[_SIGNED_ATTRIBUTES][0] != EXPLICIT_0 or parts[_SIGNATURE][0] != OCTETS:
        raise NotOurs("another SignerInfo")
    return _Opened(content_type, b"".join(inside), parts)


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
