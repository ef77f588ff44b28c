"""The lines on this computer, and the order of all lines."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Iterator

from bridge import settings as settings_module
from bridge.doctor import configuration
from bridge.doctor.check import Check, Step
from bridge.doors.listener import PORTS
from bridge.readers.state import ReaderState
from bridge.settings import Settings
from bridge.version import VERSION


def for_page(readers: Iterable[ReaderState]) -> list[Check]:
    """What a page may know: version, reader, card."""
    states = tuple(readers)
    return [_version(), _readers(states), _card(states)]


def examine(loaded: Settings, readers: Iterable[ReaderState], *others: Step) -> list[Check]:
    """Every line; `others`: those of parts that the daemon itself does not know, libraries and certificates.

    A check that fails unexpectedly is a line of its own, not the end of the doctor.
    """
    states = tuple(readers)
    steps: list[Step] = [
        lambda: [_version()],
        lambda: _ports(loaded),
        lambda: [_readers(states), _card(states)],
        *others,
        lambda: configuration.replaced(loaded),
        lambda: configuration.sources(loaded),
        lambda: _directories(loaded),
    ]
    return [check for step in steps for check in _guarded(step)]


def _guarded(step: Step) -> Iterator[Check]:
    try:
        yield from step()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield Check("unexpected", False, f"確認できませんでした: {reason}", f"could not be checked: {reason}")


def _version() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    text = f"card-bridge {VERSION}, Python {python}"
    return Check("version", True, text, text)


def _ports(loaded: Settings) -> Iterator[Check]:
    ports = [loaded.bridge.port] if loaded.bridge.port else list(PORTS)
    taken = [port for port in ports if _is_open(port)]
    free = [port for port in ports if port not in taken]
    if not free:
        yield Check(
            "port",
            False,
            f"ポート{ports[0]}〜{ports[-1]}が使用中です。ほかのソフトを終了するか、bridge.port を変えてください。",
            f"Ports {ports[0]} to {ports[-1]} are all in use: end the other program, or set bridge.port.",
        )
    elif taken:
        numbers = ", ".join(map(str, taken))
        yield Check("port", True, f"使用中のポート: {numbers}", f"ports in use: {numbers} (a bridge may be running)")
    else:
        yield Check("port", True, f"ポート{free[0]}を使えます", f"port {free[0]} is free")


def _is_open(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _readers(states: tuple[ReaderState, ...]) -> Check:
    if states:
        return Check("reader", True, f"ICカードリーダー: {len(states)}台", f"card readers: {len(states)}")
    return Check(
        "reader",
        False,
        "ICカードリーダーが見つかりません。USBにつなぎ、ランプを確認してください。",
        "No card reader: connect it and look for its light.",
    )


def _card(states: tuple[ReaderState, ...]) -> Check:
    if any(state.card_present for state in states):
        return Check("card", True, "ICカードが入っています", "a card is inserted")
    return Check("card", False, "ICカードを差し込んでください。", "Insert your card.")


def _directories(loaded: Settings) -> Iterator[Check]:
    for path in (settings_module.log_directory(loaded), settings_module.card_directory(loaded)):
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        ok = os.access(nearest, os.W_OK)
        yield Check(
            "directory",
            ok,
            f"書き込み{'可' if ok else '不可'}: {path}",
            f"{'writable' if ok else 'not writable'}: {path}",
        )
