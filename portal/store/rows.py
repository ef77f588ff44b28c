"""What the store hands out and takes in: facts, one NamedTuple each. Times are aware datetimes in UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from portal.registration.admission import Reason, Remark, waits_for
from portal.registration.purposes import Purpose
from portal.store.mail_rows import Mail


class Contractor(NamedTuple):
    """One row of the qualification data (資格審査情報)."""

    number: str
    name: str
    postal_code: str
    address: str
    representative: str
    representative_title: str


class Published(NamedTuple):
    """What anyone may know of a row of the qualification data."""

    number: str
    name: str


class Owner(NamedTuple):
    """Whose a draft or a registration is: a certificate (SHA-256, hex), in one 区分 if the agency registers by 区分."""

    certificate_sha256: str
    category: str


class Session(NamedTuple):
    """One visit. `certificate` is the verified login certificate (DER), `purpose` its business; None before login.

    `category` is the 区分 that the card logged in for, where the agency registers by category, else empty; `extended`
    says that its holder has put closing time off.
    """

    id: str
    csrf: str
    certificate: bytes | None
    created: datetime
    expires: datetime
    purpose: Purpose | None = None
    category: str = ""
    extended: bool = False


class Login(NamedTuple):
    """What a card logs in with and for."""

    certificate: bytes
    purpose: Purpose
    category: str

    @property
    def owner(self) -> Owner:
        return Owner(hashlib.sha256(self.certificate).hexdigest(), self.category)


class Draft(NamedTuple):
    """What a person has typed so far: the contractor found, the search fields and the form fields, as typed."""

    contractor: str | None
    search: dict[str, str]
    form: dict[str, str]


class ChangeDraft(NamedTuple):
    """A change as typed so far, over `base`: the fields in force when the form was last shown.

    `moved` are the fields that another card of the company has changed since the person began, with their old values.
    """

    base: dict[str, str]
    form: dict[str, str]
    moved: dict[str, str]


class Minted(NamedTuple):
    """A nonce as the store knows it, after counting this attempt."""

    nonce: str
    session: str
    type: str
    action: str
    payload_sha256: bytes
    context: dict[str, Any]
    expires: datetime
    attempts: int
    spent: datetime | None


class State(StrEnum):
    """Where a registration stands."""

    REGISTERED = "registered"
    PROVISIONAL = "provisional"  # 仮登録: waits for the agency's review
    REPLACED = "replaced"  # another card took its place (ICカード更新): it cannot log in any more
    REFUSED = "refused"  # 不受理: as if it had never been registered, and it may be registered anew
    STOPPED = "stopped"  # 利用停止: an accepted card that cannot log in until the stop is lifted


UNACCEPTED = (State.PROVISIONAL, State.REFUSED)
"""What the agency has not accepted: such a card has only claimed its company."""


class Act(StrEnum):
    """What was done to a registration."""

    REGISTERED = "registered"
    CHANGED = "changed"
    RENEWED = "renewed"
    CHECKED = "checked"  # its revocation, by the portal itself, after it had waited
    ACCEPTED = "accepted"  # this one and those below by an officer
    REFUSED = "refused"
    STOPPED = "stopped"
    RESUMED = "resumed"


class Proof(Protocol):
    """What the ladder hands over: a statement that held on every rung."""

    @property
    def cms(self) -> bytes: ...
    @property
    def certificate(self) -> bytes: ...
    @property
    def nonce(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...
    @property
    def revocation_lists(self) -> Mapping[str, bytes]: ...
    @property
    def waits(self) -> bool: ...


class Entry(NamedTuple):
    """Everything that one registration writes in one transaction."""

    session: str
    contractor: Contractor
    category: str
    form: Mapping[str, str]
    remarks: tuple[Remark, ...]
    sections: list[Any]
    issuer: str
    serial: str
    proof: Proof
    user_id: str = ""  # of 入札情報公開システム, as signed; its password waits in the store


class InForce(NamedTuple):
    """What a registration says: the qualification data and the form's fields."""

    contractor: Contractor
    form: dict[str, str]


class Change(NamedTuple):
    """Everything that one change writes in one transaction, if `before` is what is in force."""

    session: str
    owner: Owner
    before: InForce
    after: InForce
    sections: list[Any]
    proof: Proof
    mails: list[Mail]


RECEPTION = "受付番号"


class Identity(NamedTuple):
    """How a registration is spoken of with its card's holder: 企業ID, or 受付番号 while it waits."""

    label: str
    value: str


def _identity(state: State, company_id: str, reception: str) -> Identity:
    # A 仮登録 may be a stranger's: the 企業ID behind it is the company's (docs/decisions/0020-…).
    return Identity(RECEPTION, reception) if state in UNACCEPTED else Identity("企業ID", company_id)


class Outcome(NamedTuple):
    """What a registration came to. `contacts` are the addresses of cards that hold its 業者番号 already.

    `reasons` are why it waits, if it does.
    """

    company_id: str
    reception: str
    state: State
    reasons: tuple[Reason, ...]
    contacts: tuple[str, ...]

    @property
    def identity(self) -> Identity:
        return _identity(self.state, self.company_id, self.reception)


class Registration(NamedTuple):
    """A card registered for a company.

    `contractor` and `form` are what is in force: the company's own (qualification data, company_*, contact_*) as any of
    its cards last signed them and this card's (card_*); for a 仮登録, what this card signed. `reception` is its
    受付番号; `remarks` are what was noticed when it was registered, with the effect that it had. `sections` are those
    that this card last signed: [{label, value}, …].
    """

    company_id: str
    reception: str
    category: str
    state: State
    contractor: Contractor
    form: dict[str, str]
    remarks: tuple[Remark, ...]
    sections: list[Any]
    issuer: str
    serial: str
    certificate: bytes
    certificate_sha256: str
    cms_sha256: str
    created: datetime
    changed: datetime

    @property
    def number(self) -> str:
        """業者番号."""
        return self.contractor.number

    @property
    def waits_by_itself(self) -> bool:
        """Whether it waits for revocation data and nothing else: then nobody has to look at it."""
        return waits_for(self.remarks) == (Reason.REVOCATION_UNKNOWN,)

    @property
    def owner(self) -> Owner:
        return Owner(self.certificate_sha256, self.category)

    @property
    def accepted(self) -> bool:
        """Whether it is or was the company's, as far as the agency goes."""
        return self.state not in UNACCEPTED

    @property
    def identity(self) -> Identity:
        return _identity(self.state, self.company_id, self.reception)


class Event(NamedTuple):
    """One line of a registration's history."""

    at: datetime
    certificate_sha256: str
    act: Act
    state: State
    cms_sha256: str
    sections: list[Any]


class Receipt(NamedTuple):
    """A signed statement as it was received, when, and the registration of the card that asks for it."""

    identity: Identity
    received: datetime
    cms: bytes
