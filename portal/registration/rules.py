"""The agency's rules on who may register, with Yamaguchi's as defaults. Tables [registration] and [card]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a remark on a registration leads to."""

    WARN = "warn"
    REVIEW = "review"  # 仮登録, until the agency has looked
    REFUSE = "refuse"


class Scope(StrEnum):
    """What one 企業ID is for."""

    AGENCY = "agency"
    CATEGORY = "category"  # each 区分 has its own


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """`holder`: the certificate names another person than 代表者氏名; `holder_unknown`: the two cannot be compared.

    `revocation_unknown`: the CA's list is missing or has ended when the form comes in signed. Never `warn`.
    """

    scope: Scope = Scope.AGENCY
    holder: Effect = Effect.REVIEW
    holder_unknown: Effect = Effect.REVIEW
    revocation_unknown: Effect = Effect.REVIEW


@dataclass(frozen=True, slots=True)
class CardRules:
    """From how many days before its expiry a card is said to expire soon."""

    expiring_days: int = 60
