"""What an administrator may say to the MSI, on a Windows of its own: a golden image, a computer made from it, and back.

Wine has one computer: it becomes another one when its MachineGuid changes, as Sysprep changes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.windows.conftest import copied
from tests.windows.pc import PC, files, running
from tests.windows.test_msi import OWN_KEY, PROGRAM, PROGRAMS, RUN, TLS, WINDOWS_MSI, roots

CHROME = r"HKLM\SOFTWARE\Policies\Google\Chrome\LoopbackNetworkAllowedForUrls"
POLICIES = r"HKLM\SOFTWARE\Policies"
SERVICE = r"HKLM\SYSTEM\CurrentControlSet\Services\CardBridgeFirstStart"
GUID = r"HKLM\SOFTWARE\Microsoft\Cryptography"
MODULE = r"C:\Program Files\Vendor Card\p11.dll"
TOLD = (
    "ALLOWED_ORIGINS=https://portal.example;https://test.example:8443",
    f"CARD_MODULES={MODULE};profiles",
    "LANGUAGE=en",
    "AUTOSTART=0",
    "BROWSER_POLICY=1",
    "CERTS=FIRSTBOOT",
)
CLI = rf"C:\{PROGRAM}\card-bridge-cli.exe".replace("/", "\\")
THEIRS = "    1    REG_SZ    https://their.example\n"


def install(pc: PC, *properties: str, check: bool = True) -> str:
    return pc.run("msiexec", "/i", WINDOWS_MSI, "/qn", *properties, check=check)


@pytest.fixture(scope="module")
def home(bare_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(bare_disk, tmp_path_factory.mktemp("properties") / "pc")


@pytest.fixture(scope="module")
def clean(home: Path) -> set[str]:
    """What stands on the PC before the program comes; somebody else has set a browser's policy."""
    with running(home) as pc:
        pc.run("reg", "add", CHROME, "/v", "1", "/d", "https://their.example", "/f", "/reg:64")
        return files(pc)


@pytest.fixture
def pc(home: Path, clean: set[str]) -> Iterator[PC]:
    with running(home) as started:
        yield started


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("ALLOWED_ORIGINS=https://portal.example;[WindowsFolder]&%PATH%", "origins.allowed must be a list of origins"),
        ("CERTS=FIRST", ""),
    ],
)
def test_what_could_not_be_used_is_refused_and_leaves_nothing(pc: PC, clean: set[str], wrong: str, reason: str) -> None:
    """Wine prints what is reported to the event log."""
    reporting = pc._replace(env=pc.env | {"WINEDEBUG": "+eventlog"})
    assert reason in install(reporting, *TOLD, wrong, check=False)
    assert files(pc) - clean == set()
    assert "Card Bridge" not in pc.registry(OWN_KEY)
    assert pc.registry(POLICIES).count("REG_SZ") == 1


def test_an_image_is_told_everything_and_gets_no_key(pc: PC) -> None:
    install(pc, *TOLD)
    settings = pc.registry(rf"{OWN_KEY}\Settings")
    assert "    allowed    REG_SZ    https://portal.example;https://test.example:8443\n" in settings
    assert f"    modules    REG_SZ    {MODULE};profiles\n" in settings
    assert "    language    REG_SZ    en\n" in settings
    assert "Card Bridge" not in pc.registry(RUN)
    assert not (pc.drive / TLS).exists()
    said = pc.run(CLI, "doctor", check=False)
    assert "They are made at the first start of each computer made from it." in said
    assert "an image for others" in pc.run(CLI, "run", "--no-tray", check=False)
    assert list(pc.drive.glob("users/*/AppData/Local/card-bridge/tls")) == []


def test_browsers_policies_stand_beside_somebody_elses(pc: PC) -> None:
    written = pc.registry(POLICIES)
    assert THEIRS in written
    assert "    2    REG_SZ    https://portal.example:443\n    3    REG_SZ    https://test.example:8443\n" in written
    for key in ("Google\\Chrome\\L", "Microsoft\\Edge\\L", "Mozilla\\Firefox\\LocalNetworkAccess\\SkipDomains"):
        assert key in written
    assert pc.registry(POLICIES).count("REG_SZ") == 1 + 2 * 5


def test_an_upgrade_follows_what_it_is_told_and_keeps_the_rest(pc: PC, newer_msi: str) -> None:
    pc.run("msiexec", "/i", newer_msi, "/qn", "ALLOWED_ORIGINS=https://test.example:8443", "LANGUAGE=ja", seconds=400)
    own = pc.registry(OWN_KEY)
    assert "    allowed    REG_SZ    https://test.example:8443\n" in own
    assert "    language    REG_SZ    ja\n" in own
    assert f"    modules    REG_SZ    {MODULE};profiles\n" in own
    assert "    CERTS    REG_SZ    FIRSTBOOT\n" in own
    assert "Card Bridge" not in pc.registry(RUN)
    assert pc.registry(PROGRAMS).count("DisplayName    REG_SZ    Card Bridge\n") == 1
    chrome = pc.registry(CHROME)
    assert THEIRS in chrome
    assert "    REG_SZ    https://test.example:8443\n" in chrome
    assert "https://portal.example" not in pc.registry(POLICIES)
    assert pc.registry(POLICIES).count("REG_SZ") == 1 + 5
    assert not (pc.drive / TLS).exists()


def test_a_computer_made_from_the_image_makes_its_own_certificates_when_it_starts(home: Path, clean: set[str]) -> None:
    with running(home) as image:
        image.run(
            "reg", "add", GUID, "/v", "MachineGuid", "/d", "11111111-2222-3333-4444-555555555555", "/f", "/reg:64"
        )
    with running(home) as pc:
        root = first_root(pc)
        assert "Card Bridge" not in pc.run(CLI, "certs", "first-start")  # it is over: nothing is made again
        assert (pc.drive / TLS / "root.der").read_bytes() == root


def first_root(pc: PC) -> bytes:
    """As soon as Windows trusts it. Raises TimeoutError."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if (file := pc.drive / TLS / "root.pem").exists() and (root := file.with_suffix(".der").read_bytes()) in roots(
            pc
        ):
            return root
        time.sleep(0.2)
    raise TimeoutError("no root was made")


def test_uninstalled_it_leaves_somebody_elses_policy_alone(pc: PC, clean: set[str], newer_msi: str) -> None:
    root = (pc.drive / TLS / "root.der").read_bytes()
    pc.run("msiexec", "/x", newer_msi, "/qn")
    assert files(pc) - clean == set()
    assert root not in roots(pc)
    assert pc.registry(POLICIES).count("REG_SZ") == 1
    assert THEIRS in pc.registry(CHROME)
    assert "Edge" not in pc.registry(POLICIES)
    assert "Card Bridge" not in pc.registry(OWN_KEY) + pc.registry(PROGRAMS) + pc.registry(SERVICE)
