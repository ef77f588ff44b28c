"""The trust folders as loaded: anchors, intermediate CA certificates and revocation lists, each file checked.

What a sender puts beside a leaf never comes in here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko_certvalidator.authority import CertTrustAnchor, derive_quals_from_cert

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import floors
from portal.signatures.cms import load as load_certificate

_CERTIFICATES = frozenset({".pem", ".cer", ".crt", ".der"})
_CRLS = frozenset({".crl", ".pem", ".der"})
_RESPONSES = frozenset({".ocsp", ".ors"})
MAX_FILE_SIZE = 64 * 1024 * 1024  # a list of a million entries has some 40 MB
# What the validator lets through instead of its own errors when a certificate's fields are of unexpected kinds
# (a TypeError for otherName constraints, for one).
STUMBLES = (
    *(TypeError, ValueError, KeyError, AttributeError, IndexError, NotImplementedError, RecursionError),
    # cryptography's own, none of which is a ValueError
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm),
)


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


class Response(NamedTuple):
    """An OCSP response as loaded (RFC 6960): the certificates that it speaks of, and since and until when."""

    der: bytes
    sha256: str
    serials: frozenset[int]
    this_update: datetime
    next_update: datetime | None
    parsed: Any


class Material(NamedTuple):
    stamp: object
    anchors: tuple[CertTrustAnchor, ...]
    intermediates: tuple[asn1_x509.Certificate, ...]
    crls: tuple[Crl, ...]
    responses: tuple[Response, ...] = ()


def load(folders: TrustFolders, known: Material | None = None) -> Material:
    """Everything but past lists; a list that is `known` already is not parsed again. Raises TrustError."""
    seen = stamp(folders)  # before reading: a change while we read is found at the next use
    parsed = {crl.sha256: crl for crl in known.crls} if known else {}
    crls = tuple(read_crl(path, der, parsed) for path, der in _ders(folders.crls, _CRLS))
    return Material(
        seen,
        tuple(_anchor(path, der) for path, der in _ders(folders.anchors, _CERTIFICATES)),
        tuple(read_certificate(path, der) for path, der in _intermediates(folders)),
        # pyhanko-certvalidator lets a list be signed with any hash
        tuple(crl for crl in crls if floors.signs_well(crl.parsed["signature_algorithm"])),
        tuple(filter(_signed_well, (_response(path, der) for path, der in _ders(folders.crls, _RESPONSES)))),
    )


def authorities(folders: TrustFolders) -> tuple[asn1_x509.Certificate, ...]:
    """The CA certificates alone, whatever the folder of lists holds. Raises TrustError."""
    both = (*_ders(folders.anchors, _CERTIFICATES), *_intermediates(folders))
    return tuple(read_certificate(path, der) for path, der in both)


def _intermediates(folders: TrustFolders) -> Iterable[tuple[Path, bytes]]:
    yield from _ders(folders.intermediates, _CERTIFICATES)
    if folders.fetched is not None:
        yield from _ders(folders.fetched, _CERTIFICATES)


def past_lists(folders: TrustFolders) -> tuple[Crl, ...]:
    """Revocation lists of earlier times, read when they are asked for: few ask, and they may be many.

    Raises TrustError.
    """
    return tuple(read_crl(path, der) for path, der in _ders(folders.past_crls, _CRLS))


def stamp(folders: TrustFolders) -> object:
    """What changes with any file of the folders; looked at for each certificate, so without a path object a file."""
    return (
        _folder_stamp(folders.anchors, _CERTIFICATES),
        _folder_stamp(folders.intermediates, _CERTIFICATES),
        [] if folders.fetched is None else _folder_stamp(folders.fetched, _CERTIFICATES),
        _folder_stamp(folders.crls, _CRLS | _RESPONSES),
    )


def _folder_stamp(folder: Path, suffixes: frozenset[str]) -> object:
    names = tuple(suffixes)
    try:
        with os.scandir(folder) as entries:
            return sorted(_file_stamp(each) for each in entries if each.name.lower().endswith(names))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file_stamp(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    try:
        status = entry.stat()
    except FileNotFoundError:  # taken away between listing and looking
        return entry.name, 0, 0, 0
    return entry.name, status.st_mtime_ns, status.st_size, status.st_ino


def _files(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)


def _ders(folder: Path, suffixes: frozenset[str]) -> Iterable[tuple[Path, bytes]]:
    for path in _files(folder, suffixes):
        try:
            data = _read(path)
            blocks = [der for _, _, der in asn1_pem.unarmor(data, multiple=True)] if asn1_pem.detect(data) else [data]
        except (OSError, ValueError) as error:
            raise TrustError(f"{path}: {error}") from error
        for der in blocks:
            yield path, der


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_SIZE + 1)
    if len(data) > MAX_FILE_SIZE:
        raise TrustError(f"{path}: more than {MAX_FILE_SIZE} bytes")
    return data


def read_certificate(path: Path, der: bytes) -> asn1_x509.Certificate:
    """A CA certificate as it may be configured. Raises TrustError, naming the path."""
    try:
        load_certificate(der)
        certificate = asn1_x509.Certificate.load(der, strict=True)
        key_counts = floors.long_enough(certificate.public_key)
        _ = certificate.subject.hashable, certificate.issuer.hashable  # asn1crypto parses on first use
    except (Refused, *STUMBLES) as error:
        raise TrustError(f"{path}: not a certificate") from error
    if certificate.dump() != der:  # asn1crypto on unique identifiers with unused bits: evidence has to be exact
        raise TrustError(f"{path}: cannot be kept byte by byte")
    if not key_counts:
        raise TrustError(f"{path}: a key of a kind or size that does not count")
    return certificate


def _anchor(path: Path, der: bytes) -> CertTrustAnchor:
    certificate = read_certificate(path, der)
    try:
        # The anchor's own constraints, which the validator ignores unless they are derived here.
        derived = derive_quals_from_cert(certificate)
    except STUMBLES as error:
        raise TrustError(f"{path}: constraints of a kind that cannot be checked") from error
    # It counts both lengths down when it has one, and fails where the other is None.
    return CertTrustAnchor(certificate, replace(derived, max_aa_path_length=derived.max_path_length))


def read_crl(path: Path, der: bytes, known: Mapping[str, Crl] = MappingProxyType({})) -> Crl:
    """A revocation list; one that is `known` (by SHA-256) is not parsed again. Raises TrustError, naming the path."""
    sha256 = hashlib.sha256(der).hexdigest()
    if sha256 in known:
        return known[sha256]
    try:
        return _crl(der, sha256)
    except STUMBLES as error:
        raise TrustError(f"{path}: not a revocation list") from error


def _crl(der: bytes, sha256: str) -> Crl:
    loaded = x509.load_der_x509_crl(der)
    parsed = asn1_crl.CertificateList.load(der, strict=True)
    numbers = [each.value.crl_number for each in loaded.extensions if isinstance(each.value, x509.CRLNumber)]
    return Crl(
        der,
        sha256,
        parsed.issuer.hashable,
        str(numbers[0]) if numbers else None,
        loaded.last_update_utc,
        loaded.next_update_utc,
        parsed,
        loaded,
    )


def _response(path: Path, der: bytes) -> Response:
    try:
        parsed = asn1_ocsp.OCSPResponse.load(der, strict=True)
        answers = list(parsed.response_data["responses"])
        times = [(each["this_update"].native, each["next_update"].native) for each in answers]
        serials = frozenset(each["cert_id"]["serial_number"].native for each in answers)
        ends = [end for _, end in times if end is not None]
        since, until = max(start for start, _ in times), min(ends) if len(ends) == len(times) else None
    except STUMBLES as error:
        raise TrustError(f"{path}: not an OCSP response") from error
    return Response(der, hashlib.sha256(der).hexdigest(), serials, since, until, parsed)


def _signed_well(response: Response) -> bool:
    return floors.signs_well(response.parsed.basic_ocsp_response["signature_algorithm"])
