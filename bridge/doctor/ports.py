"""Ports: whether the bridge runs and where, who else has its ports, and the helper that it stands beside."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from enum import Enum

from bridge.doctor import owners
from bridge.doctor.check import Check
from bridge.doctor.owners import BRIDGE, Owner
from bridge.doors.listener import PORTS
from bridge.settings import Settings

OLD_HELPER_PORT = 9980
"""Where 電子入札補助アプリ listens, the relay program that agencies' pages have used so far."""
_ANSWER_SECONDS = 1.0
_LARGEST_ANSWER = 1 << 20


class Speaker(Enum):
    """What a listener turns out to be when it is asked."""

    OWN_BRIDGE = "own"
    OTHERS_BRIDGE = "others"
    SOMETHING = "something"


def examine(loaded: Settings) -> Iterator[Check]:
    ports = [loaded.bridge.port] if loaded.bridge.port else list(PORTS)
    taken = owners.listening({*ports, OLD_HELPER_PORT})
    old = taken.pop(OLD_HELPER_PORT, None)
    spoken = {port: speaker(port) for port in taken}
    yield from _running(spoken)
    yield _ports(ports, taken, spoken)
    yield from _of_others(taken, spoken)
    if old is not None:
        yield _old_helper(old)


def speaker(port: int) -> Speaker:
    """Ask for the page that every bridge has: to another user's program it says `peer_refused`."""
    # Nothing is believed of the answer but whose bridge it is, so that a broken certificate hides no bridge.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS, context=context)
    try:
        connection.request("GET", "/openapi.json")
        return _recognised(json.loads(connection.getresponse().read(_LARGEST_ANSWER)))
    except (OSError, http.client.HTTPException, ValueError):
        return Speaker.SOMETHING
    finally:
        connection.close()


def _recognised(answer: object) -> Speaker:
    match answer:
        case {"paths": {"/v1/connect": _}}:
            return Speaker.OWN_BRIDGE
        case {"code": "peer_refused"}:
            return Speaker.OTHERS_BRIDGE
    return Speaker.SOMETHING


def _running(spoken: Mapping[int, Speaker]) -> Iterator[Check]:
    own = [port for port, found in spoken.items() if found is Speaker.OWN_BRIDGE]
    if own:
        where = ", ".join(map(str, own))
        yield Check("bridge", True, f"カードブリッジは動いています（ポート{where}）", f"the bridge runs (port {where})")
    else:
        yield Check(
            "bridge",
            False,
            "カードブリッジが動いていません。「card-bridge run」で起動してください。",
            "The bridge is not running: start it with `card-bridge run`.",
        )


def _ports(ports: list[int], taken: Mapping[int, Owner], spoken: Mapping[int, Speaker]) -> Check:
    free = [port for port in ports if port not in taken]
    if free:
        return Check("port", True, f"ポート{free[0]}を使えます", f"port {free[0]} is free")
    if Speaker.OWN_BRIDGE in spoken.values():
        return Check("port", True, "ほかに使えるポートはありません", "no other port is free")
    ja, en = _by_whom(taken, "ja"), _by_whom(taken, "en")
    return Check(
        "port",
        False,
        f"カードブリッジのポートが、すべてほかのソフトに使われています: {ja}。"
        "そのソフトを終了するか、設定の bridge.port を変えてください。",
        f"All ports of the bridge are taken: {en}. End that program, or set bridge.port.",
    )


def _by_whom(taken: Mapping[int, Owner], language: str) -> str:
    """Each program once, with its ports."""
    ports: dict[str, list[int]] = {}
    for port, owner in sorted(taken.items()):
        ports.setdefault(_called(owner, language), []).append(port)
    return ", ".join(f"{name} ({', '.join(map(str, numbers))})" for name, numbers in ports.items())


def _called(owner: Owner, language: str) -> str:
    if owner.mine is False:
        return owner.program or ("ほかの利用者のソフト" if language == "ja" else "a program of another user")
    return owner.program or ("不明なソフト" if language == "ja" else "an unknown program")


def _of_others(taken: Mapping[int, Owner], spoken: Mapping[int, Speaker]) -> Iterator[Check]:
    for port in [port for port, found in spoken.items() if found is Speaker.OTHERS_BRIDGE]:
        if taken[port].mine:  # on Windows one bridge serves one session of its user's
            yield Check(
                "other_session",
                True,
                f"ほかのサインイン（セッション）の、あなたのカードブリッジも動いています（ポート{port}）。"
                "PIN番号を入力するのは、一方ずつにしてください。",
                f"Your bridge of another session runs on this computer, too (port {port}): type a PIN in one at a "
                "time.",
            )
            continue
        yield Check(
            "other_user",
            True,
            f"このPCのほかの利用者のカードブリッジも動いています（ポート{port}）。同時に使えます。ICカードは一人ずつ使ってください。",
            f"Another user's bridge runs on this computer, too (port {port}). Both work; use a card one at a time.",
        )


def _old_helper(owner: Owner) -> Check:
    ja, en = _called(owner, "ja"), _called(owner, "en")
    if owner.program == BRIDGE:
        ja, en = "カードブリッジ", "the bridge"
    return Check(
        "old_helper",
        True,
        f"電子入札補助アプリのポート{OLD_HELPER_PORT}は {ja} が使っています。カードブリッジと同時に使えます。"
        "ICカードを使う処理は、一方が終わってから始めてください。",
        f"Port {OLD_HELPER_PORT} of the earlier helper (電子入札補助アプリ) is used by {en}. It can stay beside the "
        "bridge; let one finish with the card before the other begins.",
    )
