"""What a signer's certificate says that its key is for (RFC 5280 §4.2.1.3). Pure."""

from __future__ import annotations

from cryptography import x509

from portal.refusals import Refused


def check(certificate: x509.Certificate) -> None:
    """It may sign: digitalSignature or nonRepudiation, on a certificate that is no CA's. Raises Refused (key_usage)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise Refused("key_usage", "no key usage") from error
    if not (usage.digital_signature or usage.content_commitment):
        raise Refused("key_usage", "not for signatures")
    try:
        if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise Refused("key_usage", "a CA certificate")
    except x509.ExtensionNotFound:
        return  # absent: not a CA (§4.2.1.9)
