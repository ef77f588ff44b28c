"""The MSI through a program's life: upgraded while people work, refused, repaired, failing half-way, and gone.

Wine does not tell the old version that it goes because of a new one (UPGRADINGPRODUCTCODE), as Windows Installer does
when it takes it out inside the upgrade: the one test that needs this says it on the command line, and takes the two
steps in Windows Installer's order.
"""

from __future__ import annotations

import asyncio
import http.client
import ssl
from pathlib import Path
from typing import NamedTuple

from bridge.card.practice import card as practice
from bridge.version import VERSION
from tests.desktop.wine import PYTHON
from tests.flow.bridge import ORIGIN, OTHER, Bridge, gone, statement
from tests.windows import pc as computers
from tests.windows.pc import PC, events, files, files_of, registry_of, roots, running, wait_for_start
from tests.windows.product import COMMAND_LINE, DATA, FOLDER, MSI, OWN_KEY, PROGRAM, PROGRAMS, RUN

STAND_IN = b"\n\n_LOOK = lambda peer, own: True\n"
"""Wine does not tell which process holds a socket that a Linux program connected."""
POLICIES = r"HKLM\SOFTWARE\Policies"
FIREFOX = r"SOFTWARE\Policies\Mozilla\Firefox\LocalNetworkAccess\SkipDomains"
UPGRADING = "UPGRADINGPRODUCTCODE={00000000-0000-0000-0000-000000000001}"


def version(pc: PC) -> str:
    lines = [line.split() for line in pc.registry(PROGRAMS).splitlines()]
    (found,) = [words[-1] for words in lines if words[:1] == ["DisplayVersion"] and len(words) == 3]
    return found


def test_a_programs_life_from_an_older_version_to_nothing(bare: Path, older_msi: str) -> None:
    before = registry_of(bare)
    with running(bare) as pc:
        clean = files(pc)
        pc.run("msiexec", "/i", older_msi, "/qn", "AUTOSTART=0", "CERTS=NONE")
        assert version(pc) == "0.0.1"
        pc.run("msiexec", "/i", MSI, "/qn")
        assert version(pc) == VERSION
        remembered = pc.registry(OWN_KEY)
        assert "AUTOSTART    REG_SZ    0\n" in remembered
        assert "CERTS    REG_SZ    NONE\n" in remembered
        assert "Card Bridge" not in pc.registry(RUN)
        assert not (pc.drive / DATA / "tls").exists()
        _, refused = pc.start("msiexec", "/i", older_msi, "/qn").end()
        assert refused != 0
        assert version(pc) == VERSION
        whole = files(pc)
        for name in ("card-bridge.exe", "lib/bridge/cli.py"):
            (pc.drive / FOLDER / name).unlink()
        pc.run("msiexec", "/i", MSI, "/qn", "REINSTALL=ALL", "REINSTALLMODE=amus")  # /fa, which Wine does not know
        assert files(pc) == whole
        pc.run("msiexec", "/x", MSI, "/qn")
        assert files(pc) == clean
    assert registry_of(bare) == before


def test_a_step_that_fails_takes_everything_back(bare: Path) -> None:
    """A file stands where the folder of certificates would: none can be made."""
    before = registry_of(bare)
    with running(bare) as pc:
        clean = files(pc)
        trusted = set(roots(pc))
        planted = pc.drive / DATA / "tls"
        planted.parent.mkdir()
        planted.write_text("in the way", encoding="ascii")
        printed, status = pc.start("msiexec", "/i", MSI, "/qn").end()
        assert status != 0
        assert "tls" in printed, "the step's own words are in the installer's log"
        planted.unlink()
        planted.parent.rmdir()
        assert files(pc) == clean
        assert set(roots(pc)) == trusted
    assert registry_of(bare) == before


def test_an_upgrade_that_cannot_write_a_browsers_policy_leaves_everything_as_it_was(bare: Path, older_msi: str) -> None:
    """The steps of Windows Installer's one transaction, by hand: Wine keeps the removal of the old version apart."""
    told = ("BROWSER_POLICY=1", f"ALLOWED_ORIGINS={ORIGIN}", "AUTOSTART=0")
    with running(bare) as pc:
        pc.run("msiexec", "/i", older_msi, "/qn", *told)
        before = Machine.of(pc)
        assert sum(f"REG_SZ    {ORIGIN}:443" in value for _, value in before.policies) == 4
        pc.run(str(PYTHON), "-I", "-m", "tests.desktop.windows_closed_key", "close", FIREFOX)
        pc.run("msiexec", "/x", older_msi, "/qn", UPGRADING)
        two = (told[0], f"{told[1]};{OTHER}", *told[2:])
        printed, status = pc.start("msiexec", "/i", MSI, "/qn", *two).end()
        assert status != 0
        assert "Browsers' policies cannot be written" in printed
        after = Machine.of(pc)
        assert (after.policies, after.roots) == (before.policies, before.roots)
        assert not (pc.drive / FOLDER).exists()
        pc.run("msiexec", "/i", older_msi, "/qn", *told)  # files and registry, which Windows Installer brings back
        assert Machine.of(pc) == before


class Machine(NamedTuple):
    """What an administrator finds on it."""

    version: str
    settings: set[tuple[str, str]]
    policies: set[tuple[str, str]]
    roots: set[bytes]
    files: set[str]

    @classmethod
    def of(cls, pc: PC) -> Machine:
        listed = version(pc) if "Card Bridge" in pc.registry(PROGRAMS) else ""
        return cls(listed, _values(pc.registry(OWN_KEY)), _values(pc.registry(POLICIES)), set(roots(pc)), files(pc))


def _values(listing: str) -> set[tuple[str, str]]:
    """Each with its key. Keys without any come by themselves: Wine's, of the stores for roots."""
    found, key = set(), ""
    for line in filter(None, listing.splitlines()):
        if line.startswith("HKEY_"):
            key = line
        else:
            found.add((key, line))
    return found


def test_what_others_put_into_the_machines_folder_is_moved_out_of_the_way(bare: Path) -> None:
    """Wine shows modes as access lists: this file everybody may change."""
    with running(bare) as pc:
        planted = pc.drive / DATA / "config.toml"
        planted.parent.mkdir()
        planted.write_text("[pin]\nwindow = ['C:\\own.exe']\n", encoding="ascii")
        planted.chmod(0o666)
        planted.parent.chmod(0o777)
        (kept := planted.with_name("profiles")).mkdir(mode=0o755)
        printed = pc.run("msiexec", "/i", MSI, "/qn", "CERTS=NONE")
        assert not planted.exists()
        assert (planted.parent / "config.toml.not-trusted").exists()
        assert "config.toml.not-trusted" in printed, "the installer's log tells"
        assert kept.exists()
        assert planted.parent.stat().st_mode & 0o002 == 0


def test_an_uninstallation_that_cannot_take_the_root_out_keeps_the_program(installed: Path) -> None:
    """Wine takes the entry from the list of programs all the same."""
    with running(installed) as pc:
        there, root = files(pc), (pc.drive / DATA / "tls/root.der").read_bytes()
        known = pc.registry(OWN_KEY) + pc.registry(RUN)
        step = pc.drive / FOLDER / "lib/certs/commands.py"
        whole = step.read_bytes()
        step.write_bytes(b"raise SystemExit(1)\n")
        assert pc.start("msiexec", "/x", MSI, "/qn").end()[1] != 0
        step.write_bytes(whole)
        assert files(pc) == there
        assert root in roots(pc)
        assert pc.registry(OWN_KEY) + pc.registry(RUN) == known


def test_a_root_whose_files_are_damaged_goes_as_well_and_nothing_stays(installed: Path, bare_disk: Path) -> None:
    with running(installed) as pc:
        root = (pc.drive / DATA / "tls/root.der").read_bytes()
        (pc.drive / DATA / "tls/index.json").write_bytes(b"damaged")
        pc.run("msiexec", "/x", MSI, "/qn")
        assert root not in roots(pc)
        assert files(pc) == files_of(bare_disk)
    assert registry_of(installed) == registry_of(bare_disk)


def test_an_upgrade_while_people_work_spends_no_try_and_starts_the_bridge_again(
    installed: Path, newer_msi: str
) -> None:
    with running(installed) as pc:
        look_up = pc.drive / FOLDER / "lib/bridge/gate/peers.py"
        look_up.write_bytes(look_up.read_bytes() + STAND_IN)
        (port, other) = _settle(pc)
        for command in (("run",), ("run", "--config", r"C:\other.toml")):
            pc.start(PROGRAM, *command)
        wait_for_start(pc)
        _wait_for(pc, other)
        root = (pc.drive / DATA / "tls/root.der").read_bytes()
        card = next(pc.drive.glob("users/*/AppData/Local/card-bridge/card/practice"))
        asyncio.run(_upgrade_under_an_open_window(pc, port, newer_msi))
        assert practice.read(card).tries_left == practice.MAX_TRIES
        assert version(pc) == "0.9.0"
        assert (pc.drive / DATA / "tls/root.der").read_bytes() == root
        assert root in roots(pc)
        wait_for_start(pc, times=2)
        assert events(pc).count("stopped") == 1
        assert '"event": "stopped"' in (pc.drive / "other/bridge.log").read_text(encoding="utf-8")
        assert "Restart" not in pc.registry(OWN_KEY)


def _settle(pc: PC) -> tuple[int, int]:
    """Two bridges' ports; a practice card is in its reader, and the origin may call."""
    ports = computers.free_ports(2)
    for key, name, kind, value in (
        (r"bridge", "port", "REG_DWORD", str(ports[0])),
        (r"card", "practice", "REG_DWORD", "1"),
        (r"origins\allowed", "1", "REG_SZ", ORIGIN),
    ):
        pc.run("reg", "add", rf"{OWN_KEY}\Settings\{key}", "/v", name, "/t", kind, "/d", value, "/f")
    folder = "'C:\\other'"
    other = f"[bridge]\nport = {ports[1]}\n[card]\ndirectory = {folder}\n[log]\ndirectory = {folder}\n"
    (pc.drive / "other.toml").write_text(other, encoding="ascii")
    pc.run(COMMAND_LINE, "practice", "insert")
    return ports[0], ports[1]


def _wait_for(pc: PC, port: int) -> None:
    """Until a bridge answers at that port."""
    trust = ssl.create_default_context(cafile=pc.drive / DATA / "tls/root.pem")
    computers.until(lambda: _answers(port, trust), "no answer")


def _answers(port: int, trust: ssl.SSLContext) -> bool:
    connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


async def _upgrade_under_an_open_window(pc: PC, port: int, newer: str) -> None:
    bridge = Bridge(pc.drive / DATA)
    bridge.port = port
    async with bridge.page() as page:
        wanted = {"certificate": await page.certificate(), "statement": statement()}
        asked = asyncio.create_task(page.post("sign", wanted))
        window = await asyncio.to_thread(computers.process_of, pc, "tray.pin_window")
        await asyncio.to_thread(pc.run, "msiexec", "/x", MSI, "/qn", UPGRADING)
        assert await gone(window)
        await asyncio.gather(asked, return_exceptions=True)
    await asyncio.to_thread(pc.run, "msiexec", "/i", newer, "/qn")
