"""受理, 不受理, 利用停止 and its lifting: what an officer's card signs about one registration.

The statement names the registration by its 受付番号 and by the SHA-256 of what its holder signed, so that it is a
decision on exactly that; the transaction compares both with what is there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from portal.form import sections
from portal.form.sections import division_lines
from portal.mail import letters
from portal.mail.letters import About
from portal.officers import reasons
from portal.officers.lookup import Lookup
from portal.refusals import Refused
from portal.settings import Settings
from portal.signatures import ladder
from portal.signatures.ladder import Checked
from portal.signatures.signing import Signing, StatementRequest
from portal.signatures.statement import payload_digest
from portal.store import Mail, Registration, Store, decisions, officer_log, officers
from portal.store.database import Database
from portal.store.officer_rows import Decided, Logged, Officer, OfficerAct, OfficerSession, Pending

DECISION = "officer-decision"


class Kind(NamedTuple):
    """One decision: its button, what the statement calls it, whether it needs a reason, whom the reason is for."""

    act: OfficerAct
    label: str
    action: str
    reasoned: bool


KINDS = (
    Kind(OfficerAct.ACCEPTED, "受理", "利用申請の受理", False),
    Kind(OfficerAct.REFUSED, "不受理", "利用申請の不受理", True),
    Kind(OfficerAct.STOPPED, "利用停止", "ICカードの利用停止", True),
    Kind(OfficerAct.RESUMED, "利用停止の解除", "ICカードの利用停止の解除", False),
)
_BY_ACT = {kind.act.value: kind for kind in KINDS}


class Asked(NamedTuple):
    """A decision to be confirmed: what was read of the registration, and the statement to sign."""

    kind: Kind
    registration: Registration
    reason: str
    request: StatementRequest

    @property
    def shown(self) -> str:
        """What the page names its content by."""
        return payload_digest({"sections": self.request.payload["sections"]}).hex()


def possible(registration: Registration) -> tuple[Kind, ...]:
    """What can be decided about a registration as it stands."""
    fitting = (kind for kind in KINDS if decisions.FROM[kind.act] is registration.state)
    return tuple(kind for kind in fitting if kind.act is not OfficerAct.ACCEPTED or not decisions.unfit(registration))


def kind(name: str) -> Kind:
    """The decision of this name. Raises Refused (decision_unknown)."""
    if name not in _BY_ACT:
        raise Refused("decision_unknown")
    return _BY_ACT[name]


class Decisions:
    """Asks an officer's card for decisions and writes them."""

    def __init__(
        self, settings: Settings, store: Store, signing: Signing, lookup: Lookup, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._store = store
        self._signing = signing
        self._lookup = lookup
        self._clock = clock

    async def prepare(self, visit: OfficerSession, act: str, given: Mapping[str, str]) -> None:
        """Keeps what the officer chose on a page, until it is signed or another choice takes its place.

        `given`: reception, basis, state and changed as the page showed them, reason. Raises Invalid, Refused
        (registration_moved where the registration is not what the page showed any more).
        """
        chosen = kind(act)
        reason = reasons.checked(given.get("reason", ""), required=chosen.reasoned)
        reception, basis = given.get("reception", ""), given.get("basis", "")
        state, changed = given.get("state", ""), given.get("changed", "")
        pending = Pending(chosen.act, reception, basis, state, changed, reason)
        if decisions.FROM[chosen.act] != pending.state:
            raise Refused("registration_moved", pending.state)
        await self._current(pending)
        await self._store.write(lambda db: officers.keep_pending(db, visit.id, pending))

    async def chosen(self, visit: OfficerSession, reception: str) -> Asked | None:
        """What is to be signed about this registration; None where nothing was chosen, or it is done.

        Raises Refused (registration_moved).
        """
        pending = await self._store.read(lambda db: officers.pending(db, visit.id))
        if pending is None or pending.reception != reception:
            return None
        return await self._ask(visit, pending, await self._current(pending))

    async def begin(self, visit: OfficerSession, shown: str) -> StatementRequest:
        """The decision to sign, if the page with this content is the last one. Raises Refused."""
        pending = await self._store.read(lambda db: officers.pending(db, visit.id))
        if pending is None:
            raise Refused("content_changed", "no decision")
        asked = await self._ask(visit, pending, await self._current(pending))
        if not hmac.compare_digest(asked.shown.encode(), shown.encode()):
            raise Refused("content_changed", "another tab")
        return asked.request

    async def finish(self, visit: OfficerSession, officer: Officer, cms: bytes) -> Logged:
        """The line of the log that a signed decision made; the identical CMS again gives the same. Raises Refused."""
        pending = await self._store.read(lambda db: officers.pending(db, visit.id))

        async def known() -> Logged | None:
            line = await self._store.read(lambda db: officer_log.by_statement(db, ladder.fingerprint(cms)))
            return line if line is not None and line.who == officer.name else None

        async def decided() -> Logged:
            if pending is None:
                raise Refused("content_changed", "no decision")
            action = kind(pending.act).action
            checked = await self._signing.check(visit, cms, DECISION, action, visit.certificate)
            return await self._write(visit, officer, Pending(*checked.context["pending"]), checked)

        return await self._signing.settle(visit, DECISION, known, decided)

    # Inside

    async def _current(self, pending: Pending) -> Registration:
        await self._lookup.registration(pending.reception)  # as typed in an address: refused before it is counted
        return await self._store.read(lambda db: decisions.current(db, pending))

    async def _ask(self, visit: OfficerSession, pending: Pending, found: Registration) -> Asked:
        chosen = kind(pending.act)
        payload = sections.decision_payload(found, chosen.label, pending.reason)
        context = {"pending": list(pending)}
        request = await self._signing.request(visit, DECISION, chosen.action, payload, context)
        return Asked(chosen, found, pending.reason, request)

    async def _write(self, visit: OfficerSession, officer: Officer, pending: Pending, checked: Checked) -> Logged:
        now, found = self._clock(), await self._current(pending)
        mails = self._mails(found, pending, now)
        decided = Decided(visit.id, officer, pending, checked, mails)
        fingerprint = ladder.fingerprint(checked.cms)

        def job(db: Database) -> Logged | None:
            decisions.decide(db, decided, now)
            return officer_log.by_statement(db, fingerprint)

        line = await self._store.write(job)
        assert line is not None  # noqa: S101 - decide has written it
        return line

    def _mails(self, found: Registration, pending: Pending, now: datetime) -> list[Mail]:
        recipients = (found.form["contact_mail"], found.form["card_mail"])
        letter = _LETTERS[OfficerAct(pending.act)]
        numbers: tuple[tuple[str, str], ...] = (("受付番号", found.reception),)
        if pending.act != OfficerAct.REFUSED:  # who was refused is not told whose 企業ID it would have been
            numbers = (("企業ID", found.company_id), *numbers)
        about = About(found.contractor.name, (*division_lines(found.category), *numbers))
        return letter(self._settings.agency, about, reasons.lines(pending.reason), recipients, now)


_LETTERS: dict[OfficerAct, Callable[..., list[Mail]]] = {
    OfficerAct.ACCEPTED: letters.accepted,
    OfficerAct.REFUSED: letters.refused,
    OfficerAct.STOPPED: letters.stopped,
    OfficerAct.RESUMED: letters.resumed,
}
