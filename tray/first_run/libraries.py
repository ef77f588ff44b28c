"""The earlier helper's card library: whether it can be used here, and how it comes into the settings.

`card.modules` says which code meets the card, so only an administrator may change it (bridge/settings): where the
person is none, they are told the line to have written.
"""

from __future__ import annotations

import json
from pathlib import Path

from bridge import settings
from bridge.card.profiles.recognition import profiles
from bridge.doctor import binary
from bridge.doctor.check import Check
from bridge.doctor.libraries import host_build
from bridge.settings import Settings, SettingsError


def is_here(path: Path) -> bool:
    """Whether it is a library of any system. A folder that may not be read counts as empty."""
    try:
        return path.is_file() and bool(binary.builds(path))
    except OSError:
        return False


def fits(path: Path, loaded: Settings) -> bool:
    """Whether the card host could load it. Raises OSError."""
    return host_build(loaded) in binary.builds(path)


def in_use(path: Path, loaded: Settings) -> bool:
    return path.resolve() in profiles(loaded.card.profiles).chosen(loaded.card.modules)


def take(paths: tuple[str, ...], loaded: Settings, config: Path | None) -> Check:
    """Write the machine's settings file where there is none yet and this person may; else say what to write where."""
    line = f"modules = {json.dumps([*loaded.card.modules, *paths], ensure_ascii=False)}"
    target = config or settings.machine_file()
    if config is None and not target.exists() and "card.modules" not in dict(loaded.sources) and _written(target, line):
        ja = f"カード用ライブラリを {target} に書きました。カードブリッジを起動し直すと使われます。"
        return Check("library", True, ja, f"Written to {target}; it is used once the card bridge is started again.")
    where = loaded.source("card.modules") if "card.modules" in dict(loaded.sources) else str(target)
    return Check(
        "library",
        False,
        "カード用ライブラリは管理者だけが変えられます。"
        f"管理者に、{where} の [card] に次の行を書くよう依頼してください：\n{line}",
        f"Only an administrator may change card libraries. Have this line written below [card] of {where}:\n{line}",
    )


def _written(target: Path, line: str) -> bool:
    """Whether the file is there and the bridge believes it: one in a folder that others can change would stop it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(f"# Taken over from the earlier helper by `card-bridge setup`.\n[card]\n{line}\n")
    except OSError:
        return False
    try:
        settings.load()
    except SettingsError:
        target.unlink()
        return False
    return True
