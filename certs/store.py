"""The folder that keeps root and leaves, so that starting the daemon takes only the standard library.

    index.json            windows and hashes; replaced at once, after the keys: a crash leaves the old set or the new
    leaf-<root>-<n>.pem   key and certificate, readable by their owner alone, or machine-wide by every user
    root.pem, root.der    copies for administrators and browsers; the index holds the root itself

The hashes catch a file that was changed, mixed up or half restored. They are no defence against a program that
runs as the same user: that one could replace the index too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from certs import access, machine
from certs.errors import IndexDamaged, KeyTampered, Missing
from certs.scope import Scope

_INDEX: Final = "index.json"
_VERSION: Final = 1
_LATER: Final = {"scope", "machine"}  # keys that the first indexes had not
_UNFINISHED: Final = ".new-"  # a file that a power cut left half written
_LIMIT: Final = 64 * 1024  # bytes; the largest file here has about 4 KiB


class StoredLeaf(NamedTuple):
    """A leaf on disk: its file's SHA-256 (hex), its window in seconds since 1970 (UTC)."""

    path: Path
    sha256: str
    not_before: int
    not_after: int


class Certificates(NamedTuple):
    """`root`: DER. `leaves`: by their windows, the oldest first; never empty.

    `machine`: of certificates for all users the computer that they were made on (`certs.machine`), else empty: a
    person's own folder may follow the person to another computer.
    """

    root: bytes
    leaves: tuple[StoredLeaf, ...]
    scope: Scope = Scope.USER
    machine: str = ""

    @property
    def copied(self) -> bool:
        """Whether they came with the disk of another computer, which has the same keys then."""
        here = machine.identity() if self.machine else ""
        return bool(here) and self.machine != here


class NewLeaf(Protocol):
    """What `certs.authority` issues, said here so that reading a folder does not load the issuing code."""

    @property
    def pem(self) -> bytes: ...
    @property
    def not_before(self) -> int: ...
    @property
    def not_after(self) -> int: ...


def exists(directory: Path) -> bool:
    """Whether a set of certificates was ever completed here."""
    return (directory / _INDEX).exists()


def save(directory: Path, root: bytes, leaves: Iterable[NewLeaf], scope: Scope = Scope.USER) -> Certificates:
    """Writes a new set and drops the files of the one before. Raises OSError."""
    access.make_folder(directory, scope)
    prefix = hashlib.sha256(root).hexdigest()[:16]
    stored = tuple(_write_leaf(directory / f"leaf-{prefix}-{n}.pem", leaf, scope) for n, leaf in enumerate(leaves, 1))
    certificates = Certificates(root, stored, scope, machine.identity() if scope is Scope.MACHINE else "")
    _replace(directory / _INDEX, json.dumps(_index(certificates), indent=1).encode(), scope)
    write_root(directory, certificates)
    _drop_others(directory, stored)
    return certificates


def load(directory: Path) -> Certificates:
    """Reads the index and checks every key file: owner, mode, hash.

    Raises Missing, IndexDamaged, KeyExposed, KeyTampered.
    """
    certificates = read_index(directory)
    for leaf in certificates.leaves:
        if hashlib.sha256(_read_private(leaf.path, certificates.scope)).hexdigest() != leaf.sha256:
            raise KeyTampered(leaf.path)
    return certificates


def read_index(directory: Path) -> Certificates:
    """The root and the windows, without a look at the keys. Raises Missing, IndexDamaged, KeyExposed."""
    index = directory / _INDEX
    try:
        data = index.read_bytes()
        certificates = _parse(directory, json.loads(data))
        for path in (directory, index):
            access.refuse_replaceable(path, certificates.scope)
    except FileNotFoundError:
        raise Missing(directory) from None
    except OSError as error:
        raise IndexDamaged(index, error.strerror or "") from error
    except ValueError as error:
        raise IndexDamaged(index) from error
    return certificates


def write_root(directory: Path, certificates: Certificates) -> None:
    """Writes root.pem and root.der (again), for people to copy."""
    _replace(directory / "root.der", certificates.root, certificates.scope)
    _replace(directory / "root.pem", pem(certificates.root), certificates.scope)


def remove(directory: Path) -> None:
    """Deletes what this module wrote, keys first, and the folder if nothing else is in it."""
    roots = (directory / name for name in ("root.pem", "root.der", _INDEX))
    for path in (*directory.glob("leaf-*.pem"), *directory.glob(f"{_UNFINISHED}*"), *roots):
        path.unlink(missing_ok=True)
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()


def pem(der: bytes) -> bytes:
    """RFC 7468 text of a certificate."""
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])


def _index(certificates: Certificates) -> dict[str, Any]:
    leaves = [
        {"file": leaf.path.name, "sha256": leaf.sha256, "notBefore": leaf.not_before, "notAfter": leaf.not_after}
        for leaf in certificates.leaves
    ]
    root = base64.b64encode(certificates.root).decode()
    return {
        "version": _VERSION,
        "scope": certificates.scope.value,
        "machine": certificates.machine,
        "root": root,
        "leaves": leaves,
    }


def _parse(directory: Path, index: object) -> Certificates:
    match index:
        case {"version": 1, "root": str(root), "leaves": [_, *_] as entries, **rest} if rest.keys() <= _LATER:
            leaves = tuple(_parse_leaf(directory, entry) for entry in entries)
            scope = Scope(rest.get("scope", Scope.USER))
            ordered = tuple(sorted(leaves, key=lambda leaf: leaf.not_before))
            return Certificates(_decode(root), ordered, scope, str(rest.get("machine", "")))
    raise ValueError("not an index of version 1")


def _parse_leaf(directory: Path, entry: object) -> StoredLeaf:
    match entry:
        case {"file": str(name), "sha256": str(digest), "notBefore": int(start), "notAfter": int(end), **rest} if (
            not rest
        ):
            if name != Path(name).name or start >= end:
                raise ValueError("a leaf outside its folder or time")
            return StoredLeaf(directory / name, digest, start, end)
    raise ValueError("not a leaf")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("root is not base64") from error


def _write_leaf(path: Path, leaf: NewLeaf, scope: Scope) -> StoredLeaf:
    _replace(path, leaf.pem, scope)
    return StoredLeaf(path, hashlib.sha256(leaf.pem).hexdigest(), leaf.not_before, leaf.not_after)


def _replace(path: Path, data: bytes, scope: Scope) -> None:
    descriptor, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)  # 0600 from the first byte on
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        access.open_up(Path(name), scope)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _drop_others(directory: Path, kept: tuple[StoredLeaf, ...]) -> None:
    names = {leaf.path for leaf in kept}
    for path in (*directory.glob("leaf-*.pem"), *directory.glob(f"{_UNFINISHED}*")):
        if path not in names:
            path.unlink()


def _read_private(path: Path, scope: Scope) -> bytes:
    try:
        with path.open("rb") as file:
            access.refuse_exposed(path, scope)
            return file.read(_LIMIT)
    except OSError as error:
        raise KeyTampered(path, error.strerror or "") from error
