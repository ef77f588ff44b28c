"""Documents signed elsewhere, for tests: made by `openssl cms` with the small PKI's cards."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.unit import portal_pki as pki

DOCUMENT = "内訳書\n".encode()


def openssl_sign(document: bytes, *cards: pki.Card, options: tuple[str, ...] = (), cades: bool = True) -> bytes:
    """Detached CMS in DER by these cards' keys; `options` as `openssl cms -sign` knows them (-nodetach, -md, …)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "document").write_bytes(document)
        signers = [each for number, card in enumerate(cards) for each in _signer(folder, number, card)]
        command = ["openssl", "cms", "-sign", "-binary", "-in", str(folder / "document"), "-outform", "DER"]
        command += ["-cades"] if cades else []
        done = subprocess.run([*command, *signers, *options], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout


def attached(document: bytes, card: pki.Card, *options: str) -> bytes:
    return openssl_sign(document, card, options=("-nodetach", *options))


def _signer(folder: Path, number: int, card: pki.Card) -> list[str]:
    certificate, key, chain = (folder / f"{number}.{kind}" for kind in ("crt", "key", "chain"))
    certificate.write_bytes(card.certificate.public_bytes(Encoding.PEM))
    key.write_bytes(card.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    chain.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in card.chain))
    more = ["-certfile", str(chain)] if card.chain else []
    return ["-signer", str(certificate), "-inkey", str(key), *more]
