"""Which certificates are roots of this program, whatever a trust store calls them."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.authority import COMMON_NAME

_NAME: Final = re.compile(re.escape(COMMON_NAME) + "([0-9a-f]{16})")


def is_ours(der: bytes) -> bool:
    """A root as `certs.authority` makes them: its name carries the digest of its own key, which nobody else's does."""
    if COMMON_NAME.encode() not in der:
        return False
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return False
    match = _NAME.fullmatch(str(names[0].value)) if len(names) == 1 else None
    digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest.hex()
    return match is not None and certificate.subject == certificate.issuer and digest.startswith(match[1])


def short_name(der: bytes) -> str:
    """What a file that holds it is called: `card-bridge-` and 16 hexadecimal digits of the certificate's SHA-256."""
    return f"card-bridge-{hashlib.sha256(der).hexdigest()[:16]}"
