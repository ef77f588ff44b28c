"""A registration's statement verified: CMS, JSON, path and a list of 100,000 entries, every card new.

Beside the two signatures of each, checked by `cryptography` alone, the openssl command, and pyhanko-certvalidator for
the path. No nonce, no database.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks.figures import Comparison, Series
from benchmarks.rounds import often
from portal.signatures import cms, ladder, outline, paths, trust_folders
from portal.signatures.ladder import Expected
from portal.signatures.trust import Trust
from tests.unit import portal_pki as pki
from tests.unit.generated_chains import URL, crl, point, points

_ENTRIES, _CARDS, _COMMANDS, _FULL = 100_000, often(500), often(20), often(5)
_MADE = max(_CARDS, _COMMANDS, _FULL)
_REQUEST = {"type": "registration", "action": "利用者登録（登録）", "aud": pki.AUDIENCE, "nonce": "A" * 43}
_LINES = [{"label": f"項目{number}", "value": "北東市中央町2丁目3番4号"} for number in range(28)]
_EXPECTED = Expected("registration", "利用者登録（登録）", pki.ORIGIN, pki.AUDIENCE, "visit", None)


class _World:
    """A root, a CA whose list has a distribution point of its own, and statements by its cards."""

    def __init__(self, directory: Path) -> None:
        root = pki.Authority()
        cards = pki.Authority(x509.Name.from_rfc4514_string("CN=Cards,C=JP"), pki.rsa_key("cards"), root)
        self.folder = pki.TrustFolder(directory / "trust")
        self.folder.anchor(root)
        self.folder.intermediate(cards)
        revoked = range(10**6, 10**6 + _ENTRIES)
        lists = [root.crl(), crl(cards, point(names=[URL], users=True), revoked=revoked)]
        for number, der in enumerate(lists):
            self.folder.crl(der, str(number))
        key = pki.rsa_key("card")  # the same for all: making keys is no part of this
        self.cards = [cards.issue(number, key=key, extra=[points([URL])]) for number in range(100, 101 + _MADE)]
        request = {**_REQUEST, "payload": {"sections": [{"label": "企業情報", "value": _LINES}]}}
        self.statements = [pki.sign(pki.statement(card, request), card) for card in self.cards]
        self.file, self.trusted = directory / "statement.p7m", directory / "trust.pem"
        authorities = [each.certificate.public_bytes(Encoding.PEM) for each in (root, cards)]
        self.trusted.write_bytes(b"".join([*authorities, *map(_pem, lists)]))


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)


async def measure(directory: Path) -> list[Comparison]:
    world = _World(directory)
    trust, material, rules = Trust(world.folder.folders), trust_folders.load(world.folder.folders), paths.rules(())

    def ours(number: int) -> None:
        opened = ladder.open_statement(world.statements[number], _EXPECTED)
        trust.validate(opened.signed.signer, pki.NOW)

    def pyhanko(number: int) -> None:
        paths.find(material, world.cards[number].der, pki.NOW, rules, paths.Deadline(60))

    # In a thread of its own, as in the portal: the validator brings its event loop.
    for first in (ours, pyhanko):
        await asyncio.to_thread(first, 0)  # lists are parsed, the CA is learnt
    alone = await asyncio.to_thread(_timed, pyhanko, range(1, 1 + _FULL))
    floor, own = await asyncio.to_thread(_in_turn, _signatures(world), ours, range(1, 1 + _CARDS))
    mine = Series("the portal: CMS, JSON, path, list", "ms", own)
    commands = [_openssl(world, number) for number in range(1, 1 + _COMMANDS)]
    title = f"A registration verified, {_ENTRIES:,} entries in the CA's list, every card new"
    return [
        Comparison(title, Series("cryptography, the card's and the CA's signature", "ms", floor), mine),
        Comparison(title, Series("openssl cms -verify -crl_check_all", "ms", commands), mine),
        Comparison(title, Series("pyhanko-certvalidator, path alone", "ms", alone), mine),
    ]


def _signatures(world: _World) -> Callable[[int], None]:
    """Everything parsed and every key at hand."""
    signed = [cms.read(statement) for statement in world.statements]
    outlines = [outline.read(card.der) for card in world.cards]
    authority, card = pki.rsa_key("cards").public_key(), pki.rsa_key("card").public_key()
    outline.read.cache_clear()  # to `ours` every card is new

    def check(number: int) -> None:
        each = signed[number]
        card.verify(each.signature, each.signed_attributes, padding.PKCS1v15(), hashes.SHA256())
        authority.verify(outlines[number].signature, outlines[number].signed, padding.PKCS1v15(), hashes.SHA256())

    return check


def _in_turn(
    one: Callable[[int], None], other: Callable[[int], None], numbers: Iterable[int]
) -> tuple[list[float], list[float]]:
    """A busy machine slows both."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in numbers:
        found[0].extend(_timed(one, [number]))
        found[1].extend(_timed(other, [number]))
    return found


def _timed(work: Callable[[int], None], numbers: Iterable[int]) -> list[float]:
    found = []
    for number in numbers:
        begin = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - begin) * 1000)
    return found


def _openssl(world: _World, number: int) -> float:
    world.file.write_bytes(world.statements[number])
    moment = str(int((pki.NOW + timedelta(seconds=1)).timestamp()))
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(world.file)]
    command += ["-CAfile", str(world.trusted), "-crl_check_all", "-purpose", "any", "-attime", moment]
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    milliseconds = (time.perf_counter() - begin) * 1000
    assert done.returncode == 0, done.stderr.decode()
    return milliseconds
