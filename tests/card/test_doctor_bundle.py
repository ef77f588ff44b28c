"""`card-bridge doctor --bundle`: after the daemon has done real work, nothing personal and no secret is in the file."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.card.conftest import PIN, Bay
from tests.flow.bridge import ORIGIN, Bridge, statement
from tests.flow.doctor import ask
from tests.procedure.example import CERTIFICATE
from tests.virtual import pki
from tests.virtual.piv import Key, PivCard, Slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRONG = "975318"
ACCOUNT = "hokuto-taro"
SERIAL = secrets.randbits(150) | 1 << 149
"""As long as today's are: 46 decimal digits."""


@pytest.fixture
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def worked(daemon: Bridge, bay: Bay, authority: pki.Authority, private: rsa.RSAPrivateKey) -> Iterator[Bridge]:
    key = Key(private, authority.issue(private, datetime.now(UTC), serial=SERIAL))
    bay.insert(PivCard({Slot.AUTHENTICATION: key}, PIN))
    daemon.fresh_card()
    yield daemon
    bay.remove()


async def work(bridge: Bridge) -> str:
    """Signatures, a wrong PIN, and a site that calls by people's names; returns the certificate's hash."""
    bridge.plan(f"pin {WRONG}", f"pin {PIN.decode()}", "cancel")
    async with bridge.page() as page:
        certificate = await page.certificate()
        wanted = {"certificate": certificate, "statement": statement(action=f"{CERTIFICATE['holder']}の登録")}
        assert (await page.refusal("sign", wanted))["code"] == "pin_wrong"
        assert "statement" in await page.result("sign", wanted)
        assert (await page.refusal("sign", wanted))["code"] == "pin_cancelled"
        await page.refusal(CERTIFICATE["holder"], {})
        await page.refusal(f"{SERIAL}", {})
    return certificate


def chunks(octets: bytes) -> Iterator[bytes]:
    """A key in the forms that it could be written down in, in pieces that no other text has."""
    for text in (base64.b64encode(octets), octets.hex().encode()):
        yield from (text[at : at + 32] for at in range(0, len(text) - 32, 32))


async def test_nothing_personal_and_no_secret_is_in_the_file(
    worked: Bridge, private: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    certificate = await work(worked)
    home = worked.directory
    environment = {"HOME": str(home), "USER": ACCOUNT, "LOGNAME": ACCOUNT, "XDG_DATA_HOME": ""}
    file = tmp_path / "help.zip"
    options = ("--bundle", str(file), "--personal")
    told = await asyncio.to_thread(ask, home / "bridge.toml", *options, **environment)
    assert CERTIFICATE["holder"] in told.text  # the screen was asked to show it, the file never is

    with zipfile.ZipFile(file) as made:
        held = {name: made.read(name) for name in made.namelist()}
    everything = b"\n".join([*held.values(), *map(str.encode, held)]) + ascii_form(held).encode()
    card_key = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    tls_keys = b"".join(path.read_bytes() for path in (home / "tls").glob("leaf-*.pem"))
    words = [CERTIFICATE[name] for name in ("holder", "organization", "address")]
    forbidden = [
        *(word.encode() for word in (*words, WRONG, ACCOUNT, str(home), certificate)),
        PIN, str(SERIAL).encode(), f"{SERIAL:x}".encode(), f"{SERIAL:X}".encode(),
        *chunks(card_key), *(line for line in tls_keys.splitlines() if len(line) >= 32),
    ]  # fmt: skip
    assert [each for each in forbidden if each in everything] == []
    assert len(forbidden) > 150

    log = (home / "log" / "bridge.log").read_text(encoding="utf-8")
    assert certificate in log  # it was there to be cut
    useful(held, file)


def ascii_form(held: dict[str, bytes]) -> str:
    r"""The JSON once more with every `\u` read."""
    return "".join(str(json.loads(held[name])) for name in held if name.endswith(".json"))


def useful(held: dict[str, bytes], file: Path) -> None:
    """What a help desk looks for is there."""
    assert sorted(held) == ["README.txt", "bridge.log", "doctor.json", "pcsc.json", "settings.json", "versions.json"]
    entries = [json.loads(line) for line in held["bridge.log"].splitlines()]
    signed = next(entry for entry in entries if entry["event"] == "signed")
    assert (signed["origin"], signed["type"], signed["certificate"]) == (ORIGIN, "registration", "…")
    assert {"pin_wrong", "pin_cancelled", "unsupported"} <= {entry.get("code") for entry in entries}
    assert {entry["path"] for entry in entries if "path" in entry} >= {"/v1/sign", "…"}
    checks = {line["check"]: line for line in json.loads(held["doctor.json"])}
    assert checks["card_certificate"]["ok"]
    assert checks["directory"]["text"]["en"].startswith("writable: ~/")
    pcsc = json.loads(held["pcsc.json"])
    assert pcsc["service"] == "running"
    assert "present" in pcsc["readers"][0]["states"]
    assert pcsc["readers"][0]["atr"].startswith("3b")
    settings = json.loads(held["settings.json"])
    assert settings["card.directory"]["value"] == "~/card"
    assert settings["card.directory"]["source"] == "~/bridge.toml"
    assert settings["pin.stop_at"] == {"value": 1, "source": "default"}
    versions = json.loads(held["versions.json"])
    assert versions["libraries"]["pyscard"]
    assert file.stat().st_size < 100_000


async def test_without_a_name_it_lies_in_this_folder_by_its_time(daemon: Bridge, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-X",
        "utf8",
        "-m",
        "bridge.cli",
        "doctor",
        "--config",
        str(daemon.directory / "bridge.toml"),
    ]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "--bundle"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    (file,) = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert re.fullmatch(r"card-bridge-doctor-\d{8}-\d{6}\.zip", file.name)
    assert file.name in done.stderr
    assert zipfile.is_zipfile(file)


async def test_an_existing_file_is_not_replaced(daemon: Bridge, tmp_path: Path) -> None:
    file = tmp_path / "mine.zip"
    file.write_text("mine", encoding="utf-8")
    command = [sys.executable, "-X", "utf8", "-m", "bridge.cli", "doctor", "--bundle", str(file)]
    done = await asyncio.to_thread(
        subprocess.run, [*command, "--config", str(daemon.directory / "bridge.toml")], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert str(file).encode() in done.stderr
    assert file.read_text(encoding="utf-8") == "mine"
