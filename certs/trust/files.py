"""Files of the administrator's in which trust is written: replaced at once, and readable by every user."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from certs.errors import PolicyRefused

_READABLE = 0o644

# A policy file belongs to the browser's maker and to the administrator: what else stands in it passes through.
Policy = dict[str, Any]


def write(path: Path, data: bytes) -> None:
    """Raises OSError."""
    _make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=".card-bridge-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_READABLE)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove(path: Path, *, up_to: Path) -> None:
    """Deletes the file and the folders above it that are empty then, below `up_to`. Raises OSError."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == up_to or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def read_policy(path: Path) -> Policy:
    """An empty one where there is no file. Raises PolicyRefused."""
    try:
        policy = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise PolicyRefused(path, str(error)) from error
    if not isinstance(policy, dict):
        raise PolicyRefused(path, "not an object")
    return policy


def write_policy(path: Path, policy: Policy) -> None:
    """Raises OSError."""
    write(path, json.dumps(policy, indent=2, ensure_ascii=False).encode() + b"\n")


def _make_folder(folder: Path) -> None:
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir()
            each.chmod(0o755)  # every user's browser looks in here, whatever the administrator's umask
