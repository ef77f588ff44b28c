"""What a help desk asks for, as one zip: the diagnosis, versions, settings with sources, PC/SC states and the log.

Built so that nothing personal can enter: every text goes through `Discretion`, and of the log only known facts of known
form are kept. Never with names and serial numbers, whatever the diagnosis on the screen was told to show.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from bridge import settings as settings_module
from bridge.doctor import binary, discretion
from bridge.doctor.check import Check
from bridge.doctor.discretion import Discretion
from bridge.doctor.pcsc import Pcsc
from bridge.settings import SECTIONS, Settings
from bridge.version import VERSION

LOG_LINES: Final = 5000
"""The newest; some days' worth."""
_LIBRARIES: Final = ("aiohttp", "asn1crypto", "cryptography", "psutil", "pyscard", "python-pkcs11", "rfc8785")
_FACTS: Final[dict[str, re.Pattern[str]]] = {
    "at": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "level": re.compile(r"[A-Z]{1,10}"),
    "event": re.compile(r"[a-z_]{1,40}"),
    "exception": re.compile(r"[A-Za-z]{1,60}"),
    "place": re.compile(r"[a-z_0-9]{1,40}\.py:\d{1,5}"),
    "code": re.compile(r"[a-z_]{1,40}"),
    "method": re.compile(r"[a-z/]{1,20}"),
    "path": re.compile(r"/(v1/[a-z]{1,20}(/[a-z]{1,10})?|openapi\.json)?"),
    "origin": re.compile(r"https?://[a-z0-9.:\[\]-]{1,100}"),
    "type": re.compile(r"[a-z]{1,20}"),
    "verdict": re.compile(r"[a-z_]{1,20}"),
    "version": re.compile(r"[0-9a-z.+]{1,20}"),
    "by": re.compile(r"[A-Za-z0-9._-]{1,60}"),
}
"""The facts of a log line that may leave the computer, and their form. A certificate's hash is not among them."""
_NUMBERS: Final = frozenset({"port"})

README: Final = """\
カードブリッジの診断結果です。問い合わせの窓口に送ってください。
PIN番号、氏名、証明書のシリアル番号、アカウント名、秘密鍵は入っていません。送る前に、どのファイルも開いて読めます。

The card bridge's diagnosis, to be sent to a help desk. It holds no PIN, name, serial number, account name or private
key; every file can be read before it is sent.

doctor.json    card-bridge doctor --json
versions.json  program, Python, system, libraries
settings.json  every setting with its value and where it came from
pcsc.json      the PC/SC service, its readers and their states
bridge.log     the newest lines of the log, known facts only
"""


class Contents(NamedTuple):
    lines: Iterable[Check]
    loaded: Settings
    pcsc: Callable[[], Pcsc]


def write(file: Path, contents: Contents, discreet: Discretion) -> None:
    """Raises OSError; an existing file is not replaced (FileExistsError)."""
    parts: dict[str, Callable[[], str]] = {
        "README.txt": lambda: README,
        "doctor.json": lambda: _json([check.wire() for check in discreet.checks(contents.lines)]),
        "versions.json": lambda: _json(_versions()),
        "settings.json": lambda: _json(_settings(contents.loaded, discreet)),
        "pcsc.json": lambda: _json(_pcsc(contents.pcsc())),
        "bridge.log": lambda: "".join(_log(settings_module.log_directory(contents.loaded))),
    }
    with file.open("xb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name, text())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _versions() -> dict[str, Any]:
    build = binary.own()
    return {
        "card-bridge": VERSION,
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "system": f"{platform.system()} {platform.release()} {platform.version()}",
        "program": f"{build.bits} bit, {build.machine}",
        "libraries": {name: version for name in _LIBRARIES if (version := _installed(name))},
    }


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _settings(loaded: Settings, discreet: Discretion) -> dict[str, Any]:
    return {
        f"{section}.{key}": {
            "value": _discreet(value, discreet),
            "source": discreet.text(loaded.source(f"{section}.{key}")),
        }
        for section in SECTIONS
        for key, value in getattr(loaded, section)._asdict().items()
    }


def _discreet(value: Any, discreet: Discretion) -> Any:
    if isinstance(value, tuple):
        return [_discreet(each, discreet) for each in value]
    return discreet.text(value) if isinstance(value, str) else value


def _pcsc(found: Pcsc) -> dict[str, Any]:
    readers = [
        {"name": discretion.reader(each.name), "states": list(each.states), "atr": each.atr.hex()}
        for each in found.readers
    ]
    return {"service": found.service.value, "code": f"0x{found.code:08X}", "readers": readers}


def _log(directory: Path) -> Iterator[str]:
    """The newest lines, oldest first; bridge.log.1 is what bridge.log was before it grew too long."""
    raw: list[str] = []
    for file in (directory / "bridge.log.1", directory / "bridge.log"):
        if file.exists():
            raw += file.read_text(encoding="utf-8", errors="replace").splitlines()
    return (f"{cut(line)}\n" for line in raw[-LOG_LINES:])


def cut(line: str) -> str:
    """A log line with the facts that may leave this computer; `…` for any other."""
    try:
        facts = json.loads(line)
    except ValueError:
        return "…"
    if not isinstance(facts, dict):
        return "…"
    kept = {name: value if _may_leave(name, value) else "…" for name, value in facts.items() if name.isascii()}
    return json.dumps(kept, ensure_ascii=False)


def _may_leave(name: str, value: object) -> bool:
    if isinstance(value, bool) or value is None or (isinstance(value, int) and name in _NUMBERS):
        return True
    form = _FACTS.get(name)
    return form is not None and isinstance(value, str) and form.fullmatch(value) is not None
