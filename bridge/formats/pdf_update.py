"""The incremental update that makes room for a signature in a PDF document (ISO 32000-2 §7.5.6, §12.8.1)."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

# The library imports these at their first use: each child of the worker would pay for that anew.
import pyhanko.pdf_utils.filters
import pyhanko.pdf_utils.metadata.xmp_xml  # noqa: F401
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.crypt.api import AuthStatus
from pyhanko.pdf_utils.crypt.permissions import StandardPermissions
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from bridge.formats.order import Refusal, malformed, refused
from bridge.formats.pdf_appearance import draw, page_box
from bridge.formats.visible import Visible

ByteRange = tuple[int, int, int, int]
"""/ByteRange: two offsets with lengths; between them `<`, the room in hexadecimal digits, `>`."""
ROOM = 24 << 10
"""Bytes kept free for the CMS: signature, certificates of a card, a time-stamp token with its authority's."""
MAX_EARLIER = 200
"""Signatures that a document may hold already."""
_FIELD = "Signature"
# The library's own refusals, and what it lets through when a file's objects are of unexpected kinds.
STUMBLES = (
    *(PdfError, SigningError, zlib.error, struct.error),
    *(TypeError, ValueError, LookupError, AttributeError, AssertionError, ArithmeticError, RuntimeError, EOFError),
    StopIteration,  # of a hybrid file's stream with nothing before it
)
_TO_SIGN = StandardPermissions.ALLOW_ANNOTS_FORM_FILLING | StandardPermissions.ALLOW_FORM_FILLING


class Options(NamedTuple):
    moment: datetime
    """The signer's clock, aware: /M of the signature dictionary (EN 319 142-1 §5.3 has it there and not in the CMS)."""
    visible: Visible | None = None


def update(document: Path, prepared: Path, options: Options) -> ByteRange:
    """Write the document with a signature field and the room for its CMS, all zeros.

    Raises Refusal: document_malformed for what is no sound PDF (hybrid cross-references too), document_refused for one
    that is encrypted or that an earlier signature forbids to change, bad_request for a place that is not on a page.
    """
    with document.open("rb") as source, prepared.open("x+b") as target, _stumbling():
        return _embed(_opened(source, options.visible), options, target)


@contextmanager
def _stumbling() -> Iterator[None]:
    """Raises Refusal in place of whatever the library makes of a broken file."""
    try:
        yield
    except STUMBLES as error:
        raise malformed(f"not a PDF that can be signed: {type(error).__name__}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # what it says of an offset before the file; all else is the disk's
            raise
        raise malformed("not a PDF that can be signed: an offset") from error


def _opened(source: BinaryIO, visible: Visible | None) -> IncrementalPdfFileWriter:
    reader = PdfFileReader(source, strict=True, decode_limits=DecodeLimits.for_untrusted_input())
    if reader.xrefs.hybrid_xrefs_present:
        # ISO 32000-2 §7.5.8.4: two readings of one file, of which each viewer picks one; signed would be both.
        raise malformed("hybrid cross-references")
    if reader.encrypted:
        _unlock(reader)
    _require_changeable(reader, visible)
    return IncrementalPdfFileWriter.from_reader(reader)


def _unlock(reader: PdfFileReader) -> None:
    """A PDF that anybody can open is signed as far as its permissions go (ISO 32000-2 §7.6.4.2). Raises Refusal."""
    by_password = str(reader.trailer["/Encrypt"].get("/Filter")) == "/Standard"
    if not by_password or (opened := reader.decrypt("")).status is AuthStatus.FAILED:
        raise refused("encrypted")
    if not opened.permission_flags & _TO_SIGN:
        raise refused("encrypted, and not to be signed")


def _require_changeable(reader: PdfFileReader, visible: Visible | None) -> None:
    """What earlier signatures allow (DocMDP, ISO 32000-2 §12.8.2.2). Raises Refusal."""
    for number, (_, value, _) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if number >= MAX_EARLIER:
            raise Refusal("too_large", f"a PDF document with more than {MAX_EARLIER} signatures")
        for allowed in _allowed(value.get_object()):
            if allowed is MDPPerm.NO_CHANGES:
                raise refused("an earlier signature allows no changes")
            if visible is not None:
                raise refused("an earlier signature allows no visible one")


def _allowed(signature: generic.DictionaryObject) -> Iterator[MDPPerm]:
    for each in _entry(signature, "/Reference", ()):
        parameters = _entry(each.get_object(), "/TransformParams", {})
        if "/P" in parameters:
            yield MDPPerm(int(parameters["/P"]))


def _embed(writer: IncrementalPdfFileWriter, options: Options, target: BinaryIO) -> ByteRange:
    visible = options.visible
    place = {} if visible is None else {"on_page": visible.page - 1, "box": page_box(writer, visible)}
    field = SigFieldSpec(_free_name(writer), readable_field_name="電子署名", **place)
    steps = PdfCMSEmbedder(field).write_cms(field.sig_field_name, writer)
    reference = next(steps)
    if visible is not None:
        draw(writer, reference.get_object(), visible, options.moment)
    signature = SignatureObject(options.moment, SigSeedSubFilter.PADES, bytes_reserved=2 * ROOM)
    writer.register_extension(ESIC_EXTENSION_1)
    steps.send(SigObjSetup(signature))
    # The digest that the library takes here is looked at by nobody: the card host takes its own.
    room, _ = steps.send(SigIOSetup("sha256", output=target))
    start, end = room.reserved_region_start, room.reserved_region_end
    return 0, start, end, target.seek(0, os.SEEK_END) - end


def _free_name(writer: IncrementalPdfFileWriter) -> str:
    """Of a field at the top of the form: Signature1, or the first number that is nobody's."""
    fields = _entry(_entry(writer.root, "/AcroForm", {}), "/Fields", ())
    used = {str(field["/T"]) for each in fields if "/T" in (field := each.get_object())}
    return next(name for number in range(1, len(used) + 2) if (name := f"{_FIELD}{number}") not in used)


def _entry(dictionary: Any, key: str, otherwise: Any) -> Any:
    """What stands there, followed to where it is; `get` would give the reference."""
    return dictionary[key] if key in dictionary else otherwise  # noqa: SIM401  # for this reason
