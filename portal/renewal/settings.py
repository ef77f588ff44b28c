"""What an agency chooses for ICカード更新."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ExpiredCard(StrEnum):
    """What becomes of an old card that has expired."""

    REFUSE = "refuse"  # 登録 again, with the new card
    ACCEPT = "accept"  # it may still hand over, judged at the last moment of its validity


@dataclass(frozen=True, slots=True)
class RenewalSettings:
    """How long a hand-over waits for the new card, and whether an expired card may sign one."""

    handover_minutes: int = 30
    expired_old_card: ExpiredCard = ExpiredCard.REFUSE
