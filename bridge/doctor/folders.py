"""The folders that the bridge writes to: whether it can, and making it so where that is ours to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bridge import settings as settings_module
from bridge.doctor.check import Check
from bridge.settings import Settings

_OURS: Final = stat.S_IRWXU


def examine(loaded: Settings) -> Iterator[Check]:
    for path in _folders(loaded):
        if _is_writable(path):
            yield Check("directory", True, f"書き込み可: {path}", f"writable: {path}")
        else:
            yield Check(
                "directory",
                False,
                f"書き込めません: {path}。「card-bridge doctor --fix」を実行してください。"
                "直らないときは、フォルダーの権限を管理者に確かめてください。",
                f"Not writable: {path}. Run `card-bridge doctor --fix`; if that does not help, have the administrator "
                "look at the folder's permissions.",
            )


def repair(loaded: Settings) -> Iterator[Check]:
    """Make what is missing, and give back to the owner what the owner had lost. Nobody else gets anything."""
    for path in _folders(loaded):
        if not _is_writable(path):
            yield _repaired(path)


def _repaired(path: Path) -> Check:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=_OURS)
        path.chmod(stat.S_IMODE(path.stat().st_mode) | _OURS)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Check("repaired", False, f"{path} を直せませんでした: {reason}", f"{path} could not be mended: {reason}")
    done = _is_writable(path)
    return Check(
        "repaired",
        done,
        f"{path} を書き込めるように{'しました' if done else 'できませんでした'}",
        f"{path} {'is writable now' if done else 'could not be made writable'}",
    )


def _folders(loaded: Settings) -> tuple[Path, ...]:
    return (
        settings_module.log_directory(loaded),
        settings_module.card_directory(loaded),
        settings_module.audit_directory(loaded),
    )


def _is_writable(path: Path) -> bool:
    """Whether files can be made there; of a folder that is not there yet, whether it can be made."""
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
