"""A Windows PC for the installer: a fresh Wine, told to be Windows 10, with what Windows 10 has and Wine 8 lacks."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import select
import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.desktop import wine
from tests.desktop.display import Environment, display
from tests.other_users import User

_ROOTS = "import ssl; print(*(der.hex() for der, _, _ in ssl.enum_certificates('ROOT')), sep='\\n')"


class Program(NamedTuple):
    process: subprocess.Popen[bytes]
    pipe: int

    def end(self, seconds: float = 180) -> tuple[str, int]:
        """What it printed until it ended, and its exit status, as far as Linux has it: the last eight bits."""
        with self.process:
            printed = _read(self.pipe, self.process, time.monotonic() + seconds)
        return printed.decode("utf-8", "replace").replace("\r\n", "\n"), self.process.returncode

    def let_go(self) -> None:
        os.close(self.pipe)
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(60)


class PC(NamedTuple):
    env: Environment
    drive: Path
    programs: list[Program]
    """Their pipes stay open until the PC ends: what they started prints there, too."""

    def start(self, *command: str) -> Program:
        """Wine wants pipes at all three standard handles, or none."""
        read, write = os.pipe()
        process = subprocess.Popen(["wine", *command], env=self.env, stdin=subprocess.PIPE, stdout=write, stderr=write)
        os.close(write)
        self.programs.append(Program(process, read))
        return self.programs[-1]

    def run(self, *command: str, check: bool = True, seconds: float = 180) -> str:
        """What a command printed until it ended."""
        program = self.start(*command)
        printed, status = program.end(seconds)
        assert not check or status == 0, (command, printed)
        return printed

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
def running(home: Path, user: User | None = None) -> Iterator[PC]:
    """The PC whose disk is in `home`, from its start to its end; whatever runs on it ends with it.

    `user`: whose Wine it is, if not ours; the disk is that user's, too (`hand_over`).
    """
    for log in _logs(home / "drive_c"):
        log.unlink()
    programs: list[Program] = []
    try:
        with display() as screen, wine.windows(screen | _as(user, home), home) as env:
            pc = PC(env, home / "drive_c", programs)
            wine.add_randomness(env, pc.drive)
            yield pc
    finally:
        for program in programs:
            program.let_go()


def _as(user: User | None, home: Path) -> Environment:
    """Variables by which Wine's programs are that user's."""
    if user is None:
        return {}
    (programs := home.with_name(f"{home.name}-programs")).mkdir()
    for name in ("wine", "wineboot", "wineserver"):
        command = shlex.join(user.command(f"/usr/bin/{name}"))
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    return user.environment | {"PATH": f"{programs}:{os.defpath}", "TMPDIR": str(user.home)}


def hand_over(home: Path, user: User) -> None:
    """A disk of ours becomes that user's, who is the Windows' one person. Wine's own programs stay everybody's."""
    for place in home.parents[:4]:
        place.chmod(place.stat().st_mode | 0o011)
    (home / "wineserver").unlink(missing_ok=True)  # Debian's: a link to the folder of our server's socket
    people = home / "drive_c/users"
    (people / getpass.getuser()).rename(people / user.name)
    registry = home / "user.reg"
    told = registry.read_bytes()
    registry.write_bytes(told.replace(rf"\\users\\{getpass.getuser()}".encode(), rf"\\users\\{user.name}".encode()))
    for path in (home, *home.rglob("*")):
        if path.is_symlink() or path.is_dir() or path.stat().st_nlink == 1:
            os.lchown(path, user.number, user.number)


def log_on(pc: PC) -> None:
    """A person does: plain wineboot starts what the registry's keys Run name, as Windows does then."""
    pc.run("wineboot")


def roots(pc: PC) -> list[bytes]:
    """As another program reads them: by the ssl module of a Python that is not the installed one."""
    return [bytes.fromhex(line) for line in pc.run(str(wine.PYTHON), "-I", "-c", _ROOTS).split()]


def files(pc: PC) -> set[str]:
    """Every file and folder outside of people's own folders and of Wine's copies of installers."""
    return files_of(pc.drive.parent)


def files_of(home: Path) -> set[str]:
    drive = home / "drive_c"
    found = (path.relative_to(drive) for path in drive.rglob("*"))
    return {str(path) for path in found if path.parts[0] != "users" and path.parts[:2] != ("windows", "Installer")}


def wait_for_start(pc: PC, times: int = 1, seconds: float = 90) -> None:
    """Until the bridge's log says that it listens, for the first time or once more. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if events(pc).count("started") >= times:
            return
        time.sleep(0.1)
    raise TimeoutError("the bridge did not start")


def events(pc: PC) -> list[str]:
    """What the logs of this PC's people tell."""
    lines = (line for log in _logs(pc.drive) for line in log.read_text(encoding="utf-8").splitlines())
    return [json.loads(line)["event"] for line in lines]


def registry_of(home: Path) -> set[str]:
    """Every value of programs in the registry, while nobody is logged on: `file key name=value`."""
    found = set()
    for file in ("system.reg", "user.reg"):
        key = ""
        for line in (home / file).read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("["):
                key = line[: line.rindex("]") + 1]
            elif key.startswith(r"[Software\\") and line.startswith(('"', "@")):
                found.add(f"{file} {key} {line}")
    return found


def _logs(drive: Path) -> list[Path]:
    return list(drive.glob("users/*/AppData/Local/card-bridge/Logs/bridge.log"))


def until(holds: Callable[[], bool], otherwise: str, seconds: float = 90) -> None:
    """Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(otherwise)
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(each.getsockname()[1]) for each in sockets]


def process_of(pc: PC, words: str) -> int:
    """The Linux process of this PC that was started with these words, once there is one."""
    until(lambda: any(_processes(pc, words)), f"no process {words!r}")
    return next(_processes(pc, words))


def _processes(pc: PC, words: str) -> Iterator[int]:
    prefix = f"WINEPREFIX={pc.env['WINEPREFIX']}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            if words.encode() in command and prefix in (process / "environ").read_bytes() + b"\0":
                yield int(process.name)
