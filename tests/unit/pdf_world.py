"""PDF documents of several makers, signed by keys of the test, and what two programs of other hands say of them."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from functools import cache
from io import BytesIO
from pathlib import Path

from asn1crypto import cms as asn1_cms
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, async_sign_pdf
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bridge.card.signature import cades
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.formats import pdf
from bridge.formats.order import Command, Facts, Order
from bridge.formats.visible import Visible
from tests.unit import portal_pki
from tests.unit.portal_pki import Authority, Card

_HASHES = {Hash.SHA256: hashes.SHA256(), Hash.SHA384: hashes.SHA384(), Hash.SHA512: hashes.SHA512()}


@cache
def authority() -> Authority:
    return Authority()


@cache
def card(kind: str = "rsa") -> Card:
    """`rsa`, `p256` or `p384`."""
    key = {"p256": portal_pki.ec_key("pdf"), "p384": portal_pki.ec_key("pdf384", "secp384r1")}.get(kind)
    return authority().issue(key=key)


def document(*lines: str, stream_xrefs: bool = True, rotate: int = 0) -> bytes:
    """A page of A4 with these lines of ASCII."""
    writer = PdfFileWriter(stream_xrefs=stream_xrefs)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in font.items()})
    fonts = generic.DictionaryObject({pdf_name("/F"): writer.add_object(named)})
    text = " ".join(f"({line}) Tj T*" for line in lines or ("bid",))
    content = generic.StreamObject(stream_data=f"BT /F 24 Tf 30 TL 72 700 Td {text} ET".encode())
    page = PageObject(
        writer.add_object(content),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
        resources=generic.DictionaryObject({pdf_name("/Font"): fonts}),
    )
    if rotate:
        page[pdf_name("/Rotate")] = generic.NumberObject(rotate)
    writer.insert_page(page)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def signed(
    folder: Path,
    content: bytes,
    kind: str = "rsa",
    used: Hash = Hash.SHA256,
    visible: Visible | None = None,
    stamper: Card | None = None,
    stamped_value: bytes | None = None,
    signer: Card | None = None,
) -> bytes:
    """Prepared, signed and finished. `kind`: as for `card`, or `pss`; `signer`: of that kind. Raises as `pdf.prepare`.

    `stamped_value`: what the time-stamp is over; None: the signature's value.
    """
    document, prepared, result = folder / "document", folder / "prepared", folder / "result"
    for path in (document, prepared, result):
        path.unlink(missing_ok=True)
    document.write_bytes(content)
    asked = {} if visible is None else visible.facts()
    order = Order(Command.PREPARE, "pades", used.value, document, prepared, result, asked)
    facts = pdf.prepare(order)
    signer = signer or card("rsa" if kind == "pss" else kind)
    attributes = cades.attributes_over(covered(prepared, facts, used), cades.ID_DATA, signer.der, None)
    value, algorithm = _by_key(signer, kind, attributes, used)
    made = cades.Signature(value, algorithm, used)
    cms = cades.envelope(None, cades.ID_DATA, attributes, made, cades.SignerIdentity(signer.der, ()))
    cms = cms if stamper is None else stamped(cms, stamped_value or value, stamper)
    pdf.finish(order._replace(command=Command.FINISH, facts=facts, signature=cms))
    return result.read_bytes()


def stamped(cms: bytes, value: bytes, stamper: Card) -> bytes:
    """With a time-stamp over the signature's value, by pyHanko's own authority for tests."""
    certificate, none = x509.Certificate.load(stamper.der), SimpleCertificateStore.from_certs(())
    desk = DummyTimeStamper(certificate, _private(stamper), none, portal_pki.NOW)
    token = asyncio.run(desk.async_timestamp(hashlib.sha256(value).digest(), "sha256"))
    found = asn1_cms.ContentInfo.load(cms)
    attribute = asn1_cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})
    found["content"]["signer_infos"][0]["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute])
    return bytes(found.dump())


def _private(signer: Card) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def covered(prepared: Path, facts: Facts, used: Hash) -> bytes:
    """The hash of what the signature covers."""
    octets = prepared.read_bytes()
    _, start, end, length = facts["range"]
    assert end + length == len(octets)
    return used.of(octets[:start] + octets[end:])


def _by_key(signer: Card, kind: str, data: bytes, used: Hash) -> tuple[bytes, SignatureAlgorithm]:
    key, hashed = signer.key, _HASHES[used]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashed)), SignatureAlgorithm.ECDSA
    assert isinstance(key, rsa.RSAPrivateKey)
    if kind == "pss":
        return key.sign(data, padding.PSS(padding.MGF1(hashed), used.octets), hashed), SignatureAlgorithm.RSA_PSS
    return key.sign(data, padding.PKCS1v15(), hashed), SignatureAlgorithm.RSA_PKCS1


def statuses(content: bytes) -> list[PdfSignatureStatus]:
    """pyHanko's validator's word on each signature, in the order of signing."""
    reader = PdfFileReader(BytesIO(content))
    if reader.encrypted:
        reader.decrypt("")
    return [asyncio.run(_status(each)) for each in reader.embedded_regular_signatures]


async def _status(embedded: EmbeddedPdfSignature) -> PdfSignatureStatus:
    trusted = x509.Certificate.load(authority().certificate.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[trusted], moment=portal_pki.NOW, allow_fetching=False)
    return await async_validate_pdf_signature(embedded, signer_validation_context=context)


def pdfsig(folder: Path, content: bytes) -> list[str]:
    """poppler's word on each signature: what it says of the validity, and of how much is signed."""
    (folder / "judged.pdf").write_bytes(content)
    command = ["pdfsig", "-nocert", "judged.pdf"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    lines = [line.strip(" -") for line in said.splitlines()]
    return [line for line in lines if line.startswith(("Signature Validation:", "Total document signed", "Not total"))]


def extended(content: bytes, *, page_text: str = "changed later") -> bytes:
    """The same document with its first page overwritten by a later update."""
    writer = IncrementalPdfFileWriter(BytesIO(content))
    stream = generic.StreamObject(stream_data=f"BT /F 24 Tf 72 500 Td ({page_text}) Tj ET".encode())
    writer.add_stream_to_page(0, writer.add_object(stream))
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def certified(content: bytes, level: int) -> bytes:
    """Certified by pyHanko's own signer, with what it allows afterwards (DocMDP 1, 2 or 3)."""
    signer = card()
    certificate, none = x509.Certificate.load(signer.der), SimpleCertificateStore.from_certs(())
    made = SimpleSigner(certificate, _private(signer), none)
    meta = PdfSignatureMetadata("Certified", certify=True, docmdp_permissions=MDPPerm(level), md_algorithm="sha256")
    result = asyncio.run(async_sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), meta, made))
    return bytes(result.getvalue())


def hybrid(generation: int = 0) -> bytes:
    """A cross-reference table with a stream beside it (ISO 32000-2 §7.5.8.4), whose only object has this generation."""
    content = document(stream_xrefs=False)
    body, table = content[: (at := content.rindex(b"xref\n", 0, content.rindex(b"startxref")))], content[at:]
    begin = b"90 0 obj\n<</Type/XRef/Size 91/W[1 2 1]/Index[90 1]/Length 4>>\nstream\n\1\0\0"
    stream = begin + bytes((generation,)) + b"\nendstream\nendobj\n"
    table = table.replace(b"trailer\n<<", b"trailer\n<< /XRefStm %d" % at)
    return body + stream + table.replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(stream)))


def drawn(folder: Path, content: bytes, box: tuple[int, int, int, int]) -> int:
    """Dark points in a box of the first page, by poppler at 72 a inch; left, top, right, bottom."""
    (folder / "drawn.pdf").write_bytes(content)
    place = (box[0], box[1], box[2] - box[0], box[3] - box[1])
    sizes = [part for option in zip(("-x", "-y", "-W", "-H"), map(str, place), strict=True) for part in option]
    command = ["pdftoppm", "-r", "72", "-gray", *sizes, "-singlefile", "drawn.pdf", "drawn"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    pixels = (folder / "drawn.pgm").read_bytes().split(b"\n", 3)[3]
    return sum(octet < 128 for octet in pixels)


def text(folder: Path, content: bytes) -> str:
    """What poppler reads on the pages."""
    (folder / "read.pdf").write_bytes(content)
    done = subprocess.run(["pdftotext", "read.pdf", "-"], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()
