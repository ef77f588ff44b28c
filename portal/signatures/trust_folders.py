"""The trust folders as loaded: anchors, intermediate CA certificates and revocation lists, each file checked.

What a sender puts beside a leaf never comes in here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from asn1crypto import crl as asn1_crl
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko_certvalidator.authority import CertTrustAnchor

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures.cms import load as load_certificate

_CERTIFICATES = frozenset({".pem", ".cer", ".crt", ".der"})
_CRLS = frozenset({".crl", ".pem", ".der"})
# What the validator lets through instead of its own errors when a certificate's fields are of unexpected kinds
# (a TypeError for otherName constraints, for one).
STUMBLES = (TypeError, ValueError, KeyError, AttributeError, NotImplementedError, RecursionError)


class TrustError(Exception):
    """A file of the trust folders cannot be used; the text names it."""


class Crl(NamedTuple):
    """A revocation list as loaded: issuer in a form that compares (RFC 5280 §7.1), CRL number in decimal or None."""

    der: bytes
    sha256: str
    issuer: str
    number: str | None
    this_update: datetime
    next_update: datetime | None
    parsed: Any
    loaded: x509.CertificateRevocationList

    def names(self, serial: int) -> bool:
        return self.loaded.get_revoked_certificate_by_serial_number(serial) is not None

    def signed_by(self, key: object) -> bool:
        # The kinds of key that the ladder knows; another cannot have been on an accepted path.
        return isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey) and self.loaded.is_signature_valid(key)


class Material(NamedTuple):
    stamp: object
    anchors: tuple[CertTrustAnchor, ...]
    intermediates: tuple[asn1_x509.Certificate, ...]
    crls: tuple[Crl, ...]


def load(folders: TrustFolders) -> Material:
    """Everything but past lists. Raises TrustError."""
    seen = stamp(folders)  # before reading: a change while we read is found at the next use
    return Material(
        seen,
        tuple(_anchor(path, der) for path, der in _ders(folders.anchors, _CERTIFICATES)),
        tuple(_certificate(path, der) for path, der in _ders(folders.intermediates, _CERTIFICATES)),
        tuple(_crl(path, der) for path, der in _ders(folders.crls, _CRLS)),
    )


def past_lists(folders: TrustFolders) -> tuple[Crl, ...]:
    """Revocation lists of earlier times, read when they are asked for: few ask, and they may be many.

    Raises TrustError.
    """
    return tuple(_crl(path, der) for path, der in _ders(folders.past_crls, _CRLS))


def stamp(folders: TrustFolders) -> object:
    """What changes with any file of the folders."""
    files = [*_files(folders.anchors, _CERTIFICATES), *_files(folders.intermediates, _CERTIFICATES)]
    return tuple(_file_stamp(path) for path in (*files, *_files(folders.crls, _CRLS)))


def _file_stamp(path: Path) -> object:
    try:
        status = path.stat()
    except FileNotFoundError:  # taken away between listing and looking
        return path, None
    return path, status.st_mtime_ns, status.st_size, status.st_ino


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)


def _ders(folder: Path, suffixes: frozenset[str]) -> Iterable[tuple[Path, bytes]]:
    for path in _files(folder, suffixes):
        try:
            data = path.read_bytes()
            blocks = [der for _, _, der in asn1_pem.unarmor(data, multiple=True)] if asn1_pem.detect(data) else [data]
        except (OSError, ValueError) as error:
            raise TrustError(f"{path}: {error}") from error
        for der in blocks:
            yield path, der


def _certificate(path: Path, der: bytes) -> asn1_x509.Certificate:
    try:
        load_certificate(der)
        return asn1_x509.Certificate.load(der, strict=True)
    except (Refused, ValueError) as error:
        raise TrustError(f"{path}: not a certificate") from error


def _anchor(path: Path, der: bytes) -> CertTrustAnchor:
    anchor = CertTrustAnchor(_certificate(path, der), derive_default_quals_from_cert=True)
    try:
        _ = anchor.trust_qualifiers  # the anchor's own name constraints, which are ignored unless derived here
    except STUMBLES as error:
        raise TrustError(f"{path}: constraints of a kind that cannot be checked") from error
    return anchor


def _crl(path: Path, der: bytes) -> Crl:
    try:
        loaded = x509.load_der_x509_crl(der)
        parsed = asn1_crl.CertificateList.load(der, strict=True)
    except ValueError as error:
        raise TrustError(f"{path}: not a revocation list") from error
    try:
        number: str | None = str(loaded.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except x509.ExtensionNotFound:
        number = None
    return Crl(
        der,
        hashlib.sha256(der).hexdigest(),
        parsed.issuer.hashable,
        number,
        loaded.last_update_utc,
        loaded.next_update_utc,
        parsed,
        loaded,
    )
