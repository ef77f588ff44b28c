"""Signs programs and the MSI by osslsigncode, with a key in a file (PKCS#12) or in a token (PKCS#11), and checks it.

The password goes to osslsigncode through a file that only memory holds: not in its arguments, not on the disk.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_TOOL: Final = "osslsigncode"
_DESCRIPTION: Final = "Card Bridge"
"""What Windows' question before an installation calls the program."""
URI: Final = "pkcs11:"


class SigningFailed(Exception):
    """With what osslsigncode said."""


class Key(NamedTuple):
    """Whose signature, and how it is made. An empty text: not given."""

    place: str
    """A PKCS#12 file, or the pkcs11: URI (RFC 7512) of key and certificate."""
    module: str
    """The token's PKCS#11 library."""
    chain: str
    """PEM: the certificates between the signer's and the root, where PKCS#12 brings none."""
    timestamp: str
    """URL of a time-stamping authority (RFC 3161): with its stamp a signature outlives its certificate."""
    roots: str
    """PEM: what the signature and its time stamp have to lead to; without, the system's."""
    password: bytes


def sign(file: Path, key: Key) -> None:
    """Signs a program or an MSI in place, and verifies. Raises SigningFailed, OSError."""
    signed = file.with_name(f"{file.name}.signed")
    with _in_memory(key.password) as password:
        arguments = ["-readpass", f"/dev/fd/{password}", "-h", "sha256", "-n", _DESCRIPTION, *_of(key)]
        _run("sign", *arguments, "-in", str(file), "-out", str(signed), descriptor=password)
    signed.replace(file)
    verify(file, key)


def verify(file: Path, key: Key) -> None:
    """By the roots of `key`: intact, the chain, the time stamp. Raises SigningFailed."""
    roots = ["-CAfile", key.roots, "-TSA-CAfile", key.roots] if key.roots else []
    _run("verify", *_offline(), *roots, "-in", str(file))


def _of(key: Key) -> list[str]:
    token = key.place.startswith(URI)
    place = (
        ["-pkcs11module", key.module, "-pkcs11cert", key.place, "-key", key.place] if token else ["-pkcs12", key.place]
    )
    chain = ["-ac", key.chain] if key.chain else []
    return [*place, *chain, *(["-ts", key.timestamp] if key.timestamp else [])]


@contextlib.contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("password")
    try:
        os.write(descriptor, content)
        yield descriptor
    finally:
        os.close(descriptor)


@cache
def _offline() -> tuple[str, ...]:
    """Revocation is asked of servers by whoever installs. osslsigncode 2.5 does not ask, later ones do unless told."""
    offered = subprocess.run([_TOOL, "verify", "--help"], capture_output=True, text=True, check=False).stdout
    return tuple(option for option in ("-ignore-cdp", "-ignore-crl") if option in offered)


def _run(*arguments: str, descriptor: int | None = None) -> None:
    inherited = () if descriptor is None else (descriptor,)
    done = subprocess.run(
        [_TOOL, *arguments], pass_fds=inherited, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SigningFailed(f"{arguments[0]} {arguments[-1]}:\n{done.stdout}{done.stderr}")
