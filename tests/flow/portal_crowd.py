"""Bidders who register, change and renew all at once at portals that run as programs, and what they were told.

What goes wrong on their way they do as people do: the same signed bytes again where the answer was lost, and all of it
again where the portal said no.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from portal.registration.purposes import Purpose
from tests.flow.portal_program import Program, contractor, trusting
from tests.flow.portal_site import Page, Remote, Visitor
from tests.flow.renewal_steps import encoded
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World
from tests.unit.renewal_world import LATER

SECONDS = 300.0
"""How long anybody waits for an answer, and a test for the next one that comes."""
PAUSE = 0.3  # until somebody who was told no, or nothing, tries again
COME_AGAIN = {"store_unavailable", "page 503", ""}
"""What people are told while a store is away: that they may do it again, or nothing."""
REGISTRATION, CHANGE, HANDOVER, ACCEPTANCE = "registration", "change", "renewal/handover", "renewal/acceptance"


class AgainError(Exception):
    """The portal said no."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass
class Ledger:
    """By SHA-256 of the CMS: what was sent, as what; what was acknowledged, and with which 企業ID.

    By code: what was refused; '' is no answer at all.
    """

    sent: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lost, refused = self.refused[""], self.refused.total() - self.refused[""]
        kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(map(self.sent.get, self.told)).items())
        return f"{len(self.sent)} sent, {len(self.told)} acknowledged ({kinds}), {lost} unanswered, {refused} refused"


@dataclass
class Crowd:
    made: World
    addresses: list[str]
    bidders: int = 6
    begin: int = 0  # the first company's number
    ledger: Ledger = field(default_factory=Ledger)
    _tls: ssl.SSLContext = field(init=False)
    _done: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ended: bool = False
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _serials: Iterator[int] = field(default_factory=lambda: itertools.count(70_000))

    def __post_init__(self) -> None:
        self._tls = trusting(self.made)  # once: it costs more than what is asked with it

    async def more(self, acts: int) -> None:
        """Waits until so many more were acknowledged."""
        wanted = len(self.ledger.told) + acts
        async with asyncio.timeout(SECONDS), self._done:
            await self._done.wait_for(lambda: len(self.ledger.told) >= wanted)

    async def trouble(self) -> None:
        """Waits until somebody more was told no, or nothing."""
        before = self.ledger.refused.total()
        async with asyncio.timeout(SECONDS), self._done:
            await self._done.wait_for(lambda: self.ledger.refused.total() > before)

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Everybody at it while entered; at the end each ends what it has begun."""
        async with asyncio.TaskGroup() as group:
            self._tasks = [group.create_task(self._live(number)) for number in range(self.bidders)]
            try:
                yield
            finally:
                self._ended = True

    def go_home(self) -> None:
        """Ends what goes on, answered or not: the portal will not come back."""
        self._ended = True
        for task in self._tasks:
            task.cancel()

    async def _live(self, number: int) -> None:
        """One company after the other: 登録, 変更, ICカード更新."""
        for company in itertools.count(self.begin + number, self.bidders):
            card = self.card()
            for act in (_register, _change, _renew):
                if self._ended:
                    return
                await self._until_done(act, company, card)

    async def _until_done(self, act: Callable[[Person], Any], company: int, card: pki.Card) -> None:
        for attempt in itertools.count(company):
            address = self.addresses[attempt % len(self.addresses)]
            try:
                async with self.person(address, company, card) as person:
                    await act(person)
                    return
            except AgainError as no:
                await self.note(no.said)
            except (ClientError, TimeoutError):
                await self.note("")
            await asyncio.sleep(PAUSE)

    async def note(self, refused: str) -> None:
        async with self._done:
            self.ledger.refused[refused] += 1
            self._done.notify_all()

    def card(self, **more: Any) -> pki.Card:
        return self.made.authority.issue(next(self._serials), key=pki.rsa_key("card"), **more)

    @contextlib.asynccontextmanager
    async def person(self, address: str, company: int, card: pki.Card) -> AsyncIterator[Person]:
        connector = TCPConnector(ssl=self._tls)
        async with ClientSession(connector=connector, timeout=ClientTimeout(total=SECONDS)) as session:
            yield Person(self.made, Remote(session, address), crowd=self, address=address, company=company, card=card)

    async def told(self, sha256: str, company: str) -> None:
        async with self._done:
            assert self.ledger.told.setdefault(sha256, company) == company
            self._done.notify_all()


@dataclass
class Person(Visitor):
    """A visitor who takes no other answer than the right one, and sends signed bytes until there is one."""

    crowd: Crowd = field(kw_only=True)
    address: str = field(kw_only=True)
    company: int = field(kw_only=True)
    card: pki.Card = field(kw_only=True)

    async def call(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        status, answer = await super().call(path, body, **headers)
        if status != 200:
            raise AgainError(answer["code"])
        return status, answer

    async def _page(self, response: Any) -> Page:
        page = await super()._page(response)
        if page.status != 200:
            raise AgainError(f"page {page.status}")
        return page

    async def hand_in(self, kind: str, cms: bytes) -> dict[str, Any]:
        sha256 = hashlib.sha256(cms).hexdigest()
        self.crowd.ledger.sent[sha256] = kind
        async with asyncio.timeout(SECONDS):
            while True:
                try:
                    _, answer = await self.finish(kind, cms)
                    break
                except (ClientError, TimeoutError):  # whether it was written, nobody knows
                    await self._unanswered()
        await self.crowd.told(sha256, answer.get("companyId", ""))
        return dict(answer)

    async def _unanswered(self) -> None:
        """Waits for another try. Raises AgainError where this portal is gone for good."""
        await self.crowd.note("")
        if self.address not in self.crowd.addresses:
            raise AgainError("elsewhere")
        await asyncio.sleep(PAUSE)

    async def accept(self, new: pki.Card) -> None:
        """A hand-over that was acknowledged is taken up where it is, and not begun anew with the next lost answer."""
        async with asyncio.timeout(SECONDS):
            while True:
                try:
                    _, answer = await self.call("/api/renewal/announce", {"certificate": encoded(new)})
                    page = await self.get(answer["next"])
                    await self.sign(ACCEPTANCE, {"shown": page.data("shown")}, new)
                except (ClientError, TimeoutError):
                    await self._unanswered()
                else:
                    return

    async def sign(self, kind: str, body: Any, card: pki.Card | None = None) -> dict[str, Any]:
        return await self.hand_in(kind, self.made.signed(await self.begin(kind, body), card or self.card))


async def _register(person: Person) -> None:
    try:
        await person.login(person.card)
        company = {**SEARCH, "number": contractor(person.company).number, "name": contractor(person.company).name}
        await person.submit("/registration/search", company)
        confirm = await person.submit("/registration/form", {**FORM, "step": "confirm"})
        await person.sign(REGISTRATION, {"shown": confirm.data("shown")})
    except AgainError as no:
        if no.said != "already_registered":  # by the bytes whose answer was lost
            raise


async def _change(person: Person) -> None:
    form = await person.login(person.card, Purpose.CHANGE)
    number = int(form.value("company_fax")[-4:]) + 1
    typed = {**FORM, "company_fax": f"083-934-{number:04d}", "step": "confirm"}
    confirm = await person.submit("/change", typed)
    await person.sign(CHANGE, {"shown": confirm.data("shown")})


async def _renew(person: Person) -> None:
    new = person.crowd.card(until=LATER)
    try:
        await person.login(person.card, Purpose.RENEWAL)
        page = await person.submit("/renewal/handover", {"new": ""})
        await person.sign(HANDOVER, {name: page.data(name) for name in ("shown", "old", "new", "division")})
        await person.accept(new)
    except AgainError as no:
        if no.said != "card_replaced":
            raise


@dataclass
class Bidder:
    """Signed and ready to register."""

    cookie: str
    token: str
    cms: bytes
    ledger: Ledger

    async def send(self, portal: Program) -> tuple[int, str]:
        """Status, and the 企業ID or the refusal's code."""
        fingerprint = hashlib.sha256(self.cms).hexdigest()
        self.ledger.sent[fingerprint] = REGISTRATION
        async with portal.visitor() as person:
            person.cookie, person.token = self.cookie, self.token
            status, answer = await person.finish("registration", self.cms)
        if status == 200:
            assert self.ledger.told.setdefault(fingerprint, answer["companyId"]) == answer["companyId"]
        return status, answer.get("companyId", answer.get("code", ""))
