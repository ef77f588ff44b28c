"""The reader driver, compiled once per source text into a cache directory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("ifd.c")


def driver(cache: Path | None = None) -> Path:
    """The compiled driver. Needs gcc and libpcsclite-dev; raises CalledProcessError with the compiler's words."""
    directory = cache or Path(tempfile.gettempdir()) / f"virtual-ifd-{os.getuid()}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid():
        raise PermissionError(f"{directory} belongs to someone else")
    library = directory / f"ifd-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not library.exists():
        _compile(library)
    return library


def _compile(library: Path) -> None:
    """Through a name of our own, so that tests that start together never load half a file."""
    fresh = library.with_suffix(f".{os.getpid()}")
    flags = subprocess.run(["pkg-config", "--cflags", "libpcsclite"], check=True, capture_output=True, text=True)
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", *flags.stdout.split()]
    subprocess.run([*command, "-o", str(fresh), str(SOURCE), "-lpthread"], check=True)
    fresh.replace(library)
