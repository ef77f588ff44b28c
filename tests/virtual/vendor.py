"""A vendor's PKCS#11 library that misbehaves on demand (vendor.c), compiled for one test's folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.virtual import softhsm

SOURCE = Path(__file__).with_name("vendor.c")


class Vendor:
    """The library and its plan: the faults that it shows from now on."""

    def __init__(self, directory: Path) -> None:
        """Needs gcc and libp11-kit-dev; raises CalledProcessError."""
        self.library, self._plan = directory / "vendor-pkcs11.so", directory / "faults"
        self.behave()
        flags = subprocess.run(["pkg-config", "--cflags", "p11-kit-1"], check=True, capture_output=True, text=True)
        names = [f'-DVENDOR_PLAN="{self._plan}"', f'-DVENDOR_REAL="{softhsm.LIBRARY}"', *flags.stdout.split()]
        command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", *names]
        subprocess.run([*command, "-o", str(self.library), str(SOURCE), "-ldl"], check=True)

    def misbehave(self, function: str, fault: str) -> None:
        self._plan.write_text(f"{function} {fault}\n", encoding="ascii")

    def behave(self) -> None:
        self._plan.write_text("", encoding="ascii")
