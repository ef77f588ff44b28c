"""The bridge that the MSI installed on a PC: set up with the practice card, reached from Linux, its log read."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.desktop.wine import PYTHON
from tests.windows.pc import PC

PROGRAM: Final = r"C:\Program Files\Card Bridge\card-bridge-cli.exe"
_SETTINGS: Final = "ProgramData/card-bridge/config.toml"
_ROOT: Final = "ProgramData/card-bridge/tls/root"
_PERSON: Final = "users/*/AppData/Local/card-bridge"


def settle(pc: PC, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """After the installation: the machine's settings file, and the practice card in its reader."""
    lines: list[str] = []
    for section, values in settings.items():
        lines += [f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    (pc.drive / _SETTINGS).write_text("\n".join(lines), encoding="utf-8")
    pc.run(PROGRAM, "practice", "insert")


def root(pc: PC, form: str = "der") -> Path:
    """The file of the root that the installation made."""
    return pc.drive / f"{_ROOT}.{form}"


def ask(pc: PC, port: int, carried: int | None = None) -> tuple[int, str]:
    """GET / from Linux: name and chain are checked against the root that the installation made, and no other.

    `carried`: go by this port, which leads to the bridge's own.
    """
    trust = ssl.create_default_context(cafile=root(pc, "pem"))
    connection = http.client.HTTPSConnection("localhost", carried or port, context=trust, timeout=60)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def person_folder(pc: PC) -> Path:
    """The bridge's folder of whoever logged on."""
    (found,) = pc.drive.glob(_PERSON)
    return found


def events(pc: PC) -> list[dict[str, Any]]:
    """What the bridge has logged since the PC was started."""
    logs = pc.drive.glob(f"{_PERSON}/Logs/bridge.log")
    return [json.loads(line) for log in logs for line in log.read_text(encoding="utf-8").splitlines()]


def wait_for(pc: PC, event: str, seconds: float = 90) -> dict[str, Any]:
    """The first such line of the log. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for each in events(pc):
            if each["event"] == event:
                return each
        time.sleep(0.1)
    raise TimeoutError(event)


def python(pc: PC, module: str, *arguments: str) -> str:
    """What a module of the tests printed that ran on the PC."""
    return pc.run(str(PYTHON), "-I", "-B", "-X", "utf8", "-m", module, *arguments)


@contextlib.contextmanager
def relay(pc: PC, port: int) -> Iterator[int]:
    """A port for Linux, whose connections a program of this PC carries to `port`."""
    with subprocess.Popen(
        ["wine", str(PYTHON), "-I", "-B", "-X", "utf8", "-m", "tests.windows.relay", str(port)],
        env=pc.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
