"""CAs of one name with several keys, as after a CA renewed its key: of these, those that signed on the way to a leaf.

pyhanko-certvalidator looks the issuer of a revocation list up by name, and with a namesake's certificate the list's
signature does not hold: now and then a valid card would be refused (revocation_unavailable).
"""

from __future__ import annotations

from collections.abc import Iterable

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from portal.signatures.cms import load
from portal.signatures.trust_folders import Crl, Material


def without_namesakes(material: Material, leaf: x509.Certificate) -> Material:
    """What is left: every CA whose name is its own, and of the others those that the leaf's path can use."""
    authorities = [*(anchor.certificate for anchor in material.anchors), *material.intermediates]
    shared = _shared(authorities)
    if not shared:
        return material
    signers = _signers(leaf, authorities)

    def is_used(authority: asn1_x509.Certificate) -> bool:
        return authority.subject.hashable not in shared or authority in signers

    def is_theirs(crl: Crl) -> bool:
        return crl.issuer not in shared or any(crl.signed_by(load(each.dump()).public_key()) for each in signers)

    return material._replace(
        anchors=tuple(anchor for anchor in material.anchors if is_used(anchor.certificate)),
        intermediates=tuple(filter(is_used, material.intermediates)),
        crls=tuple(filter(is_theirs, material.crls)),
    )


def issued(certificate: x509.Certificate, authority: asn1_x509.Certificate) -> bool:
    """Whether this authority's key signed the certificate, and its name stands there as the issuer's."""
    try:
        certificate.verify_directly_issued_by(load(authority.dump()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):  # TypeError: a key that signs nothing
        return False
    return True


def _shared(authorities: Iterable[asn1_x509.Certificate]) -> set[str]:
    keys: dict[str, set[bytes]] = {}
    for each in authorities:
        keys.setdefault(each.subject.hashable, set()).add(each.public_key.dump())
    return {name for name, found in keys.items() if len(found) > 1}


def _signers(leaf: x509.Certificate, authorities: list[asn1_x509.Certificate]) -> list[asn1_x509.Certificate]:
    """Who signed the leaf, who signed these, and so on."""
    found: list[asn1_x509.Certificate] = []
    waiting = [leaf]
    while waiting:
        certificate = waiting.pop()
        new = [each for each in authorities if each not in found and issued(certificate, each)]
        found += new
        waiting += [load(each.dump()) for each in new]
    return found
