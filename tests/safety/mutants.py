"""Broken variants of the guard and what it stands on: each one a mistake that somebody could make."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from bridge.card.asking.answer import Answer
from bridge.card.port import Token
from bridge.card.safety import guard as guard_module
from bridge.card.safety import login as login_module
from bridge.card.safety.guard import Guard, Notice, Prompt
from bridge.card.safety.ledger import Entry, Ledger, Pending
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Tries
from bridge.card.safety.verification import Result, send_once
from bridge.errors import PinWrong
from tests.safety.disk import LossyDisk
from tests.safety.host import Parts


class Mutant(NamedTuple):
    mistake: str
    parts: Parts = Parts()
    disk: type[LossyDisk] = LossyDisk
    patch: Callable[[], AbstractContextManager[object]] = nullcontext


class NoSecondReading(Guard):
    def _notice(self, card: str, token: Token, prompt: Prompt, answer: Answer) -> Notice | None:
        with mock.patch.object(self, "tries", return_value=prompt.tries):
            return super()._notice(card, token, prompt, answer)


class NoFingerprints(Guard):
    def _refused_before(self, card: str, token: Token, now: Tries, pin: Pin) -> bool:
        return False


class NoConfirmation(Guard):
    def _check_confirmation(self, prompt: Prompt, answer: Answer) -> None:
        return


class NoEstimate(Guard):
    def _may_be_last(self, tries: Tries, entry: Entry) -> bool:
        return False


class LockedCardsAsk(Guard):
    def tries(self, card: str, token: Token) -> Tries:
        tries = super().tries(card, token)
        return tries._replace(count=1) if tries.locked and tries.count == 0 else tries

    def _says_last(self, tries: Tries) -> bool:
        return True


class ForgetsFailures(Ledger):
    """Lets any reading clear what was refused, also one that tells nothing."""

    def entry(self, card: str) -> Entry:
        return super().entry(card)._replace(failures=0)


class NoPending(Ledger):
    """Writes nothing before the login."""

    def begin(self, card: str, reader: str, pending: Pending) -> None:
        return


class NamelessPending(Ledger):
    """Writes the fingerprint of a refused PIN only once it is refused."""

    def begin(self, card: str, reader: str, pending: Pending) -> None:
        self._late = pending
        super().begin(card, reader, Pending(None, pending.left))

    def refused(self, card: str, left: int | None) -> None:
        entry = self.entry(card)
        self._put(card, entry._replace(pending=self._late))
        super().refused(card, left)


class LateReader(Ledger):
    """Marks the card as unlocked only after the login."""

    def begin(self, card: str, reader: str, pending: Pending) -> None:
        self._reader = reader
        super().begin(card, "", pending)

    def accepted(self, card: str) -> None:
        self._put(card, Entry(unlocked=self._reader))


class DoubtIsNothing(Ledger):
    """Takes a login that was never closed for one that never was."""

    def entry(self, card: str) -> Entry:
        return super().entry(card)._replace(pending=None)


class MarksLockedCards(Ledger):
    def locked(self, card: str) -> None:
        self.refused(card, None)


class NothingSynced(LossyDisk):
    def sync(self, file: Path) -> None:
        return


class NamesNotSynced(LossyDisk):
    def sync_directory(self, directory: Path) -> None:
        return


def twice(ledger: Ledger, card: str, token: Token, pending: Pending, send: Callable[[], Result]) -> Result:
    try:
        return send_once(ledger, card, token, pending, send)
    except PinWrong:
        return send_once(ledger, card, token, pending, send)


def ledger_last(ledger: Ledger, card: str, token: Token, pending: Pending, send: Callable[[], Result]) -> Result:
    result = send()
    ledger.begin(card, token.facts.reader, pending)
    ledger.accepted(card)
    return result


def _patched(module: object, name: str, value: object) -> Callable[[], AbstractContextManager[object]]:
    return lambda: mock.patch.object(module, name, value)


def _nothing(*_: object) -> None:
    return


MUTANTS = (
    Mutant("the ledger is written after the login", patch=_patched(guard_module, "send_once", ledger_last)),
    Mutant("nothing is written before the login", Parts(ledger=NoPending)),
    Mutant("the ledger is not synced", disk=NothingSynced),
    Mutant("the ledger's name is not synced", disk=NamesNotSynced),
    Mutant("the counter is not read again", Parts(guard=NoSecondReading)),
    Mutant("a refused PIN is sent again at once", patch=_patched(guard_module, "send_once", twice)),
    Mutant("fingerprints are ignored", Parts(guard=NoFingerprints)),
    Mutant("fingerprints are written after the refusal", Parts(ledger=NamelessPending)),
    Mutant("insisting works on the last try", patch=_patched(guard_module, "_MAY_INSIST", 1)),
    Mutant("the typed words are not checked", Parts(guard=NoConfirmation)),
    Mutant("a card that tells nothing has tries enough", Parts(guard=NoEstimate)),
    Mutant("failures are forgotten", Parts(ledger=ForgetsFailures)),
    Mutant("an unanswered login counts as none", Parts(ledger=DoubtIsNothing)),
    Mutant("a locked card opens a window", Parts(guard=LockedCardsAsk)),
    Mutant("a locked card's refusal is held against the PIN", Parts(ledger=MarksLockedCards)),
    Mutant("an unlocked card is marked after the login", Parts(ledger=LateReader)),
    Mutant("what a killed host left unlocked stays so", patch=_patched(login_module, "end_leftovers", _nothing)),
    Mutant("a held PIN is not wiped", patch=_patched(Answer, "release", _nothing)),
)
