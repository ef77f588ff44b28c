"""What the doctor reads of Windows itself, under Wine: registry, services, sockets, session and code page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.registry import windows_path
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

LIBRARIES = wine.PYTHON.parents[1] / "windows-libraries"
SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
CHROME = r"Software\Policies\Google\Chrome"
SETUP = """
import json, sys, winreg
ROOTS = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
for root, path, name, value in json.loads(sys.argv[1]):
    with winreg.CreateKeyEx(ROOTS[root], path, 0, winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY) as key:
        winreg.SetValueEx(key, name, 0, winreg.REG_SZ if isinstance(value, str) else winreg.REG_DWORD, value)
"""
LOOK = """
import json
from pathlib import Path
from bridge.doctor import browsers, clock, policies, proxies
lines = [*browsers.examine(policies.found(), ["https://portal.example"])]
lines += [*proxies.examine(proxies.found(policies.found(), Path.home()))]
lines += [*clock.examine(0.0, [])]
print(json.dumps([line.wire() for line in lines]))
"""
ACCOUNT = """
import json, sys
from bridge.doctor import account
print(json.dumps(account.check([sys.argv[1]]).wire()))
"""
OWNER = """
import json, os, socket
from bridge.doctor import owners
with socket.create_server(("127.0.0.1", 0)) as listening:
    port = listening.getsockname()[1]
    told = [port in owners.listening([port, 1]), 1 in owners.listening([port, 1])]
print(json.dumps([*told, port in owners.listening([port]), owners.owner_of(os.getpid())]))
"""
SERVICES = """
import json
from bridge.doctor import windows_service
print(json.dumps([windows_service.is_disabled(name) for name in ("CardBridgeManual", "CardBridgeOff", "Nobody")]))
"""
WHOLE = """
import sys
from pathlib import Path
from bridge.cli import main
folder = Path(sys.argv[1])
config = folder / "bridge.toml"
lines = ["[card]", "practice = true", "modules = []", f"directory = {str(folder)!r}"]
lines += [f"[{name}]\\ndirectory = {str(folder / name)!r}" for name in ("tls", "log")]
config.write_text("\\n".join(lines), encoding="utf-8")
main(["doctor", "--json", "--config", str(config)])
"""
REMOTE = """
import json
from bridge.doctor import remote
found = remote.line()
print(json.dumps([found is not None, [line.wire() for line in remote.examine(found)]]))
"""


@pytest.fixture(autouse=True)
def services(system: System) -> None:
    """Wine's services run before a program's output is read: they would hold the pipe of the one that starts them."""
    command = ["wine", str(wine.PYTHON), "-I", "-c", "pass"]
    nothing = subprocess.DEVNULL
    subprocess.run(command, env=system.env, stdin=nothing, stdout=nothing, stderr=nothing, timeout=60, check=True)


def run(system: System, code: str, *arguments: str, **environment: str) -> Any:
    whole = f"import sys; sys.path.append({windows_path(LIBRARIES)!r})\n{code}"
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", whole, *arguments]
    done = subprocess.run(
        command, env={**system.env, **environment}, input="", capture_output=True, text=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def write(system: System, *values: tuple[str, str, str, str | int]) -> None:
    run(system, SETUP, json.dumps(values))


@pytest.fixture
def forgotten(system: System) -> Iterator[None]:
    """Google's policies go with the test: the next file on this Windows looks for none."""
    yield
    for root in ("HKCU", "HKLM"):
        command = ["wine", "reg", "delete", rf"{root}\Software\Policies\Google", "/f"]
        subprocess.run(command, env=system.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)


def looked(system: System) -> dict[str, list[dict[str, Any]]]:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in run(system, LOOK):
        lines.setdefault(line["check"], []).append(line)
    return lines


def test_a_proxy_of_windows_own_and_the_exception_that_takes_localhost(system: System) -> None:
    write(system, ("HKCU", SETTINGS, "ProxyEnable", 1), ("HKCU", SETTINGS, "ProxyServer", "proxy.example:8080"))
    (line,) = looked(system)["proxy"]
    assert line["ok"]
    assert "HKCU" in line["text"]["en"]
    write(system, ("HKCU", SETTINGS, "ProxyOverride", "<local>;<-loopback>"))
    (line,) = looked(system)["proxy"]
    assert not line["ok"]
    assert "<-loopback>" in line["text"]["ja"]
    write(system, ("HKCU", SETTINGS, "ProxyEnable", 0))
    (line,) = looked(system)["proxy"]
    assert line["text"]["en"] == "no proxy is set"


@pytest.mark.usefixtures("forgotten")
def test_policies_of_the_machine_and_of_the_person(system: System) -> None:
    """The user's part alone lists the portal; the machine's policy against it goes before."""
    write(system, ("HKCU", rf"{CHROME}\LoopbackNetworkAllowedForUrls", "1", "https://portal.example"))
    chrome = {line["text"]["en"].partition(":")[0]: line for line in looked(system)["browser_policy"]}["Google Chrome"]
    assert (chrome["ok"], "lets sites connect unasked: 1" in chrome["text"]["en"]) == (True, True)
    write(system, ("HKLM", rf"{CHROME}\LoopbackNetworkBlockedForUrls", "1", "https://portal.example"))
    chrome = {line["text"]["en"].partition(":")[0]: line for line in looked(system)["browser_policy"]}["Google Chrome"]
    assert (chrome["ok"], "LoopbackNetworkBlockedForUrls" in chrome["text"]["en"]) == (False, True)


def test_a_clock_that_nobody_sets(system: System) -> None:
    parameters = r"SYSTEM\CurrentControlSet\Services\W32Time\Parameters"
    write(system, ("HKLM", parameters, "Type", "NTP"))
    assert "not set automatically" not in looked(system)["clock"][0]["text"]["en"]
    write(system, ("HKLM", parameters, "Type", "NoSync"))
    assert "not set automatically" in looked(system)["clock"][0]["text"]["en"]


def test_names_that_the_code_page_has_and_has_not(system: System) -> None:
    for name, ok, plain in ((r"C:\Users\yamada", True, True), (r"C:\Users\김철수", False, False)):
        line = run(system, ACCOUNT, name)
        assert (line["ok"], "plain letters" in line["text"]["en"]) == (ok, True)
        assert ("account and folders are named" in line["text"]["en"]) is plain
        assert name not in str(line)


def test_who_listens_on_a_port(system: System) -> None:
    """Wine's table names no process, which Windows' does: here the process is asked for by its number."""
    assert run(system, OWNER, r"C:\Program Files\Card Bridge\card-bridge.exe") == [
        True,
        False,
        False,
        ["card-bridge", True],
    ]


def test_a_service_that_cannot_start(system: System) -> None:
    for name, start in (("CardBridgeManual", "demand"), ("CardBridgeOff", "disabled")):
        command = ["wine", "sc", "create", name, "binPath=", r"C:\windows\system32\svchost.exe", "start=", start]
        subprocess.run(command, env=system.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    assert run(system, SERVICES) == [False, True, True]


def test_the_whole_diagnosis_comes_to_its_end_on_windows(system: System, tmp_path: Path) -> None:
    told: dict[str, list[dict[str, Any]]] = {}
    for line in run(system, WHOLE, windows_path(tmp_path)):
        told.setdefault(line["check"], []).append(line)
    assert {"unexpected", "unfinished"}.isdisjoint(told), told
    assert {
        "version",
        "bridge",
        "port",
        "certificates",
        "proxy",
        "clock",
        "account",
        "service",
        "practice",
    } <= told.keys()
    (service,) = told["service"]  # Wine's smart card service never answers
    assert not service["ok"]
    assert [line["ok"] for line in told["reader"]] == [True]
    assert str(tmp_path) not in str(told["account"])


def test_this_session_is_not_a_remote_one(system: System) -> None:
    """Wine has no remote desktop: what Windows says in one is not seen here."""
    assert run(system, REMOTE) == [False, []]
