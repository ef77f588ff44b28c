"""Signers of every kind of key, their XAdES signatures by the card host's own code, and xmlsec1's opinion of them."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bridge.card.document_formats import form, ready
from bridge.card.signature.algorithms import Hash, SignatureAlgorithm
from bridge.card.signature.cades import Signature, SignerIdentity
from bridge.card.signature.document import Document, measure
from bridge.formats.order import Command, Order
from bridge.requested import Format

NOW = datetime.now(UTC).replace(microsecond=0)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
KEYS = ("RSA", "P-256", "P-384")
HASHES = {Hash.SHA256: hashes.SHA256(), Hash.SHA384: hashes.SHA384(), Hash.SHA512: hashes.SHA512()}
XML = '<?xml version="1.0"?>\n<入札 xmlns="urn:x" b="2" a="1">\n <金額>1&amp;2</金額>\n</入札>\n'.encode()


class Signer(NamedTuple):
    key: Key
    certificate: bytes
    anchor: Path
    """PEM of its root."""

    @property
    def identity(self) -> SignerIdentity:
        return SignerIdentity(self.certificate, ())

    def sign(self, data: bytes, used: Hash, algorithm: SignatureAlgorithm) -> Signature:
        chosen = HASHES[used]
        match self.key:
            case ec.EllipticCurvePrivateKey() as curve:
                value = curve.sign(data, ec.ECDSA(chosen))
            case rsa.RSAPrivateKey() as key:
                pss = padding.PSS(padding.MGF1(chosen), used.octets)
                value = key.sign(data, pss if algorithm is SignatureAlgorithm.RSA_PSS else padding.PKCS1v15(), chosen)
        return Signature(value, algorithm, used)


@cache
def signer(kind: str) -> Signer:
    root = ec.generate_private_key(ec.SECP256R1())
    key = _key(kind)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Root", f"山田 {kind}")]
    start, end = NOW - timedelta(days=1), NOW + timedelta(days=30)
    made = []
    for subject, public, is_authority in ((names[0], root.public_key(), True), (names[1], key.public_key(), False)):
        builder = x509.CertificateBuilder(names[0], subject, public, x509.random_serial_number(), start, end)
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        made.append(builder.sign(root, hashes.SHA256()))
    anchor = Path(mkdtemp(prefix="xades-")) / "root.pem"
    anchor.write_bytes(made[0].public_bytes(Encoding.PEM))
    return Signer(key, made[1].public_bytes(Encoding.DER), anchor)


def _key(kind: str) -> Key:
    if kind == "RSA":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1() if kind == "P-256" else ec.SECP384R1())


class Asked(NamedTuple):
    """One document to be signed."""

    name: str
    used: Hash = Hash.SHA256
    kind: str = "P-256"
    pss: bool = False

    @property
    def algorithm(self) -> SignatureAlgorithm:
        if self.kind != "RSA":
            return SignatureAlgorithm.ECDSA
        return SignatureAlgorithm.RSA_PSS if self.pss else SignatureAlgorithm.RSA_PKCS1


def made(document: Document, asked: Asked, by: Signer | None = None) -> bytes:
    """The ds:Signature element, as the card host hands it over."""
    by = by or signer(asked.kind)
    form_ = form(ready(measure(document)), by.identity, NOW)
    data, how = form_.to_sign(lambda _: asked.algorithm)
    return base64.b64decode(form_.closed(by.sign(data, how.hash, asked.algorithm))["signature"])


def order(folder: Path, content: bytes, used: Hash = Hash.SHA256) -> Order:
    document = folder / "document.xml"
    document.write_bytes(content)
    paths = document, folder / "prepared", folder / "result.xml"
    return Order(Command.PREPARE, "xades", used.value, *paths, facts={})


def enveloped(prepared: Order, asked: Asked, by: Signer | None = None) -> bytes:
    """Of an order whose facts are there."""
    path = str(prepared.document)
    return made(Document(asked.name, Format.XADES, asked.used, path=path, prepared=prepared.facts), asked, by)


def xmlsec_accepts(file: Path, anchor: Path) -> bool:
    """`xmlsec1 --verify`, in the file's folder, where the documents of detached signatures lie."""
    properties = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"
    command = ["xmlsec1", "--verify", "--trusted-pem", str(anchor), "--id-attr:Id", properties, file.name]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "FAIL" in done.stderr or "Error" in done.stderr, done.stderr
    return done.returncode == 0
