"""A SoftHSM token with one key, made by its own tools."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.virtual.piv import Key

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
_ID = "01"


def make(directory: Path, key: Key, pin: str) -> dict[str, str]:
    """Returns what a process needs in its environment to see the token."""
    (directory / "tokens").mkdir()
    configuration = directory / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    plain = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / "key.pem").write_bytes(plain)
    (directory / "certificate.der").write_bytes(key.certificate)
    environment = {"SOFTHSM2_CONF": str(configuration)}
    token = ["--token", "test", "--pin", pin]
    init = ["softhsm2-util", "--init-token", "--free", "--label", "test", "--so-pin", "87654321", "--pin", pin]
    load = ["softhsm2-util", "--import", str(directory / "key.pem"), *token, "--id", _ID, "--label", "key"]
    write = ["--write-object", str(directory / "certificate.der"), "--type", "cert", "--id", _ID]
    label = ["--token-label", "test", "--login", "--pin", pin]
    for command in (init, load, ["pkcs11-tool", "--module", str(LIBRARY), *label, *write]):
        subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    return environment
