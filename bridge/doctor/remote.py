"""Whether the person sits at this computer or at the other end of a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

from bridge.doctor.check import Check

_SM_REMOTESESSION: Final = 0x1000  # winuser.h
_SESSIONS: Final = Path("/run/systemd/sessions")


class Line(Enum):
    DESKTOP = "desktop"
    """A remote desktop: windows show there."""
    TERMINAL = "terminal"
    """A remote terminal: nothing can show a window."""


def line(environment: Mapping[str, str] = os.environ, sessions: Path = _SESSIONS) -> Line | None:
    """None: nothing tells of a line."""
    if sys.platform == "win32":
        import ctypes

        return Line.DESKTOP if ctypes.windll.user32.GetSystemMetrics(_SM_REMOTESESSION) else None
    shows_windows = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    if environment.get("XRDP_SESSION") or environment.get("XRDP_SOCKET_PATH"):
        return Line.DESKTOP
    if environment.get("SSH_CONNECTION") or _is_remote(environment, sessions):
        return Line.DESKTOP if shows_windows else Line.TERMINAL
    return None


def _is_remote(environment: Mapping[str, str], sessions: Path) -> bool:
    """What systemd-logind keeps of this session."""
    number = environment.get("XDG_SESSION_ID", "")
    if not number.isalnum():
        return False
    try:
        return "REMOTE=1" in (sessions / number).read_text(encoding="utf-8").splitlines()
    except OSError:
        return False


def examine(found: Line | None) -> Iterator[Check]:
    match found:
        case Line.DESKTOP:
            yield Check(
                "remote",
                True,
                "リモートデスクトップで操作しています。ICカードリーダーは手元のPCにつなぎ、接続の設定で「スマートカード」を共有します。"
                "PIN番号入力ダイアログはこの画面に出ます",
                "this is a remote desktop session: connect the reader where you sit and share smart cards with the "
                "session; the PIN window opens in it",
            )
        case Line.TERMINAL:
            yield Check(
                "remote",
                True,
                "遠隔の端末から実行しています。ここで分かるのは、このPCと、この端末の設定です",
                "this runs in a remote terminal: it tells of this computer, and of this terminal's settings",
            )
