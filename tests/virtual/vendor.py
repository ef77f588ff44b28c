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

    def age(self) -> None:
        """From now on it is a library of PKCS#11 2.01: no SHA-256, no attribute and no flag that came later."""
        self._plan.write_text("C_GetTokenInfo old\nC_GetAttributeValue old\nmechanism 0x1\n", encoding="ascii")

    def offer(self, *mechanisms: int) -> None:
        """From now on the token signs by these alone."""
        self._plan.write_text("".join(f"mechanism {each:#x}\n" for each in mechanisms), encoding="ascii")

    def pad(self, *pins: str) -> None:
        """From now on the reader has keys, on which the person types these."""
        self._plan.write_text("C_GetTokenInfo pad\n", encoding="ascii")
        self._plan.with_name(f"{self._plan.name}.pad").write_text(
            "".join(f"{each}\n" for each in pins), encoding="ascii"
        )

    def behave(self) -> None:
        self._plan.write_text("", encoding="ascii")
