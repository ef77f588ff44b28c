"""SoftHSM tokens with keys and certificates, made by its own tools and OpenSC's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.virtual.piv import Key

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")


class Held(NamedTuple):
    """A key as a token holds it."""

    key: Key
    allowed: str = ""
    """CKA_ALLOWED_MECHANISMS as pkcs11-tool names them, with commas; empty: the token's."""
    always_authenticate: bool = False


class SoftHsm:
    """A folder of tokens, which a process sees with `environment`."""

    def __init__(self, directory: Path) -> None:
        (directory / "tokens").mkdir()
        self._directory = directory
        configuration = directory / "softhsm2.conf"
        configuration.write_text(
            f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        self.environment = {"SOFTHSM2_CONF": str(configuration)}

    def add(self, label: str, pin: str, *keys: Held) -> None:
        """A token of its own, in a slot of its own."""
        self._run("softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", pin)
        tool = ("pkcs11-tool", "--module", str(LIBRARY), "--token-label", label, "--login", "--pin", pin)
        for number, held in enumerate(keys, 1):
            self._write(tool, held, f"{number:02x}")

    def _write(self, tool: tuple[str, ...], held: Held, key_id: str) -> None:
        private, certificate = self._directory / "key.der", self._directory / "certificate.der"
        private.write_bytes(held.key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        certificate.write_bytes(held.key.certificate)
        more = ["--allowed-mechanisms", held.allowed] if held.allowed else []
        more += ["--always-auth"] if held.always_authenticate else []
        identity = ("--id", key_id, "--label", f"key {key_id}")
        usage = ("--usage-sign", "--sensitive")
        self._run(*tool, "--write-object", str(private), "--type", "privkey", *identity, *usage, *more)
        self._run(*tool, "--write-object", str(certificate), "--type", "cert", *identity)

    def _run(self, *command: str) -> None:
        subprocess.run(command, env={**os.environ, **self.environment}, check=True, capture_output=True)


def make(directory: Path, key: Key, pin: str) -> dict[str, str]:
    """One token `test` with one key. Returns what a process needs in its environment to see it."""
    hsm = SoftHsm(directory)
    hsm.add("test", pin, Held(key))
    return hsm.environment
