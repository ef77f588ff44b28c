"""Golden images: the machine's certificates are made where an image starts as a computer of its own, not in the image.

The installer (CERTS=FIRSTBOOT) writes down which computer the image was prepared on. Whoever has another name or
another identity than that is a computer made from it, and makes its own certificates at its first start, by a service
that looks at each start of Windows.
"""

from __future__ import annotations

import sys
import time
from enum import Enum
from typing import Final, NamedTuple

from certs import machine, store
from certs.errors import FirstStartDue, ImageOnly
from certs.scope import Scope, folder

SERVICE: Final = "CardBridgeFirstStart"
KEY: Final = r"SOFTWARE\Card Bridge\FirstStart"
_PAUSE: Final = 0.5  # seconds
_NAMES: Final = r"SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName"


class State(Enum):
    OVER = "over"
    """The computer has its certificates, or was told nothing of a first start."""
    IMAGE = "image"
    """This is the image: no key is to be made here."""
    DUE = "due"


class Computer(NamedTuple):
    """`machine`: MachineGuid. `name`: what the network knows it by; it tells clones apart that keep the other."""

    machine: str
    name: str


def state() -> State:
    """Raises CertificatesError for certificates that cannot be read."""
    image = _image()
    if image is None:
        return State.OVER
    directory = folder(Scope.MACHINE)
    if store.exists(directory) and not store.read_index(directory).copied:
        return State.OVER
    return State.IMAGE if image == _here() else State.DUE


def demand(seconds: float) -> None:
    """Returns when the computer has its certificates, or need not wait for any.

    Waits for the service, which starts with Windows while a person already logs on. Raises ImageOnly, FirstStartDue.
    """
    end = time.monotonic() + seconds
    while (found := state()) is State.DUE and time.monotonic() < end:
        time.sleep(_PAUSE)
    if found is State.IMAGE:
        raise ImageOnly(folder(Scope.MACHINE))
    if found is State.DUE:
        raise FirstStartDue(folder(Scope.MACHINE))


if sys.platform == "win32":
    import winreg

    def _image() -> Computer | None:
        """As the installer saw it; None: it was told nothing of a first start."""
        try:
            return Computer(_text(KEY, "Machine"), _text(KEY, "Computer"))
        except FileNotFoundError:
            return None

    def _here() -> Computer:
        return Computer(machine.name(), _text(_NAMES, "ComputerName"))

    def _text(path: str, value: str) -> str:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as key:
            return str(winreg.QueryValueEx(key, value)[0])
else:

    def _image() -> Computer | None:
        """There is no such installer here."""
        return None

    def _here() -> Computer:
        return Computer(machine.name(), "")
