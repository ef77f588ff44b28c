"""Certificates one after the other in RFC 7468 text, as lists of authorities have them."""

from __future__ import annotations

import ssl
from typing import Final

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def certificates(text: str) -> list[bytes]:
    """DER of each; what stands between them is passed over."""
    parts = (_BEGIN + part.partition(_END)[0] + _END for part in text.split(_BEGIN)[1:])
    return [ssl.PEM_cert_to_DER_cert(part) for part in parts]
