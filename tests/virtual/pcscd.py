"""A private pcscd: its own socket, its own readers, no privileges, gone with the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.virtual import ifd

_HANDED_OVER = 3
"""The first descriptor of socket activation (sd_listen_fds(3))."""
_READY_SECONDS = 10.0
_CMD_VERSION = 0x11
_VERSION = struct.Struct("=2iI")
"""pcsc-lite's winscard_msg.h: protocol version major, minor, result."""


class ReaderSocket(NamedTuple):
    name: str
    path: Path
    """Where the reader listens (at most 107 bytes)."""


class Pcscd:
    """pcscd on a socket in `directory`; `start` and `stop` may alternate."""

    def __init__(self, directory: Path, readers: Sequence[ReaderSocket]) -> None:
        self._directory = directory
        self._readers = tuple(readers)
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = directory / "pcscd.comm"
        self.log = directory / "pcscd.log"

    @property
    def env(self) -> dict[str, str]:
        """What a client needs in its environment. The library reads it once per process."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket)}

    @property
    def reader_names(self) -> tuple[str, ...]:
        """As clients see them: pcscd appends the number of the reader and of its slot."""
        return tuple(f"{reader.name} {number:02X} 00" for number, reader in enumerate(self._readers))

    def start(self) -> None:
        """Returns when the service answers. Raises RuntimeError with its log when it does not."""
        configuration = self._configure()
        program = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "pcscd"
        command = [program, "--foreground", "--error", "--config", str(configuration)]
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener, self.log.open("ab") as log:
            listener.bind(str(self.socket))
            listener.listen(32)
            self._process = _hand_over(command, listener, log.fileno())
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(10)
        self.socket.unlink(missing_ok=True)

    def _configure(self) -> Path:
        driver = ifd.driver()
        entries = [
            f'FRIENDLYNAME "{reader.name}"\nDEVICENAME {reader.path}\nLIBPATH {driver}\nCHANNELID {number}\n'
            for number, reader in enumerate(self._readers)
        ]
        configuration = self._directory / "reader.conf.d"
        configuration.mkdir(exist_ok=True)
        (configuration / "virtual").write_text("\n".join(entries))
        return configuration

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """The socket takes connections at once; the service answers when its readers are set up."""
        deadline = time.monotonic() + _READY_SECONDS
        while not _answers(self.socket):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pcscd did not start: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)


@contextlib.contextmanager
def pcscd(directory: Path, readers: Sequence[ReaderSocket]) -> Iterator[Pcscd]:
    """A running pcscd for a with block."""
    service = Pcscd(directory, readers)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def _hand_over(command: list[str], listener: socket.socket, log: int) -> subprocess.Popen[bytes]:
    """Socket activation without a service manager: the shell knows its own pid and keeps it through exec."""
    script = f'exec {_HANDED_OVER}<&"$LISTENER"; LISTEN_PID=$$ exec "$@"'
    environment = {**_plain(os.environ), "LISTEN_FDS": "1", "LISTENER": str(listener.fileno())}
    return subprocess.Popen(
        ["bash", "-c", script, "pcscd", *command],
        env=environment,
        pass_fds=[listener.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(("LISTEN_", "PCSCLITE_"))}


def _answers(path: Path) -> bool:
    """Whether the service itself, and not only its socket, is there: it answers pcsc-lite's version message."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
            probe.sendall(struct.pack("=2I2iI", _VERSION.size, _CMD_VERSION, 4, 4, 0))
            return len(probe.recv(_VERSION.size)) == _VERSION.size
        except OSError:
            return False
