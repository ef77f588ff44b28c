"""Whom the portal believes: configured anchors, intermediates and revocation lists, and the path from them to a leaf.

Paths are validated by pyhanko-certvalidator (RFC 5280 §6) with revocation required and nothing fetched. What a sender
puts beside the leaf is never offered to it: a stranger's CA certificates could only make path building slow.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from asn1crypto import crl as asn1_crl
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)

from portal.cms import load
from portal.refusals import Refused
from portal.settings import TrustFolders

_LOG = logging.getLogger(__name__)
# Each refusal is logged by us, once and without personal data; the validator's own lines carry tracebacks.
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

_CERTIFICATES = frozenset({".pem", ".cer", ".crt", ".der"})
_CRLS = frozenset({".crl", ".pem", ".der"})
# What the validator lets through instead of its own errors when a certificate's fields are of unexpected kinds
# (a TypeError for otherName constraints, for one).
_STUMBLES = (TypeError, ValueError, KeyError, AttributeError, NotImplementedError, RecursionError)


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


class Evidence(NamedTuple):
    """What a yes rests on: the chain from leaf to anchor (DER), the revocation lists consulted, the server's time."""

    chain: tuple[bytes, ...]
    crls: tuple[Crl, ...]
    time: datetime

    def record(self) -> dict[str, Any]:
        """As JSON: chain in base64; revocation lists by SHA-256, number and dates."""
        return {
            "chain": [base64.b64encode(certificate).decode() for certificate in self.chain],
            "crls": [_crl_record(crl) for crl in self.crls],
            "verifiedAt": self.time.isoformat(),
        }


class _Material(NamedTuple):
    stamp: object
    anchors: tuple[CertTrustAnchor, ...]
    intermediates: tuple[asn1_x509.Certificate, ...]
    crls: tuple[Crl, ...]


class Trust:
    """The trust folders, read at start and again whenever one of their files changes. Safe in several threads."""

    def __init__(self, folders: TrustFolders) -> None:
        """Raises TrustError when a file cannot be used."""
        self._folders = folders
        self._lock = threading.Lock()  # the validator's parsed certificates and lists fill themselves in lazily
        self._material = _load(folders)

    @property
    def anchors(self) -> int:
        """How many trust anchors there are: with none, no certificate is believed."""
        return len(self._material.anchors)

    def validate(self, leaf: bytes, now: datetime) -> Evidence:
        """The evidence that this certificate (DER) may sign here at this time. Raises Refused.

        Codes: certificate_untrusted, certificate_expired, certificate_not_yet_valid, key_usage, certificate_revoked,
        revocation_unavailable.
        """
        certificate = load(leaf)
        with self._lock:
            material = self._current()
            try:
                chain = _path(material, leaf, now)
            except (RevokedError, InsufficientRevinfoError) as error:
                _check_key_usage(certificate)  # the rung before revocation
                raise _refusal(error, certificate, now) from error
            except (ValidationError, PathBuildingError, *_STUMBLES) as error:
                raise _refusal(error, certificate, now) from error
        _check_key_usage(certificate)
        return Evidence(tuple(c.dump() for c in chain), _consulted(material, chain), now)

    def _current(self) -> _Material:
        try:
            if _stamp(self._folders) != self._material.stamp:
                self._material = _load(self._folders)
        except (TrustError, OSError) as error:
            # A half-copied file is usual while an officer works: what was loaded stays until all can be read.
            _LOG.error("trust folders not reloaded: %s", error)
        return self._material


def _path(material: _Material, leaf: bytes, now: datetime) -> tuple[asn1_x509.Certificate, ...]:
    """The certificates from leaf to anchor."""
    context = ValidationContext(
        trust_roots=material.anchors,
        other_certs=material.intermediates,
        crls=[crl.parsed for crl in material.crls],
        moment=now,
        allow_fetching=False,
        revocation_mode="require",
    )
    validator = CertificateValidator(asn1_x509.Certificate.load(leaf, strict=True), validation_context=context)
    path = asyncio.run(validator.async_validate_path())
    return tuple(reversed(list(path)))


def _refusal(error: Exception, certificate: x509.Certificate, now: datetime) -> Refused:
    fact = type(error).__name__
    match error:
        case RevokedError():
            return Refused("certificate_revoked", fact)
        case InsufficientRevinfoError():  # stale lists too
            return Refused("revocation_unavailable", fact)
        case ExpiredError() if certificate.not_valid_after_utc < now:
            return Refused("certificate_expired", fact)
        case NotYetValidError() if now < certificate.not_valid_before_utc:
            return Refused("certificate_not_yet_valid", fact)
    return Refused("certificate_untrusted", fact)


def _check_key_usage(certificate: x509.Certificate) -> None:
    """RFC 5280 §4.2.1.3: digitalSignature or nonRepudiation, on a certificate that is no CA's. Raises Refused."""
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


def _consulted(material: _Material, chain: tuple[asn1_x509.Certificate, ...]) -> tuple[Crl, ...]:
    """The lists of the issuers below the anchor: revocation is required of every certificate but the anchor."""
    issuers = {certificate.issuer.hashable for certificate in chain[:-1]}
    return tuple(crl for crl in material.crls if crl.issuer in issuers)


def _crl_record(crl: Crl) -> dict[str, Any]:
    return {
        "sha256": crl.sha256,
        "number": crl.number,
        "thisUpdate": crl.this_update.isoformat(),
        "nextUpdate": crl.next_update.isoformat() if crl.next_update else None,
    }


def _load(folders: TrustFolders) -> _Material:
    stamp = _stamp(folders)  # before reading: a change while we read is found at the next use
    return _Material(
        stamp,
        tuple(_anchor(path, der) for path, der in _ders(folders.anchors, _CERTIFICATES)),
        tuple(_certificate(path, der) for path, der in _ders(folders.intermediates, _CERTIFICATES)),
        tuple(_crl(path, der) for path, der in _ders(folders.crls, _CRLS)),
    )


def _stamp(folders: TrustFolders) -> object:
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
        load(der)
        return asn1_x509.Certificate.load(der, strict=True)
    except (Refused, ValueError) as error:
        raise TrustError(f"{path}: not a certificate") from error


def _anchor(path: Path, der: bytes) -> CertTrustAnchor:
    anchor = CertTrustAnchor(_certificate(path, der), derive_default_quals_from_cert=True)
    try:
        _ = anchor.trust_qualifiers  # the anchor's own name constraints, which are ignored unless derived here
    except _STUMBLES as error:
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
    )
