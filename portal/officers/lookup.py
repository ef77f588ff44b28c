"""Looking registrations up: search, and one of them with its history and the evidence under it."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from portal.form import sections
from portal.refusals import Refused
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.store import Event, Owner, Registration, State, Store, inquiries, lookup, officer_log, officers
from portal.store import history as acts
from portal.store.inquiries import Cause
from portal.store.officer_rows import Found, Kept, Logged, Officer

MAX_WORDS = 60
_INQUIRY = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}", re.ASCII)
_RECEPTION = re.compile(r"R-([0-9]{1,12})", re.IGNORECASE | re.ASCII)


class Results(NamedTuple):
    """One page of what was found. `number` counts from 1; `total` fit, `first` is the place of the first here.

    `more`: even more fit than `total`, which is where counting ended.
    """

    rows: list[Found]
    total: int
    number: int
    pages: int
    first: int
    more: bool


class Told(NamedTuple):
    """A 問い合わせ番号: what was refused, when, and the registration of the card that had logged in, if it has one."""

    inquiry: Cause
    at: datetime
    registration: Registration | None


class Place(NamedTuple):
    """Where a page of the log stands: `total` lines, this page's number from 1, of so many."""

    total: int
    number: int
    pages: int


class Sight(NamedTuple):
    """A registration as officers see it: what is in force, the card, what was done to it, the company's other cards,
    and the last lines of the officers' log about it."""

    registration: Registration
    sections: list[Any]
    card: CertificateView
    events: list[Event]
    others: list[Registration]
    log: list[Logged]


class Revocation(NamedTuple):
    """A list or OCSP response that was consulted."""

    kind: str
    sha256: str
    since: datetime
    until: datetime | None


class Evidence(NamedTuple):
    """A stored statement and what it rests on: its path from card to anchor, the revocation data, the whole record.

    `reception` is the registration's under which it was asked for.
    """

    reception: str
    kept: Kept
    path: list[CertificateView]
    revocation: list[Revocation]
    record: dict[str, Any]


class Lookup:
    """Answers officers; changes nothing."""

    def __init__(self, store: Store, rows: int) -> None:
        self._store = store
        self._rows = rows

    async def search(self, words: str, state: State | None, number: int) -> Results:
        """The page with this number, or the nearest that there is."""
        asked = max(number, 1)
        rows, total, more = await self._at(words, state, asked)
        pages = max(1, -(-total // self._rows))
        if asked > pages:
            asked = pages
            rows, total, more = await self._at(words, state, asked)
        return Results(rows, total, asked, pages, (asked - 1) * self._rows + 1, more)

    async def waiting(self) -> int:
        """How many registrations wait as 仮登録."""
        return await self._store.read(lookup.waiting)

    async def registration(self, reception: str) -> Registration:
        """The registration of a 受付番号 as typed. Raises Refused (reception_unknown)."""
        number = named(reception)
        found = None if number is None else await self._store.read(lambda db: lookup.by_reception(db, number))
        if found is None:
            raise Refused("reception_unknown")
        return found

    async def sight(self, reception: str) -> Sight:
        """The registration of a 受付番号 with its history. Raises Refused (reception_unknown)."""
        found = await self.registration(reception)
        events = await self._store.read(lambda db: acts.of_company(db, found.company_id))
        cards = await self._store.registrations_of(found.company_id)
        return Sight(
            found,
            sections.registered_sections(found),
            certificate.read(found.certificate),
            lookup.of_card(events, found),
            [each for each in cards if each.owner != found.owner],
            (await self.log(found.reception, None, 1))[0],
        )

    async def evidence(self, sha256: str, reception: str) -> Evidence:
        """A stored statement by the SHA-256 of its bytes, hex. Raises Refused (statement_unknown)."""
        kept = await self._store.read(lambda db: lookup.statement(db, sha256))
        if kept is None:
            raise Refused("statement_unknown")
        record = json.loads(kept.evidence)
        path = [certificate.read(each) for each in decoded(record["chain"])]
        return Evidence(reception, kept, path, list(_revocation(record)), record)

    async def inquiry(self, words: str) -> Told | None:
        """What is known of a 問い合わせ番号 as typed; None for other words, and for a number that is not known."""
        typed = unicodedata.normalize("NFKC", words).strip().upper()
        if not _INQUIRY.fullmatch(typed):
            return None
        found = await self._store.read(lambda db: inquiries.find(db, typed))
        if found is None:
            return None
        line, at = found
        whose = await self._store.registration(Owner(line.certificate_sha256, line.category))
        return Told(line, at, whose)

    async def log(self, reception: str, officer: int | None, number: int) -> tuple[list[Logged], Place]:
        """One page of the officers' log, of a registration or an officer where they are named."""
        named_as = f"R-{named(reception):06d}" if named(reception) is not None else reception
        asked = max(number, 1)

        async def at(page: int) -> tuple[list[Logged], int]:
            offset = (page - 1) * self._rows
            return await self._store.read(lambda db: officer_log.page(db, named_as, officer, offset, self._rows))

        rows, total = await at(asked)
        pages = max(1, -(-total // self._rows))
        if asked > pages:
            rows, total = await at(pages)
        return rows, Place(total, min(asked, pages), pages)

    async def officers(self) -> list[Officer]:
        """Those who are or were on the list."""
        return await self._store.read(officers.everyone)

    async def _at(self, words: str, state: State | None, number: int) -> tuple[list[Found], int, bool]:
        offset = (number - 1) * self._rows
        return await self._store.read(lambda db: lookup.search(db, words, state, offset, self._rows))


def named(words: str) -> int | None:
    """What a 受付番号 counts, as typed in whatever width; None for other words."""
    found = _RECEPTION.fullmatch(unicodedata.normalize("NFKC", words).strip())
    return int(found[1]) if found is not None else None


def _revocation(record: dict[str, Any]) -> Iterator[Revocation]:
    for each in record["crls"]:
        number = "" if each["number"] is None else f" 番号 {each['number']}"
        yield _consulted(f"失効リスト（CRL）{number}", each)
    for each in record.get("ocsp", ()):
        yield _consulted("OCSP応答", each)


def _consulted(kind: str, each: dict[str, Any]) -> Revocation:
    until = each["nextUpdate"]
    end = datetime.fromisoformat(until) if until is not None else None
    return Revocation(kind, each["sha256"], datetime.fromisoformat(each["thisUpdate"]), end)


def decoded(chain: list[str]) -> list[bytes]:
    """The certificates (DER) of a path in evidence, from the card's to the anchor."""
    return [base64.b64decode(each) for each in chain]
