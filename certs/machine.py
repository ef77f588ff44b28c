"""Which computer this is: tells certificates that were made here from those that came with a copied disk.

On the daemon's start-up path.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_PURPOSE: Final = b"card-bridge certificates"
_LINUX: Final = Path("/etc/machine-id")
_WINDOWS: Final = r"SOFTWARE\Microsoft\Cryptography"


def identity() -> str:
    """32 hexadecimal digits; empty where the system has no name for itself.

    Derived, as machine-id(5) asks for: the name itself is nobody's business.
    """
    import hmac  # asked for at issuing and by the doctor

    own = name()
    return hmac.digest(own.encode(), _PURPOSE, "sha256").hex()[:32] if own else ""


if sys.platform == "win32":

    def name() -> str:
        """MachineGuid: made at the set-up of Windows, and anew when Sysprep generalises an image."""
        import winreg

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS, 0, access) as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        except OSError:
            return ""
else:

    def name() -> str:
        """machine-id(5); macOS has none."""
        try:
            return _LINUX.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
