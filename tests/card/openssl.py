"""The second opinion on every signature."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def verifies(directory: Path, certificate: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `openssl dgst -verify` accepts a SHA-256 signature (RSA PKCS#1 v1.5 or DER ECDSA)."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    files = {
        "key.pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "data": data,
        "signature": signature,
    }
    for name, content in files.items():
        (directory / name).write_bytes(content)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "data"]
    return subprocess.run(command, cwd=directory, capture_output=True, check=False).returncode == 0
