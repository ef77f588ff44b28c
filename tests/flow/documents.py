"""Documents as a page asks to have them signed, and openssl's opinion of what comes back."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIZES = {"SHA-256": 32, "SHA-384": 48, "SHA-512": 64}


def document(content: bytes, format_: str = "cades-detached", name: str = "内訳書.pdf", **more: Any) -> dict[str, Any]:
    return {"name": name, "format": format_, "content": base64.b64encode(content).decode(), **more}


def opened(directory: Path, authority: Path, cms: bytes, beside: bytes | None = None, *more: str) -> bytes:
    """The content, when openssl accepts the CAdES signature; `beside`: of a detached one.

    Raises CalledProcessError when it does not verify.
    """
    (directory / "signed.p7s").write_bytes(cms)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signed.p7s"]
    if beside is not None:
        (directory / "document").write_bytes(beside)
        command += ["-content", "document"]
    command += ["-CAfile", str(authority), "-purpose", "any", *more]
    return subprocess.run(command, cwd=directory, capture_output=True, check=True).stdout


def verifies(directory: Path, certificate: bytes, data: bytes, made: dict[str, Any]) -> bool:
    """Whether `openssl dgst` accepts a raw signature, by the hash and algorithm that the reply names."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    (directory / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (directory / "data").write_bytes(data)
    (directory / "signature").write_bytes(base64.b64decode(made["signature"]))
    used = made["hash"].replace("-", "").lower()
    pss = ("rsa_padding_mode:pss", f"rsa_pss_saltlen:{SIZES[made['hash']]}", f"rsa_mgf1_md:{used}")
    options = [part for option in pss for part in ("-sigopt", option)] if made["algorithm"] == "RSASSA-PSS" else []
    command = ["openssl", "dgst", f"-{used}", "-verify", "key.pem", *options, "-signature", "signature", "data"]
    return subprocess.run(command, cwd=directory, capture_output=True, check=False).returncode == 0
