"""`make msi SIGN=…`: programs and MSI signed by a test authority's signer, stamped on loopback, and checked by hand."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from bridge.version import VERSION
from installer import __main__ as program
from tests.installer.authority import PASSWORD, SIGNER, Authority
from tests.installer.conftest import Parts
from tests.virtual.softhsm import LIBRARY, Held, SoftHsm

EXTENSION = "lib/_cffi_backend.cp313-win_amd64.pyd"
LAUNCHERS = ("card-bridge-cli.exe", "card-bridge.exe")
PYTHONS_OWN = {"runtime/python.exe", "runtime/python313.dll"}
YEAR = 365 * 24 * 3600


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, authority: Authority, timestamp: str) -> Path:
    """The MSI of a release: Python by path and SHA-256, the key in a PKCS#12 file."""
    folder = tmp_path_factory.mktemp("release")
    parts = Parts.make(folder)
    package = Path(shutil.make_archive(str(folder / "python-embed"), "zip", parts.python))
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    assert make(package, parts, folder, "--python-sha256", digest, "--release", *pkcs12(authority, timestamp)) == 0
    return folder / f"dist/card-bridge-{VERSION}-x64.msi"


def make(python: Path, parts: Parts, tmp_path: Path, *options: str) -> int:
    return program.main([str(python), str(parts.libraries), str(tmp_path / "dist"), *options])


def pkcs12(authority: Authority, timestamp: str) -> list[str]:
    return [
        "--sign", authority.path("signer.p12"), "--sign-password", authority.path("password"),
        "--sign-roots", authority.path("root.pem"), "--timestamp", timestamp,
    ]  # fmt: skip


def signers(msi: Path) -> dict[str, str]:
    """From the list beside the MSI."""
    lines = msi.with_suffix(".signers.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def installed(msi: Path, folder: Path) -> Path:
    """The files that the MSI installs."""
    folder.mkdir()
    subprocess.run(["msiextract", "--directory", str(folder), str(msi)], check=True, capture_output=True)
    return next(folder.rglob("card-bridge.exe")).parent


def verified(file: Path, root: str, *options: str) -> bool:
    """By the certificates of a PEM file and no others."""
    command = ["osslsigncode", "verify", "-CAfile", root, "-TSA-CAfile", root, *options, "-in", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def in_a_year() -> list[str]:
    """Options: as if the signer's certificate had run out long ago."""
    return ["-time", str(int(time.time()) + YEAR)]


def test_our_programs_and_those_that_nobody_signed_are_signed_and_others_keep_their_makers(signed: Path) -> None:
    found = signers(signed)
    assert found.keys() == {*LAUNCHERS, EXTENSION, *PYTHONS_OWN}
    assert {path for path, name in found.items() if name == SIGNER} == {*LAUNCHERS, EXTENSION}
    assert {found[path] for path in PYTHONS_OWN} == {"Python Software Foundation"}


def test_every_signature_is_verified_by_the_root_alone_and_outlives_its_certificate(
    signed: Path, tmp_path: Path, authority: Authority
) -> None:
    folder = installed(signed, tmp_path / "installed")
    for file in (signed, *(folder / path for path in (*LAUNCHERS, EXTENSION))):
        assert verified(file, authority.path("root.pem"))
        assert verified(file, authority.path("root.pem"), *in_a_year())
        assert not verified(file, authority.path("stamp.pem"))


def test_the_lists_beside_the_msi_are_of_what_was_signed(signed: Path, tmp_path: Path) -> None:
    folder = installed(signed, tmp_path / "installed")
    for listing, place in ((".files.sha256", folder), (".msi.sha256", signed.parent)):
        check = ["sha256sum", "--check", "--strict", "--quiet", str(signed.with_suffix(listing))]
        subprocess.run(check, cwd=place, check=True)


def test_a_changed_byte_is_noticed(signed: Path, tmp_path: Path, authority: Authority) -> None:
    content = bytearray(signed.read_bytes())
    content[len(content) // 2] ^= 1
    (changed := tmp_path / signed.name).write_bytes(content)
    assert not verified(changed, authority.path("root.pem"))


def test_a_key_in_a_token_signs_as_well(
    parts: Parts, tmp_path: Path, authority: Authority, timestamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory := tmp_path / "token").mkdir()
    token = SoftHsm(directory)
    token.add("signing", PASSWORD, Held(authority.key()))
    monkeypatch.setenv("SOFTHSM2_CONF", token.environment["SOFTHSM2_CONF"])
    options = pkcs12(authority, timestamp)
    options[1] = "pkcs11:token=signing;object=key%2001"
    assert make(parts.python, parts, tmp_path, *options, "--sign-module", str(LIBRARY)) == 0
    msi = tmp_path / f"dist/card-bridge-{VERSION}-x64.msi"
    assert signers(msi)["card-bridge.exe"] == SIGNER
    assert verified(msi, authority.path("root.pem"), *in_a_year())


def test_the_password_is_asked_for_where_no_file_holds_it(
    parts: Parts, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    options = ["--sign", authority.path("signer.p12"), "--sign-roots", authority.path("root.pem")]
    assert make(parts.python, parts, tmp_path, *options) == 0
    msi = tmp_path / f"dist/card-bridge-{VERSION}-x64.msi"
    assert verified(msi, authority.path("root.pem"))
    assert not verified(msi, authority.path("root.pem"), *in_a_year())  # no time stamp was asked for


def test_a_wrong_password_fails_and_stands_in_no_argument(
    parts: Parts, tmp_path: Path, authority: Authority, timestamp: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (wrong := tmp_path / "wrong").write_text("horse battery", encoding="ascii")
    assert make(parts.python, parts, tmp_path, *pkcs12(authority, timestamp), "--sign-password", str(wrong)) == 1
    assert "make msi: sign " in (told := capfd.readouterr().err)
    assert "battery" not in told


def test_a_signature_that_does_not_lead_to_the_roots_fails(
    parts: Parts, tmp_path: Path, authority: Authority, timestamp: str, capfd: pytest.CaptureFixture[str]
) -> None:
    options = [*pkcs12(authority, timestamp), "--sign-roots", authority.path("stamp.pem")]
    assert make(parts.python, parts, tmp_path, *options) == 1
    assert "make msi: verify " in capfd.readouterr().err


def test_a_time_stamp_that_does_not_come_fails(
    parts: Parts, tmp_path: Path, authority: Authority, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    assert make(parts.python, parts, tmp_path, *pkcs12(authority, nobody)) == 1
    assert "make msi: sign " in capfd.readouterr().err


def test_a_release_has_no_unsigned_program(parts: Parts, tmp_path: Path) -> None:
    given = program.arguments([str(parts.python), str(parts.libraries), str(tmp_path / "dist"), "--release"])
    with pytest.raises(program.Refused, match=r"card-bridge-cli\.exe.*card-bridge\.exe.*_cffi_backend"):
        program.build(given, None)
    assert list((tmp_path / "dist").iterdir()) == []
