"""The floor of a PDF signature: pyHanko's own, with a key in the same process and everything loaded.

Arguments: how many. A line each, milliseconds of processor time.
"""

from __future__ import annotations

import asyncio
import sys
import time
from io import BytesIO

from asn1crypto import x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, async_sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.unit import pdf_world


def main(count: int) -> None:
    signer, content = _signer(), pdf_world.document("bid")
    asked = PdfSignatureMetadata("Signature1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    for _ in range(count):
        begin = time.process_time()
        writer = IncrementalPdfFileWriter(BytesIO(content), strict=True)
        asyncio.run(async_sign_pdf(writer, asked, signer))
        print((time.process_time() - begin) * 1000)


def _signer() -> SimpleSigner:
    card = pdf_world.card("p256")  # RSA: pyHanko loads and proves the key anew each time, which takes 0.15 s
    key = card.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        x509.Certificate.load(card.der), PrivateKeyInfo.load(key), SimpleCertificateStore.from_certs(())
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
