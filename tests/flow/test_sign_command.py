"""`card-bridge sign` and `card-bridge verify`: documents from a terminal, through the same window, card and record."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.audit import reading
from tests.flow.bridge import Bridge, prepare
from tests.flow.documents import opened
from tests.unit.xades_world import XML, xmlsec_accepts

ONE, TWO = b"%PDF-1.7 one", "内訳\r\n".encode()


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    """A computer on which no bridge runs."""
    folder = tmp_path / "bridge"
    folder.mkdir()
    made = prepare(folder)
    made._write_settings({})
    made.fresh_card()
    return made


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "one.pdf").write_bytes(ONE)
    (tmp_path / "内訳.csv").write_bytes(TWO)
    return [tmp_path / "one.pdf", tmp_path / "内訳.csv"]


def sign(bridge: Bridge, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return _run("sign", "--config", bridge.directory / "bridge.toml", *arguments)


def verify(bridge: Bridge, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    trust = bridge.directory / "trust"
    if not trust.exists():
        for kind, name in (("anchors", "ca.pem"), ("crls", "ca.crl")):
            (trust / kind).mkdir(parents=True)
            shutil.copy(bridge.practice / name, trust / kind)
    return _run("verify", "--trust", trust, *arguments)


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_files_are_signed_by_one_pin_and_verified(bridge: Bridge, files: list[Path], tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    done = sign(bridge, *files)
    assert (done.returncode, done.stdout.splitlines()) == (0, [f"{file}.p7s" for file in files]), done.stderr
    for file in files:
        made = Path(f"{file}.p7s")
        assert opened(tmp_path, bridge.practice / "ca.pem", made.read_bytes(), file.read_bytes()) == file.read_bytes()
        assert json.loads(verify(bridge, made, "--content", file).stdout)["signer"]["serial"] == "121"
    changed = verify(bridge, f"{files[0]}.p7s", "--content", files[1])
    assert (changed.returncode, "digest_mismatch" in changed.stderr) == (1, True)
    assert verify(bridge, f"{files[0]}.p7s").returncode == 2  # the document is missing
    (question,) = bridge.questions()
    assert question["origin"] == "card-bridge sign"
    assert [each["name"] for each in question["content"]["documents"]] == ["one.pdf", "内訳.csv"]
    signed = [line for line in reading.lines(bridge.directory / "audit") if line.event == "sign"]
    assert [(line.facts["origin"], line.facts["outcome"]) for line in signed] == [("card-bridge sign", "ok")] * 2


def test_an_attached_signature_holds_its_document(bridge: Bridge, files: list[Path], tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    out = tmp_path / "out"
    out.mkdir()
    done = sign(bridge, "--format", "cades-attached", "--hash", "SHA-512", "--output", out, files[1])
    assert done.returncode == 0, done.stderr
    made = (out / "内訳.csv.p7m").read_bytes()
    assert opened(tmp_path, bridge.practice / "ca.pem", made) == TWO
    assert verify(bridge, out / "内訳.csv.p7m").returncode == 0
    (out / "内訳.csv.p7m").write_bytes(made + b"\0")
    assert verify(bridge, out / "内訳.csv.p7m").returncode == 1


def test_a_wrong_pin_spends_one_try_and_leaves_no_file(bridge: Bridge, files: list[Path]) -> None:
    bridge.plan("pin 9999")
    done = sign(bridge, *files)
    assert (done.returncode, bridge.tries_left) == (1, 2)
    assert "残り2回" in done.stderr
    assert not list(files[0].parent.glob("*.p7s"))


def test_nothing_is_written_over_and_nobody_asked_for_it(bridge: Bridge, files: list[Path]) -> None:
    Path(f"{files[1]}.p7s").write_bytes(b"mine")
    for arguments in ([*files], [files[0], files[0]], [files[0].with_name("none")], [files[0].parent]):
        done = sign(bridge, *arguments)
        assert (done.returncode, done.stderr.startswith("card-bridge: ")) == (2, True), done
    assert Path(f"{files[1]}.p7s").read_bytes() == b"mine"
    assert bridge.questions() == []


def test_whom_to_believe_has_to_be_named(bridge: Bridge, files: list[Path], tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    assert sign(bridge, files[0]).returncode == 0
    (tmp_path / "empty" / "anchors").mkdir(parents=True)
    made, content = f"{files[0]}.p7s", ("--content", files[0])
    stranger = _run("verify", "--trust", tmp_path / "empty", made, *content)
    assert (stranger.returncode, "certificate_untrusted" in stranger.stderr) == (1, True), stranger
    assert _run("verify", "--trust", tmp_path / "none", made, *content).returncode == 2


def test_xml_is_signed_inside_and_any_file_beside(bridge: Bridge, files: list[Path], tmp_path: Path) -> None:
    bridge.plan("pin 1234", "pin 1234")
    (tmp_path / "入札書.xml").write_bytes(XML)
    done = sign(bridge, "--format", "xades", tmp_path / "入札書.xml")
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / '入札書.signed.xml'}\n"), done.stderr
    assert sign(bridge, "--format", "xades-detached", files[1]).returncode == 0
    for made in ("入札書.signed.xml", "内訳.csv.xades"):
        assert xmlsec_accepts(tmp_path / made, bridge.practice / "ca.pem")
    refused = sign(bridge, "--format", "xades", files[0])
    assert (refused.returncode, "document_malformed" in refused.stderr) == (1, True)
    assert sign(bridge, "--format", "xades", tmp_path / "入札書.xml").returncode == 2  # its signed file is there


def test_a_long_file_is_put_into_its_signature(bridge: Bridge, tmp_path: Path) -> None:
    bridge.plan("pin 1234")
    content = b"0123456789abcdef" * (256 << 10)
    (tmp_path / "long.bin").write_bytes(content)
    done = sign(bridge, "--format", "cades-attached", tmp_path / "long.bin")
    assert done.returncode == 0, done.stderr
    assert opened(tmp_path, bridge.practice / "ca.pem", (tmp_path / "long.bin.p7m").read_bytes()) == content


def test_xades_files_are_verified(bridge: Bridge, files: list[Path], tmp_path: Path) -> None:
    bridge.plan("pin 1234", "pin 1234")
    (tmp_path / "入札書.xml").write_bytes(XML)
    assert sign(bridge, "--format", "xades", tmp_path / "入札書.xml").returncode == 0
    assert sign(bridge, "--format", "xades-detached", "--hash", "SHA-512", files[1]).returncode == 0
    signed, beside = tmp_path / "入札書.signed.xml", Path(f"{files[1]}.xades")
    assert json.loads(verify(bridge, signed).stdout)["signer"]["serial"] == "121"
    assert json.loads(verify(bridge, beside, "--content", files[1]).stdout)["valid"]
    assert verify(bridge, beside).returncode == 2
    changed = verify(bridge, beside, "--content", files[0])
    assert (changed.returncode, "digest_mismatch" in changed.stderr) == (1, True)
    unsigned = verify(bridge, tmp_path / "入札書.xml")
    assert (unsigned.returncode, "xml_unsigned" in unsigned.stderr) == (1, True)


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes there")
@pytest.mark.parametrize("format_", ["xades-detached", "cades-detached"])
def test_a_name_that_is_not_utf_8_is_told_before_anybody_is_asked(bridge: Bridge, tmp_path: Path, format_: str) -> None:
    """Japanese files of older systems are called so: these bytes are Shift_JIS."""
    named = tmp_path / os.fsdecode("内訳.csv".encode("shift_jis"))
    named.write_bytes(TWO)
    done = sign(bridge, "--format", format_, named)
    assert (done.returncode, "UTF-8" in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [named.name]
    assert bridge.questions() == []
