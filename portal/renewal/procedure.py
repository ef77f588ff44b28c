"""ICカード更新 as one object: the hand-over by the old card and the acceptance by the new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.renewal.acceptance import Acceptances
from portal.renewal.examination import Examination
from portal.renewal.handover import Handovers
from portal.settings import Settings
from portal.signatures.signing import Signing
from portal.store import Store


class Renewals:
    """The composition of the procedure's two parts over one set of rules."""

    def __init__(self, settings: Settings, store: Store, signing: Signing, clock: Callable[[], datetime]) -> None:
        self.examination = Examination(store, signing)
        self.handovers = Handovers(settings, store, signing, self.examination, clock)
        self.acceptances = Acceptances(settings, store, signing, self.examination, clock)
