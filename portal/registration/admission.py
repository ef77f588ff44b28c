"""Who may register at once: what a certificate says, held against the qualification data. Pure.

業者番号 and 商号 are public, so a trusted card alone proves nothing about a company: only the organisation in its
certificate speaks for one. Each difference is a remark with its effect; the registration waits if one of them does.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from portal.refusals import Refused
from portal.registration import names
from portal.registration.names import Likeness
from portal.registration.rules import Effect, RegistrationRules
from portal.signatures.certificate import CertificateView


class Reason(StrEnum):
    """What stands against a registration, or should be noticed."""

    ORGANIZATION_ABSENT = "organization_absent"
    ORGANIZATION_DIFFERS = "organization_differs"
    HOLDER_VARIANT = "holder_variant"
    HOLDER_DIFFERS = "holder_differs"
    HOLDER_UNKNOWN = "holder_unknown"
    NUMBER_TAKEN = "number_taken"
    REVOCATION_UNKNOWN = "revocation_unknown"
    CARD_REFUSED = "card_refused"


class Remark(NamedTuple):
    """A reason and what it leads to."""

    reason: Reason
    effect: Effect


TAKEN = Remark(Reason.NUMBER_TAKEN, Effect.REVIEW)
"""The 業者番号 has a registered card, and that card has not agreed to this one."""

UNCHECKED = Remark(Reason.REVOCATION_UNKNOWN, Effect.REVIEW)
"""Whether the card was revoked could not be told when the statement came; it is looked at again by itself."""
BAD_CARD = Remark(Reason.CARD_REFUSED, Effect.REVIEW)
"""It was looked at again, and the card does not hold."""


def admissible(card: CertificateView, name: str, representative: str, rules: RegistrationRules) -> tuple[Remark, ...]:
    """What the certificate says against 商号又は名称 and 代表者氏名 of the qualification data.

    Raises Refused (holder_refused) where the agency's rules take no such registration.
    """
    found = (_organization(card.organization, name), _holder(card.holder, representative, rules))
    remarks = tuple(remark for remark in found if remark is not None)
    refused = next((remark for remark in remarks if remark.effect is Effect.REFUSE), None)
    if refused is not None:
        raise Refused("holder_refused", refused.reason)
    return remarks


def waits_for(found: Iterable[Remark]) -> tuple[Reason, ...]:
    """What makes a registration with these remarks a 仮登録; nothing: it is accepted at once."""
    return tuple(remark.reason for remark in found if remark.effect is Effect.REVIEW)


def _organization(organization: str | None, name: str) -> Remark | None:
    if organization is None:
        return Remark(Reason.ORGANIZATION_ABSENT, Effect.REVIEW)
    if names.same_company(organization, name):
        return None
    return Remark(Reason.ORGANIZATION_DIFFERS, Effect.REVIEW)


def _holder(holder: str | None, representative: str, rules: RegistrationRules) -> Remark | None:
    match names.likeness(holder or "", representative):
        case Likeness.SAME:
            return None
        case Likeness.VARIANT:
            return Remark(Reason.HOLDER_VARIANT, Effect.WARN)
        case Likeness.DIFFERENT:
            return Remark(Reason.HOLDER_DIFFERS, rules.holder)
        case Likeness.UNKNOWN:
            return Remark(Reason.HOLDER_UNKNOWN, rules.holder_unknown)
