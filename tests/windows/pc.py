"""A Windows PC for the installer: a fresh Wine, told to be Windows 10, with what Windows 10 has and Wine 8 lacks."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.desktop import wine
from tests.desktop.display import Environment, display

_SHIM = Path(__file__).with_name("bcryptprimitives.c")
_COMPILER = ("x86_64-w64-mingw32-gcc", "-shared", "-O2", "-Wall", "-Werror")


class PC(NamedTuple):
    env: Environment
    drive: Path
    pipes: list[int]
    """What programs print to; open until the PC ends, as those that they started print there, too."""

    def run(self, *command: str, check: bool = True, seconds: float = 180) -> str:
        """What a command printed until it ended. Wine wants pipes at all three standard handles, or none."""
        read, write = os.pipe()
        self.pipes.append(read)
        process = subprocess.Popen(
            ["wine", *command], env=self.env, stdin=subprocess.PIPE, stdout=write, stderr=write
        )  # fmt: skip
        os.close(write)
        with process:
            printed = _read(read, process, time.monotonic() + seconds)
        assert not check or process.returncode == 0, (command, printed)
        return printed.decode("utf-8", "replace").replace("\r\n", "\n")

    def registry(self, key: str) -> str:
        """Everything below a key; empty when there is no such key."""
        return self.run("reg", "query", key, "/s", "/reg:64", check=False)


def _read(pipe: int, process: subprocess.Popen[bytes], end: float) -> bytes:
    """Until the process ends: a service that it started would hold the pipe for as long as the PC runs."""
    found = b""
    while time.monotonic() < end:
        ended = process.poll() is not None
        while select.select([pipe], [], [], 0.1)[0] and (chunk := os.read(pipe, 65536)):
            found += chunk
        if ended:
            return found
    process.kill()
    raise TimeoutError((process.args, found))


@contextlib.contextmanager
def running(home: Path) -> Iterator[PC]:
    """The PC whose disk is in `home`, from its start to its end; whatever runs on it ends with it."""
    for log in _logs(home / "drive_c"):
        log.unlink()
    with display() as screen, wine.windows(screen, home) as env:
        pc = PC(env, home / "drive_c", [])
        library = pc.drive / "windows/system32/bcryptprimitives.dll"
        if not library.exists():
            pc.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
            subprocess.run([*_COMPILER, str(_SHIM), "-ladvapi32", "-o", str(library)], check=True)
        try:
            yield pc
        finally:
            for pipe in pc.pipes:
                os.close(pipe)


def log_on(pc: PC) -> None:
    """A person does: plain wineboot starts what the registry's keys Run name, as Windows does then."""
    pc.run("wineboot")


def files(pc: PC) -> set[str]:
    """Every file and folder outside of people's own folders and of Wine's copies of installers."""
    found = (path.relative_to(pc.drive) for path in pc.drive.rglob("*"))
    return {str(path) for path in found if path.parts[0] != "users" and path.parts[:2] != ("windows", "Installer")}


def wait_for_start(pc: PC, seconds: float = 90) -> None:
    """Until the bridge's log says that it listens. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any('"event": "started"' in log.read_text(encoding="utf-8") for log in _logs(pc.drive)):
            return
        time.sleep(0.1)
    raise TimeoutError("the bridge did not start")


def _logs(drive: Path) -> list[Path]:
    return list(drive.glob("users/*/AppData/Local/card-bridge/Logs/bridge.log"))
