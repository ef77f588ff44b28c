"""The second opinion on every signature."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256"]


def verifies(directory: Path, certificate: bytes, data: bytes, signature: bytes, *, pss: bool = False) -> bool:
    """Whether `openssl dgst -verify` accepts a SHA-256 signature (RSA PKCS#1 v1.5, DER ECDSA, or RSA-PSS)."""
    public = x509.load_der_x509_certificate(certificate).public_key()
    files = {
        "key.pem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "data": data,
        "signature": signature,
    }
    for name, content in files.items():
        (directory / name).write_bytes(content)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", *(_PSS if pss else []), "-signature", "signature"]
    command.append("data")
    return subprocess.run(command, cwd=directory, capture_output=True, check=False).returncode == 0


def opened(directory: Path, authority: bytes, cms: bytes) -> bytes:
    """What `openssl cms -verify` finds signed in an attached CAdES signature by a CA (PEM).

    Raises CalledProcessError when it does not verify.
    """
    (directory / "signed.p7m").write_bytes(cms)
    (directory / "ca.pem").write_bytes(authority)
    command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "signed.p7m", "-purpose", "any"]
    return subprocess.run([*command, "-CAfile", "ca.pem"], cwd=directory, capture_output=True, check=True).stdout
