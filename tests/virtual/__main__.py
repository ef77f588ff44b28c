"""The chain for the demo: pcscd, reader and card of our own until stdin ends.

Prints one JSON line: what a client needs in its environment, the PIN, the reader's name, the PKCS#11 library, the CA's
files. Reads commands on stdin, one per line: insert, remove, state, quit; each answers one JSON line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.card.jpki_cards import SIGN_PIN
from tests.card.jpki_cards import contents as jpki_contents
from tests.virtual import pki
from tests.virtual.jpki import JpkiCard
from tests.virtual.pcscd import ReaderSocket, pcscd
from tests.virtual.piv import PivCard, Slot
from tests.virtual.reader import VirtualReader

MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
PIN = "123456"
READER = "Virtual Card Reader"
Inserted = PivCard | JpkiCard


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.virtual", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="where sockets, CA and logs go")
    parser.add_argument("--kind", choices=["piv", "jpki"], default="piv", help="what kind of card")
    arguments = parser.parse_args(argv)
    directory: Path = arguments.directory
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the demo in front, which then closes our stdin
    with _chain(directory, arguments.kind) as (reader, card, facts):
        _say(facts)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            _say(_obey(line.strip(), reader, card))
    return 0


@contextlib.contextmanager
def _chain(directory: Path, kind: str) -> Iterator[tuple[VirtualReader, Inserted, dict[str, Any]]]:
    now = datetime.now(UTC)
    authority = pki.Authority.fresh(now)
    card, pin = _jpki(authority, now) if kind == "jpki" else _piv(authority, now)
    ca, crl = directory / "ca.pem", directory / "ca.crl"
    ca.write_bytes(authority.pem())
    crl.write_bytes(authority.crl(now))
    place = ReaderSocket(READER, directory / "reader")
    place.path.unlink(missing_ok=True)
    with contextlib.closing(VirtualReader(place.path)) as reader, pcscd(directory, [place]) as service:
        reader.insert(card)
        facts = {"env": service.env, "pin": pin, "reader": service.reader_names[0], "module": MODULE}
        yield reader, card, {**facts, "ca": str(ca), "crl": str(crl)}


def _piv(authority: pki.Authority, now: datetime) -> tuple[Inserted, str]:
    """A card and its PIN."""
    return PivCard({Slot.AUTHENTICATION: pki.card_key(authority, pki.rsa_key(), now)}, PIN.encode()), PIN


def _jpki(authority: pki.Authority, now: datetime) -> tuple[Inserted, str]:
    """Likewise; the PIN is that for signatures."""
    return JpkiCard(jpki_contents(authority, now)), SIGN_PIN.decode()


def _obey(command: str, reader: VirtualReader, card: Inserted) -> dict[str, Any]:
    match command:
        case "insert":
            reader.insert(card)
        case "remove":
            reader.remove()
        case "state":
            pass
        case _:
            return {"error": f"insert, remove, state or quit, not {command!r}"}
    inserted = reader.card is not None
    pin = card.sign_pin if isinstance(card, JpkiCard) else card
    return {"inserted": inserted, "triesLeft": pin.tries_left, "verifications": len(card.verifications())}


def _say(facts: dict[str, Any]) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
