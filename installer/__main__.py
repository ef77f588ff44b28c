"""`python -m installer PYTHON LIBRARIES DIRECTORY [OPTION …]`: the MSI, and lists of what it holds.

Beside the MSI: its SHA-256, that of every file that it installs, who signed each program of these, a bill of materials,
and the template for policies.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bridge.version import VERSION
from installer import launchers, materials, package, payload, runtime, signatures, signing
from installer.policy import files as policy
from installer.wix.names import PAYLOAD
from installer.wix.source import source

_ROOT = Path(__file__).parents[1]
LARGEST = 45_000_000
"""Bytes that the MSI may have: it goes to every PC."""


class Refused(Exception):
    """What was asked for is no release, or contradicts itself."""


def build(given: Namespace, key: signing.Key | None) -> Path:
    """The MSI's path. Raises Refused, WrongPython, SigningFailed, CalledProcessError, OSError."""
    given.directory.mkdir(parents=True, exist_ok=True)
    msi: Path = given.directory.resolve() / f"card-bridge-{VERSION}-x64.msi"
    moment = max(package.EARLIEST, int(os.environ.get("SOURCE_DATE_EPOCH", "0")))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        python = runtime.folder(given.python, given.python_sha256, scratch)
        staged = _stage(given.libraries, python, scratch)
        _sign(staged, key, given.release)
        listing, made = payload.listing(staged), scratch / msi.name
        package.build(source(payload.files(staged), VERSION), scratch, made, package.Edition(VERSION, moment))
        if key is not None:
            signing.sign(made, key)
        refuse_large(made)
        shutil.move(made, msi)
        policy.write(given.directory / payload.POLICY)
        _describe(msi, listing, signatures.listing(staged), materials.Sources(VERSION, python, given.libraries, moment))
    return msi


def _stage(libraries: Path, python: Path, scratch: Path) -> Path:
    staged, programs = scratch / PAYLOAD, scratch / "programs"
    programs.mkdir()
    launchers.build(VERSION, scratch, programs)
    payload.stage(payload.Parts(_ROOT, python, libraries, programs), staged)
    policy.write(staged / payload.POLICY)
    return staged


def _sign(staged: Path, key: signing.Key | None, release: bool) -> None:
    if key is not None:
        for program in signatures.unsigned(staged):
            signing.sign(program, key)
    if release and (left := signatures.unsigned(staged)):
        raise Refused(f"a release has no unsigned programs: {', '.join(map(str, left))}")


def refuse_large(msi: Path) -> None:
    """Raises Refused."""
    size = msi.stat().st_size
    if size > LARGEST:
        raise Refused(f"the MSI has {size} bytes, more than the {LARGEST} that it may have")


def _describe(msi: Path, listing: str, signers: str, sources: materials.Sources) -> None:
    """The lists beside it."""
    content = msi.read_bytes()
    for suffix, text in (
        (".files.sha256", listing),
        (".signers.tsv", signers),
        (".cdx.json", materials.bill(sources, content)),
        (".msi.sha256", f"{hashlib.sha256(content).hexdigest()}  {msi.name}\n"),
    ):
        msi.with_suffix(suffix).write_text(text, encoding="utf-8")


def arguments(argv: list[str]) -> Namespace:
    parser = ArgumentParser("python -m installer")
    for name in ("python", "libraries", "directory"):
        parser.add_argument(name, type=Path)
    for option in ("python-sha256", "sign", "sign-module", "sign-chain", "sign-roots", "timestamp", "sign-password"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--release", action="store_true")
    return parser.parse_args(argv)


def refuse(given: Namespace) -> None:
    """Before anything is built. Raises Refused."""
    if given.release and not (given.sign and given.timestamp and given.python_sha256):
        raise Refused("a release names SIGN, TIMESTAMP, and WINDOWS_PYTHON with WINDOWS_PYTHON_SHA256")
    if given.sign.startswith(signing.URI) and not given.sign_module:
        raise Refused("a key in a token needs its PKCS#11 library, too (SIGN_MODULE)")
    if "pin-value" in given.sign:
        raise Refused("no PIN in the URI, where every user of this computer reads it: a file (SIGN_PASSWORD), or asked")


def _key(given: Namespace) -> signing.Key | None:
    if not given.sign:
        return None
    return signing.Key(
        place=given.sign, module=given.sign_module, chain=given.sign_chain, timestamp=given.timestamp,
        roots=given.sign_roots, password=_password(given.sign_password),
    )  # fmt: skip


def _password(file: str) -> bytes:
    typed = Path(file).read_text(encoding="utf-8") if file else getpass.getpass("Password or PIN of the signing key: ")
    return typed.rstrip("\r\n").encode()


def main(argv: list[str]) -> int:
    given = arguments(argv)
    try:
        refuse(given)
        print(build(given, _key(given)))
    except (Refused, runtime.WrongPython, signing.SigningFailed) as failure:
        print(f"make msi: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
