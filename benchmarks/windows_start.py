"""Start to listening on Windows, as far as Wine is one, beside a bare server on the same Python."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Final

import certs.context
from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from tests.desktop import wine
from tests.windows.pc import running

ROUNDS: Final = often(6)
_LIBRARIES: Final = wine.PYTHON.parents[1] / "windows-libraries"
_BARE, _OURS = "bare aiohttp TLS server, on Wine", "card-bridge run --no-tray, on Wine"
_MODULE: Final = (
    "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), None, '__main__')"
)


async def measure(directory: Path) -> list[Comparison]:
    tls = directory / "tls"
    certs.context.ensure(tls, time.time())
    commands = {
        _BARE: ("benchmarks.bare_server", _windows(tls)),
        _OURS: ("bridge.cli", "run", "--no-tray", "--config", _windows(_settings(directory, tls))),
    }
    starts: dict[str, list[float]] = {name: [] for name in commands}
    with running(directory / "pc") as pc:
        for _ in range(ROUNDS):
            for name, command in commands.items():
                starts[name].append(_once(pc.env, command))
    series = (Series(name, "ms", values[1:]) for name, values in starts.items())  # the first one warms both
    return [Comparison("Start to listening on Windows", *series)]


def _settings(directory: Path, tls: Path) -> Path:
    path = directory / "bridge.toml"
    folders = {"card": directory / "card", "tls": tls, "log": directory / "log"}
    lines = [f"[{section}]\ndirectory = {json.dumps(_windows(folder))}\n" for section, folder in folders.items()]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _windows(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def _once(env: dict[str, str], command: tuple[str, ...]) -> float:
    """Milliseconds until the ready line."""
    begin = time.perf_counter()
    with subprocess.Popen(
        ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", _MODULE, _windows(_LIBRARIES), *command],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        milliseconds = (time.perf_counter() - begin) * 1000
        process.kill()
    assert " ready " in line, line
    return milliseconds
