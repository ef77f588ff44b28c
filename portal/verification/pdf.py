"""Signatures in a PDF document (PAdES, ETSI EN 319 142-1), read offline; loads pyHanko, which only a command does and
the process that reads for 検証機能 (apart/).

Each signature goes three ways, and all must say yes: the strict reader of documents (document.py) on its CMS and the
bytes that it covers, pyHanko's validator on the file with what was added after the signature, and, by the caller, the
trust folders on the signer's certificate (verdicts.judge_pdf).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import struct
import zlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from asn1crypto import parser, x509
from pyhanko.pdf_utils.crypt.api import AuthStatus
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import KeyUsageConstraints, async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from portal.refusals import Refused
from portal.signatures import der, floors
from portal.verification import document, time_stamp
from portal.verification.opening import Opened, Read, Within

MAX_BYTES = 128 << 20
MAX_SIGNATURES = 200
# Each refusal is told by us; the library's own lines carry tracebacks.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
_READING = (
    *(PdfError, SigningError, SignatureValidationError, zlib.error, struct.error),
    *(TypeError, ValueError, LookupError, AttributeError, AssertionError, ArithmeticError, RuntimeError, EOFError),
    StopIteration,  # of a hybrid file's stream with nothing before it
)
_SIGNING = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


def open_file(path: Path, now: datetime) -> tuple[Read, ...]:
    """Every signature, in the order of signing. Raises OSError, Refused: pdf_malformed, pdf_unsigned, cms_size."""
    if (size := path.stat().st_size) > MAX_BYTES:
        raise Refused("cms_size", f"{size} bytes")
    with path.open("rb") as file:
        return open_stream(file, now)


Run = Callable[[Coroutine[Any, Any, PdfSignatureStatus]], PdfSignatureStatus]
"""How a coroutine is driven to its end."""


def open_stream(file: BinaryIO, now: datetime, run: Run = asyncio.run) -> tuple[Read, ...]:
    """The same of what is open already, however long it is. `run`: where no new event loop can be made, an old one."""
    with _reading():
        signatures = _opened(file).embedded_regular_signatures
        if not signatures:
            raise Refused("pdf_unsigned")
        if len(signatures) > MAX_SIGNATURES:
            raise Refused("cms_size", f"{len(signatures)} signatures")
        return tuple(_signature(each, now, run) for each in signatures)


@contextmanager
def _reading() -> Iterator[None]:
    """Raises Refused in place of whatever the library makes of a broken file."""
    try:
        yield
    except _READING as error:
        raise Refused("pdf_malformed", type(error).__name__) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # what it says of an offset before the file; all else is the disk's
            raise
        raise Refused("pdf_malformed", "an offset") from error


def _opened(file: BinaryIO) -> PdfFileReader:
    """Strict: what two viewers could read in two ways is not judged. Raises Refused, and what the library raises."""
    reader = PdfFileReader(file, strict=True)
    if reader.xrefs.hybrid_xrefs_present:
        raise Refused("pdf_malformed", "hybrid cross-references")
    if reader.encrypted and reader.decrypt("").status is AuthStatus.FAILED:
        raise Refused("pdf_malformed", "encrypted")
    return reader


def _signature(embedded: EmbeddedPdfSignature, now: datetime, run: Run) -> Read:
    name = str(embedded.field_name)
    try:
        with _reading():
            return Read(name, _open(embedded, now, run))
    except Refused as refusal:
        return Read(name, refusal)


def _open(embedded: EmbeddedPdfSignature, now: datetime, run: Run) -> Opened:
    """Raises Refused, and what the library raises."""
    _require_plain_room(embedded)
    signed = document.read(_unpadded(embedded.pkcs7_content), der.LARGEST, stamped=True)
    if signed.content is not None:
        raise Refused("cms_malformed", "a content of its own")
    document.verify(signed, _covered(embedded))
    stamp = None if signed.time_stamp is None else time_stamp.read(signed.time_stamp, signed.signature)
    status = run(_status(embedded, signed.signer, now))
    _require(status, last=embedded.signed_revision + 1 == embedded.reader.total_revisions)
    told = embedded.self_reported_timestamp
    when = told if isinstance(told, datetime) and told.tzinfo is not None else None  # a time of no zone says nothing
    added = status.coverage is not SignatureCoverageLevel.ENTIRE_FILE
    return Opened(signed.signer, signed.certificates, when, Within(added), stamp)


def _unpadded(contents: bytes) -> bytes:
    """The CMS without the zeros that fill its room (ISO 32000-2 §12.8.3.3.1). Raises Refused."""
    end = parser.peek(contents)
    if any(contents[end:]):
        raise Refused("cms_malformed", "something behind the CMS")
    return contents[:end]


def _require_plain_room(embedded: EmbeddedPdfSignature) -> None:
    """The digits of the CMS in one case, without space: written otherwise, it would be another file. Raises Refused."""
    _, start, end, _ = _byte_range(embedded)
    embedded.reader.stream.seek(start)
    room, digits = embedded.reader.stream.read(max(0, end - start)), embedded.pkcs7_content.hex()
    if room not in (f"<{digits}>".encode(), f"<{digits.upper()}>".encode()):
        raise Refused("pdf_malformed", "the room of the CMS")


def _byte_range(embedded: EmbeddedPdfSignature) -> list[int]:
    """Raises Refused for one that is not the file's from its begin around one gap."""
    numbers = [int(each) for each in embedded.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        raise Refused("pdf_malformed", "byte range")
    return numbers


def _covered(embedded: EmbeddedPdfSignature) -> bytes:
    """What the signature is over. Raises Refused."""
    numbers = _byte_range(embedded)
    stream, found = embedded.reader.stream, bytearray()
    for start, length in (numbers[:2], numbers[2:]):
        stream.seek(start)
        found += stream.read(length)
    return bytes(found)


async def _status(embedded: EmbeddedPdfSignature, signer: bytes, now: datetime) -> PdfSignatureStatus:
    """pyHanko's word on the file and its updates; the path is the trust folders', so the signer's is given here."""
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(signer)],
        moment=now,
        allow_fetching=False,
        revocation_mode="soft-fail",
        algorithm_usage_policy=floors.Algorithms(),
    )
    return await async_validate_pdf_signature(embedded, context, key_usage_settings=_SIGNING)


def _require(status: PdfSignatureStatus, *, last: bool) -> None:
    """`last`: no update follows the signed one, so that what does is nobody's. Raises Refused."""
    if not status.intact:
        raise Refused("digest_mismatch", "pyHanko")
    if not (status.valid and status.trusted and status.seed_value_ok):
        raise Refused("signature_invalid", "pyHanko")
    wanted = SignatureCoverageLevel.ENTIRE_FILE if last else SignatureCoverageLevel.ENTIRE_REVISION
    if status.coverage < wanted or not status.docmdp_ok:
        raise Refused("pdf_changed", status.coverage.name)
