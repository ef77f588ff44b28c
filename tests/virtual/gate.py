"""A PKCS#11 library whose logins wait until a test lets them through (gate.c), compiled for one test's folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("gate.c")


class Gate:
    def __init__(self, directory: Path, real: Path, *, pin_pad: bool) -> None:
        """Before the library `real`. Needs gcc and libp11-kit-dev; raises CalledProcessError."""
        self.library, self._fifo = directory / "gate-pkcs11.so", directory / "gate"
        os.mkfifo(self._fifo)
        flags = subprocess.run(["pkg-config", "--cflags", "p11-kit-1"], check=True, capture_output=True, text=True)
        names = [f'-DGATE="{self._fifo}"', f'-DREAL="{real}"', *(["-DPIN_PAD"] if pin_pad else [])]
        command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", *names, *flags.stdout.split()]
        subprocess.run([*command, "-o", str(self.library), str(SOURCE), "-ldl"], check=True)

    def await_login(self) -> int:
        """Returns when a login waits at the gate, with what `let_through` wants."""
        return os.open(self._fifo, os.O_WRONLY)

    def let_through(self, login: int, typed: str = "") -> None:
        """`typed`: on the reader's keys, if it has any; `cancel` is one of them."""
        with os.fdopen(login, "w", encoding="ascii") as gate:
            gate.write(f"{typed}\n")
