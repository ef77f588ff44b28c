"""`card-bridge run`: the daemon, with a tray icon in the main thread or without one."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import certs.context
from bridge import logs, settings
from bridge.doors.listener import NoPort
from certs.errors import CertificatesError
from tray import complaint
from tray.daemon import Daemon
from tray.endings import endings
from tray.places import await_first_start, tls_directory
from tray.running import is_first
from tray.stop import told

if TYPE_CHECKING:
    from tray.first_run.opening import Opener

_FIRST_START_SECONDS = 120.0


def run(argv: list[str]) -> int:
    """Start the bridge; returns when it is told to stop. Exit status 2: settings, 3: no port, 4: certificates."""
    arguments = _parser().parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
        _require_profiles(loaded)
    except settings.SettingsError as error:
        complaint.say(error.text(settings.language()), settings.language())
        return 2
    if not is_first(told.lock(loaded)):
        if arguments.show_running:
            from tray import showing  # most starts are first ones

            return 0 if showing.show_running(loaded) else 1
        if arguments.unless_running:
            return 0
        print("card-bridge: another bridge of yours runs already; this one takes the next port", file=sys.stderr)
    logs.start(settings.log_directory(loaded), loaded.log.level)
    try:
        await_first_start(loaded, _FIRST_START_SECONDS)
        certs.context.ensure(tls_directory(loaded), time.time())
        daemon = Daemon(loaded, arguments.config)
    except CertificatesError as error:
        language = settings.language(loaded)
        complaint.say(error.text(language), language, complaint.administrator(loaded))
        return 4
    if arguments.no_tray:
        return asyncio.run(_serve(daemon))
    opener = _first_run(loaded, arguments.config)
    from tray import front  # the icon's libraries are loaded only where there is one

    return front.run(daemon, opener)


def _first_run(loaded: settings.Settings, config: Path | None) -> Opener:
    """Its window, at a person's first start; it does not wait for the bridge, and goes when the bridge ends."""
    from tray.first_run.opening import Opener  # as the icon's libraries

    opener = Opener(loaded, config)
    opener.first_time()
    atexit.register(opener.close)
    return opener


def _require_profiles(loaded: settings.Settings) -> None:
    """An administrator's profile that cannot be used is said at start, not at the first card. Raises SettingsError."""
    if loaded.card.profiles:
        from bridge.card.profiles.recognition import profiles  # most computers have none, and need not load this

        profiles(loaded.card.profiles)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge run",
        description="Start the card bridge: it listens on https://localhost (first free port from 22480 to 22495) and "
        "answers pages of allowed origins. Stop it with Ctrl+C or the icon's menu.",
    )
    parser.add_argument("--no-tray", action="store_true", help="no icon; PIN and consent windows still open")
    parser.add_argument(
        "--unless-running", action="store_true", help="end at once, with status 0, while another bridge of yours runs"
    )
    parser.add_argument(
        "--show-running", action="store_true", help="likewise, but show that one's status page in the browser"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    return parser


async def _serve(daemon: Daemon) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    _on_signals(stop)
    told.listen(lambda: loop.call_soon_threadsafe(stop.set))
    daemon.on_end = stop.set
    try:
        await daemon.start()
    except NoPort as error:
        complaint.no_port(error, daemon.settings)
        await daemon.close()
        return 3
    print(f"card-bridge ready https://localhost:{daemon.port}/", flush=True)
    await stop.wait()
    await daemon.close()
    return 0


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in endings():
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl+C arrives as KeyboardInterrupt
            return
