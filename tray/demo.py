"""`card-bridge demo`: bridge, portal and practice card on this computer, ready for a first registration.

Composes nothing by itself: it prepares a directory (practice card, certificates, two settings files), starts the real
`card-bridge run` and `card-bridge portal serve` on it, and opens a browser whose own profile trusts both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import certs.context
from bridge import settings
from bridge.card.practice import pki as practice_pki
from bridge.card.process.child_environment import NO_CONSOLE
from tray import demo_browser

PORTAL_PORT = 22443
CONTRACTOR = ("000000101", "北東組株式会社")
OFFICER = "練習 担当者"
_COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "bridge.cli")


class Card(NamedTuple):
    """Which card the demo uses, and whom the portal trusts for it."""

    practice: bool
    modules: tuple[str, ...]
    anchor: Path
    revocation_list: Path
    pin: str


class Place(NamedTuple):
    """The demo's directory."""

    root: Path

    @property
    def bridge_config(self) -> Path:
        return self.root / "bridge.toml"

    @property
    def portal_config(self) -> Path:
        return self.root / "portal.toml"

    @property
    def bridge_tls(self) -> Path:
        return self.root / "bridge-tls"

    @property
    def portal_tls(self) -> Path:
        return self.root / "portal-tls"

    @property
    def mails(self) -> Path:
        """Where the portal's mails lie as files, since nobody is to get any."""
        return self.root / "mails"

    @property
    def trust(self) -> Path:
        return self.root / "trust"


def run(argv: list[str]) -> int:
    """Entry of the command. Runs until Ctrl+C or SIGTERM, or until a part ends."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its parts must not outlive it
    place = Place(arguments.directory.resolve())
    card = _card(place, arguments)
    prepare(place, card, arguments.portal_port, arguments.window)
    try:
        with _parts(place) as (bridge, portal):
            print(_instructions(place, portal.address, card), flush=True)
            if not arguments.no_browser:
                demo_browser.open_page(place.root, (place.bridge_tls, place.portal_tls), portal.address)
            return _wait(bridge, portal)
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge demo",
        description="Bridge, portal and practice card on this computer: register as in the procedure.",
    )
    default = settings.data_directory() / "demo"
    parser.add_argument("--directory", type=Path, default=default, metavar="DIR", help=f"default: {default}")
    parser.add_argument("--portal-port", type=int, default=PORTAL_PORT, metavar="PORT", help="default: %(default)s")
    parser.add_argument("--no-browser", action="store_true", help="only print what to open")
    parser.add_argument("--card", type=Path, metavar="FILE", help="JSON: another card (module, ca, crl, pin)")
    parser.add_argument("--window", nargs="+", default=(), metavar="ARG", help="another PIN window (for tests)")
    return parser


def _card(place: Place, arguments: argparse.Namespace) -> Card:
    if arguments.card is not None:
        told = json.loads(arguments.card.read_text(encoding="utf-8"))
        return Card(False, (told["module"],), Path(told["ca"]), Path(told["crl"]), told["pin"])
    directory = place.root / "card" / "practice"
    practice_pki.ensure(directory, datetime.now(UTC))
    return Card(True, (), directory / "ca.pem", directory / "ca.crl", practice_pki.PIN.decode())


def prepare(place: Place, card: Card, portal_port: int, window: tuple[str, ...] = ()) -> None:
    """Certificates, trust folders and settings files of the demo. Existing certificates stay."""
    for directory in (place.bridge_tls, place.portal_tls):
        certs.context.ensure(directory, time.time())
    for folder, source in (("anchors", card.anchor), ("crls", card.revocation_list)):
        target = place.trust / folder
        target.mkdir(parents=True, exist_ok=True)
        (target / source.name).write_bytes(source.read_bytes())
    (place.trust / "intermediates").mkdir(exist_ok=True)
    place.bridge_config.write_text(_bridge_toml(place, card, portal_port, window), encoding="utf-8")
    place.portal_config.write_text(portal_toml(place, portal_port), encoding="utf-8")


def _bridge_toml(place: Place, card: Card, portal_port: int, window: tuple[str, ...]) -> str:
    lines: dict[str, dict[str, object]] = {
        "origins": {"allowed": [f"https://localhost:{portal_port}"]},
        "card": {
            "practice": card.practice,
            "modules": list(card.modules),
            "directory": str(place.root / "card"),
        },
        "pin": {"window": list(window)} if window else {},
        "tls": {"directory": str(place.bridge_tls)},
        "log": {"directory": str(place.root / "log")},
        "audit": {"directory": str(place.root / "audit")},
    }
    return toml(lines)


def portal_toml(place: Place, port: int) -> str:
    now = time.time()
    certificate = certs.context.current(certs.context.ensure(place.portal_tls, now).leaves, now).path
    origin = f"https://localhost:{port}"
    return toml(
        {
            "listen": {"port": port},
            "site": {"origin": origin, "audience": origin, "practice": True},
            "hours": {"always_open": True},  # people practise in the evening, too
            "tls": {"certificate": str(certificate), "key": str(certificate)},
            # The procedure's example registers 日立 二郎's company with 北東 次郎's card (docs/decisions/0011).
            "registration": {"holder": "warn"},
            "mail": {"folder": str(place.mails), "sender": "練習用 <no-reply@localhost>", "poll_seconds": 1},
            "officers": {"mail": ["officer@localhost"]},
        }
    )


def toml(sections: dict[str, dict[str, object]]) -> str:
    """Strings, booleans, integers and lists of strings: JSON's forms of these are TOML's."""
    lines: list[str] = []
    for section, values in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)


class Part(NamedTuple):
    """A started program and the address that its ready line names."""

    process: subprocess.Popen[str]
    address: str


@contextlib.contextmanager
def _parts(place: Place) -> Iterator[tuple[Part, Part]]:
    """Bridge and portal as processes of their own, ended with the demo."""
    running: list[Part] = []
    try:
        carry_out(["portal", "init", "--samples", "--config", str(place.portal_config)])
        _list_officer(place)
        tray = [] if demo_browser.has_display() else ["--no-tray"]
        running.append(start(["run", *tray, "--config", str(place.bridge_config)]))
        running.append(start(["portal", "serve", "--config", str(place.portal_config)]))
        yield running[0], running[1]
    finally:
        for part in running:
            end(part.process)


def _list_officer(place: Place) -> None:
    """Puts the second practice card on the list of officers, once: the demo's officer (/officers)."""
    listed = ["portal", "officers", "list", "--config", str(place.portal_config)]
    told = subprocess.run([*_COMMAND, *listed], check=True, stdout=subprocess.PIPE, creationflags=NO_CONSOLE).stdout
    if not told:
        card = ["--issuer", practice_pki.ISSUER.rfc4514_string(), "--serial", str(practice_pki.RENEWAL_SERIAL)]
        add = ["portal", "officers", "add", "--name", OFFICER, *card]
        carry_out([*add, "--config", str(place.portal_config)])


def start(arguments: list[str]) -> Part:
    """Start and wait for the line '… ready https://…'. Raises RuntimeError when the program ends before it."""
    process = subprocess.Popen([*_COMMAND, *arguments], stdout=subprocess.PIPE, text=True, creationflags=NO_CONSOLE)
    if process.stdout is None:
        raise RuntimeError("no pipe")
    for line in process.stdout:
        if " ready " in line:
            return Part(process, line.rpartition(" ")[2].strip())
    raise RuntimeError(f"card-bridge {arguments[0]} ended with status {process.wait()}")


def carry_out(arguments: list[str]) -> None:
    """A command that ends by itself. Raises CalledProcessError."""
    subprocess.run([*_COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL, creationflags=NO_CONSOLE)


def end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate() if sys.platform == "win32" else process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _wait(bridge: Part, portal: Part) -> int:
    while bridge.process.poll() is None and portal.process.poll() is None:
        time.sleep(0.2)
    print("card-bridge demo: a part has ended; see the messages above.", file=sys.stderr)
    return 1


def _instructions(place: Place, address: str, card: Card) -> str:
    number, name = CONTRACTOR
    kind = "練習用カード / practice card" if card.practice else "仮想カード / virtual card"
    # The second practice card (更新用の練習カード) goes into the reader where the procedure says 差し替えてください.
    exchange = f"  差し替え / swap:      card-bridge practice swap --config {place.bridge_config}"
    column = " " * 24
    officers = (
        f"  担当者 / officers:    {address.rstrip('/')}/officers",
        f"{column}差し替えたカードで「登録」すると仮登録になり、同じカードで担当者として受理できます。",
        f"{column}Register with the swapped card: it waits there, to be accepted with the same card.",
    )
    swap = (exchange, *officers) if card.practice else ()
    return "\n".join(
        (
            "",
            f"  開くページ / open:    {address}",
            f"  開発者 / developers:  {address.rstrip('/')}/developers/",
            f"  カード / card:        {kind}",
            f"  PIN番号 / PIN:        {card.pin}   （3回間違えるとロックされます / three wrong tries lock it）",
            f"  業者番号 / number:    {number}",
            f"  商号又は名称 / name:  {name}",
            f"  メール / mails:       {place.mails}",
            *swap,
            "",
            "  終了 / stop: Ctrl+C",
        )
    )
