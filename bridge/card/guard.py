"""PIN-retry safety: the only road from a person's OK to a login on the card.

The promise (docs/threat-model.md, PIN-retry safety): this software never locks a card by itself, and never lets a
person lock one without having read the number first. One OK is at most one refused VERIFY; nothing follows a refusal.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from bridge.card.ledger import Entry, Ledger
from bridge.card.pin import Pin
from bridge.card.port import CardSession, Token
from bridge.card.tries import Hint, Tries
from bridge.card.window import Answer
from bridge.errors import CardRemoved, NoCard, PinFormat, PinLastTry, PinLocked, PinWrong

ASSUMED_MAXIMUM = 3
"""Bound used inside where neither card nor profile tells a maximum; shown to nobody (invariant 7)."""
_MAX_ROUNDS = 5
CONFIRMATION = {"ja": "承知しました", "en": "LAST TRY"}
"""What a person types before a try that may lock the card."""


class Notice(StrEnum):
    """Why the window is shown again; no try was spent in between."""

    SAME_PIN = "same_pin"
    TRIES_CHANGED = "tries_changed"


class Prompt(NamedTuple):
    """What the window must show of the counter."""

    tries: Tries
    failures: int
    notice: Notice | None
    must_confirm: bool


class Rules(NamedTuple):
    stop_at: int
    forbid_last_try: bool
    language: str


class Unlocked(NamedTuple):
    token: Token
    session: CardSession
    person: str


Find = Callable[[], Token]
"""Finds the token by its certificate, never by slot; raises CardRemoved or NoCard."""
Ask = Callable[[Prompt], Answer]


class Guard:
    """Holds the ledger and the fingerprint key; one login at a time, on the card thread."""

    def __init__(self, ledger: Ledger, rules: Rules, fingerprint_key: bytes) -> None:
        self._ledger = ledger
        self._rules = rules
        self._key = fingerprint_key

    def login(self, card: str, find: Find, ask: Ask) -> Unlocked:
        """Ask and log in once. `card` is the SHA-256 (hex) of the certificate.

        Raises PinLocked, PinLastTry, PinCancelled, PinFormat, PinWrong, CardRemoved, CardFailed, Busy.
        """
        notice: Notice | None = None
        for _ in range(_MAX_ROUNDS):
            token = find()
            prompt = self._prompt(card, token, notice)
            with_answer = ask(prompt)
            with with_answer.pin as pin:
                _check_confirmation(prompt, with_answer, self._rules.language)
                notice, session = self._attempt(card, find, prompt, pin)
                if session is not None:
                    return Unlocked(*session, with_answer.person)
        raise PinFormat("asked too often without a PIN that could be sent")

    def tries(self, card: str, token: Token) -> Tries:
        """The counter as last known, and what it tells the ledger. Costs no try."""
        tries = token.tries()
        if tries.count is not None and tries.max is not None:
            self._ledger.counted(card, tries.count, tries.max)
        return tries

    def _prompt(self, card: str, token: Token, notice: Notice | None) -> Prompt:
        tries = self.tries(card, token)
        if tries.locked:
            raise PinLocked(tries=tries)
        entry = self._ledger.entry(card)
        must_confirm = self._is_last(tries, entry)
        if must_confirm and self._rules.forbid_last_try:
            raise PinLastTry(tries=tries)
        return Prompt(tries, entry.spent, notice, must_confirm)

    def _is_last(self, tries: Tries, entry: Entry) -> bool:
        if tries.count is not None:
            return tries.count <= self._rules.stop_at
        bound = (tries.max or ASSUMED_MAXIMUM) - entry.spent
        return tries.hint is Hint.LAST or bound <= 1

    def _attempt(
        self, card: str, find: Find, prompt: Prompt, pin: Pin
    ) -> tuple[Notice | None, tuple[Token, CardSession] | None]:
        """One OK: either the window must be shown again, or exactly one VERIFY is sent."""
        token = _same_card(find)
        _check_form(token, pin)
        now = self.tries(card, token)
        if now != prompt.tries:
            return Notice.TRIES_CHANGED, None
        fingerprint = self._fingerprint(card, pin)
        # A PIN pad's PIN is typed on the reader: nothing passes here that could be compared (invariant 12).
        if not token.facts.pin_pad and self._refused_before(card, fingerprint, now):
            return Notice.SAME_PIN, None
        return None, (token, self._send(card, token, pin, fingerprint))

    def _send(self, card: str, token: Token, pin: Pin, fingerprint: str) -> CardSession:
        session = token.open()
        try:
            self._ledger.begin(card)
            session.login(pin)
        except (PinWrong, PinLocked) as refused:
            # The counter stood above zero a moment ago, so a card that now says "locked" has taken this try.
            session.close()
            raise self._refusal(card, token, fingerprint) from refused
        except PinFormat:
            # The library refused the PIN for its form: the card never saw it.
            session.close()
            self._ledger.unspent(card)
            raise
        except BaseException:
            # Whether the card saw the PIN is not known: the entry stays open and counts as a spent try.
            session.close()
            raise
        self._ledger.accepted(card, token.facts.reader)
        return session

    def _refusal(self, card: str, token: Token, fingerprint: str) -> PinWrong | PinLocked:
        """The card's own word for a wrong PIN. The locking try may still be called wrong: the counter decides."""
        after = token.tries()
        self._ledger.refused(card, fingerprint, after.count)
        return PinLocked(tries=after) if after.locked else PinWrong(tries=after)

    def _fingerprint(self, card: str, pin: Pin) -> str:
        mac = hmac.new(self._key, card.encode() + b"\0", hashlib.sha256)
        mac.update(pin.memory())
        return mac.hexdigest()

    def _refused_before(self, card: str, fingerprint: str, now: Tries) -> bool:
        """Refused while this daemon runs, and the counter has not risen since (invariant 3)."""
        for known, count in self._ledger.entry(card).fingerprints:
            if hmac.compare_digest(known, fingerprint):
                return now.count is None or count is None or now.count <= count
        return False


def _same_card(find: Find) -> Token:
    """Right before the PIN is sent: a swapped or pulled card ends the request (invariant 9)."""
    try:
        return find()
    except NoCard as error:
        raise CardRemoved("the card was taken away while the window was open") from error


def _check_form(token: Token, pin: Pin) -> None:
    """A PIN of impossible length costs no try (invariant 8)."""
    facts = token.facts
    if not facts.pin_pad and not facts.pin_min <= len(pin) <= facts.pin_max:
        raise PinFormat(f"a PIN of this card has {facts.pin_min} to {facts.pin_max} characters")


def _check_confirmation(prompt: Prompt, answer: Answer, language: str) -> None:
    """The window demands it; a window that forgets it must not spend the last try."""
    if prompt.must_confirm and answer.typed.strip() != CONFIRMATION[language]:
        raise PinLastTry("the typed confirmation is missing", tries=prompt.tries)
