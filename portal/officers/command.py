"""`card-bridge portal officers`: who may log in to the agency's own pages."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from portal.refusals import Refused
from portal.signatures import certificate
from portal.signatures.certificate import TOKYO
from portal.signatures.signing import utc_now
from portal.store import Store, officers
from portal.store.officer_rows import Officer

MAX_NAME = 60


class OfficerFault(Exception):
    """What was given cannot be done; the text says why."""


class Named(NamedTuple):
    """A certificate by what its issuer calls it, and its SHA-256 (hex) where it was at hand."""

    issuer: str
    serial: str
    fingerprint: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions and their arguments."""
    parser.add_argument("action", choices=("add", "remove", "list"))
    parser.add_argument("number", nargs="?", type=int, help="remove: the officer's number in the list")
    parser.add_argument("--name", help="add: the officer's name, as pages and log show it")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="add: the card's certificate (PEM or DER)")
    parser.add_argument("--issuer", help="add, without the certificate: its issuer as `list` writes it (RFC 4514)")
    parser.add_argument("--serial", help="add, without the certificate: its serial number, decimal")


async def run(arguments: argparse.Namespace, store: Store) -> int:
    """0: done. Raises OfficerFault, OSError."""
    match arguments.action:
        case "add":
            print(_line(await _add(arguments, store)))
        case "remove":
            print(_line(await _remove(arguments, store)))
        case _:
            for officer in await store.read(officers.everyone):
                print(_line(officer))
    return 0


async def _add(arguments: argparse.Namespace, store: Store) -> Officer:
    name, card, now = _name(arguments.name), await _card(arguments), utc_now()
    added = await store.write(lambda db: officers.add(db, name, *card, by=_by(), now=now))
    if added is None:
        raise OfficerFault(f"this certificate is on the list already: {card.issuer}, serial {card.serial}")
    return added


async def _remove(arguments: argparse.Namespace, store: Store) -> Officer:
    if arguments.number is None:
        raise OfficerFault("remove: the officer's number is missing (see `list`)")
    number, now = arguments.number, utc_now()
    removed = await store.write(lambda db: officers.remove(db, number, _by(), now))
    if removed is None:
        raise OfficerFault(f"nobody on the list has the number {number}")
    return removed


def _name(given: str | None) -> str:
    name = (given or "").strip()
    unfit = any(unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp", "Cs") for each in name)
    if not 1 <= len(name) <= MAX_NAME or unfit:
        raise OfficerFault(f"--name: expected a name of at most {MAX_NAME} characters")
    return name


async def _card(arguments: argparse.Namespace) -> Named:
    if arguments.certificate is not None:
        return _read(await asyncio.to_thread(arguments.certificate.read_bytes))
    issuer, serial = arguments.issuer, arguments.serial
    if not issuer or not serial or not (serial.isascii() and serial.isdecimal()):
        raise OfficerFault("expected --certificate FILE, or --issuer and --serial (decimal)")
    return Named(issuer, str(int(serial)), None)


def _read(data: bytes) -> Named:
    try:
        pem = b"-----BEGIN" in data
        loaded = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        view = certificate.read(loaded.public_bytes(Encoding.DER))
    except (ValueError, Refused) as error:
        raise OfficerFault("--certificate: this file holds no certificate that can be read") from error
    return Named(view.issuer, view.serial, view.sha256)


def _by() -> str:
    """Who sits at the server's command line, for the log."""
    return f"{account()}（サーバーのコマンド）"


def account() -> str:
    """The operating system's account of this process; with it whoever became root by sudo.

    Asked of the system: LOGNAME and USER, which getpass believes first, are anybody's to set. SUDO_USER is believed of
    root alone, who could write into the log whatever there is.
    """
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd  # not on Windows

    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # an account without a name
        name = f"uid {number}"
    became = os.environ.get("SUDO_USER", "") if number == 0 else ""
    return f"{name}（sudo: {became}）" if became else name


def _line(officer: Officer) -> str:
    since = officer.added.astimezone(TOKYO).strftime("%Y/%m/%d")
    until = "" if officer.removed is None else officer.removed.astimezone(TOKYO).strftime("removed %Y/%m/%d")
    state = until or "may log in"
    card = officer.certificate_sha256
    bound = "not yet logged in: binds the first certificate" if card is None else f"SHA-256 {card}"
    whose = (str(officer.id), officer.name, officer.issuer, f"serial {officer.serial}")
    return "  ".join((*whose, f"since {since}", state, bound))
