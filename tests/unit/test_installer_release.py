"""What `make msi RELEASE=1` refuses, and what it is built around: a Python of a known SHA-256."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from installer import __main__ as program
from installer import runtime


@pytest.mark.parametrize("missing", ["--sign", "--timestamp", "--python-sha256"])
def test_a_release_names_key_time_stamp_and_python(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"--sign": "key.p12", "--timestamp": "http://127.0.0.1:1/", "--python-sha256": "0" * 64}
    del options[missing]
    assert (
        program.main(["python", "lib", "dist", "--release", *(each for pair in options.items() for each in pair)]) == 1
    )
    assert "a release names SIGN, TIMESTAMP, and WINDOWS_PYTHON" in capsys.readouterr().err


def test_a_token_needs_its_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["python", "lib", "dist", "--sign", "pkcs11:object=code"]) == 1
    assert "SIGN_MODULE" in capsys.readouterr().err


def test_a_pin_in_the_uri_is_refused_and_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    uri = "pkcs11:object=code;pin-value=271828"
    assert program.main(["python", "lib", "dist", "--sign", uri, "--sign-module", "library"]) == 1
    assert "no PIN in the URI" in (told := capsys.readouterr().err)
    assert "271828" not in told


@pytest.fixture
def python(tmp_path: Path) -> Path:
    (folder := tmp_path / "unpacked").mkdir()
    (folder / "python.exe").write_bytes(b"MZ")
    return folder


@pytest.fixture
def package(python: Path, tmp_path: Path) -> Path:
    return Path(shutil.make_archive(str(tmp_path / "python-3.13-embed-amd64"), "zip", python))


def test_a_package_of_the_named_sha256_is_unpacked(package: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    folder = runtime.folder(package, digest.upper(), tmp_path)
    assert (folder / "python.exe").read_bytes() == b"MZ"


def test_another_package_is_refused(package: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    package.write_bytes(package.read_bytes() + b"\0")
    with pytest.raises(runtime.WrongPython, match=digest):
        runtime.folder(package, digest, tmp_path)


def test_a_package_without_its_sha256_is_refused(package: Path, tmp_path: Path) -> None:
    with pytest.raises(runtime.WrongPython, match="WINDOWS_PYTHON_SHA256"):
        runtime.folder(package, "", tmp_path)


def test_a_folder_has_no_sha256(python: Path, tmp_path: Path) -> None:
    assert runtime.folder(python, "", tmp_path) == python
    with pytest.raises(runtime.WrongPython, match="is a folder"):
        runtime.folder(python, "0" * 64, tmp_path)


def test_an_msi_that_has_grown_too_large_is_refused(tmp_path: Path) -> None:
    with (msi := tmp_path / "card-bridge.msi").open("wb") as file:
        file.truncate(program.LARGEST)
        program.refuse_large(msi)
        file.truncate(program.LARGEST + 1)
    with pytest.raises(program.Refused, match="45000001 bytes"):
        program.refuse_large(msi)
