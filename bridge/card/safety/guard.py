"""PIN-retry safety: the only road from a person's OK to a login on the card.

The promise (docs/threat-model.md, PIN-retry safety): this software never locks a card by itself, and never lets a
person lock one without having read the number first. One OK is at most one refused VERIFY; nothing follows a refusal.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from bridge.card.asking.answer import Answer
from bridge.card.port import Token
from bridge.card.safety.ledger import Entry, Ledger, LedgerBroken, Pending
from bridge.card.safety.login import Login
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Hint, Tries
from bridge.card.safety.verification import send_once
from bridge.errors import CardRemoved, NoCard, NoCertificate, PinFormat, PinLastTry, PinLocked

ASSUMED_MAXIMUM = 3
"""Bound used inside where neither card nor profile tells a maximum; shown to nobody (invariant 7)."""
_MAX_ROUNDS = 5
_MAY_INSIST = 2
"""Tries that must be known to be left before a PIN that was refused can be sent again on demand (invariant 3)."""
CONFIRMATION = {"ja": "承知しました", "en": "LAST TRY"}
"""What a person types before a try that may lock the card."""
INSISTENCE = {"ja": "もう一度送る", "en": "SEND AGAIN"}
"""What a person types to have a PIN sent that this card has refused before."""


class Notice(StrEnum):
    """Why the window is shown again; no try was spent in between."""

    SAME_PIN = "same_pin"
    TRIES_CHANGED = "tries_changed"


class Prompt(NamedTuple):
    """What the window must show of the counter."""

    tries: Tries
    failures: int
    """Refused here since the last success; 0 where the card itself tells a number."""
    notice: Notice | None
    must_confirm: bool
    may_insist: bool = False


class Rules(NamedTuple):
    stop_at: int
    forbid_last_try: bool
    language: str


Find = Callable[[], Token]
"""Finds the token by its certificate, never by slot; raises CardRemoved, NoCard, NoCertificate."""
Ask = Callable[[Prompt], Answer]


class Guard:
    """Holds the ledger and the fingerprint key; one login at a time, on the card thread."""

    def __init__(self, ledger: Ledger, rules: Rules, fingerprint_key: bytes) -> None:
        self._ledger = ledger
        self._rules = rules
        self._key = fingerprint_key

    def login(self, card: str, find: Find, ask: Ask, certificate: bytes | None = None) -> Login:
        """Ask and log in once. `card` names the PIN (`cards.Found.card`).

        `certificate` (DER) when something will be signed: a key that wants the PIN each time keeps it until the caller
        releases it.

        Raises PinLocked, PinLastTry, PinCancelled, PinFormat, PinWrong, CardRemoved, CardFailed, Busy.
        """
        notice: Notice | None = None
        for _ in range(_MAX_ROUNDS):
            shown = find()
            prompt = self._prompt(card, shown, notice)
            with ask(prompt) as answer:
                self._check_confirmation(prompt, answer)
                token = _same_card(find, shown)
                notice = self._notice(card, token, prompt, answer)
                if notice is None:
                    return self._send(card, token, prompt, answer, certificate)
        raise PinFormat("asked too often without a PIN that could be sent")

    def tries(self, card: str, token: Token) -> Tries:
        """The counter as last known, and what it tells the ledger. Costs no try."""
        tries = token.tries()
        if tries.count is not None:
            self._ledger.counted(card, tries.count, tries.max)
        return tries

    def nearly_locked(self, card: str, tries: Tries) -> bool:
        """Whether the next try would want typed words; of a locked card there is none.

        For information: a ledger that cannot be read is told by whoever wants to log in.
        """
        if tries.locked:
            return False
        with contextlib.suppress(LedgerBroken):
            return self._says_last(tries) or self._may_be_last(tries, self._ledger.entry(card))
        return False

    def _prompt(self, card: str, token: Token, notice: Notice | None) -> Prompt:
        tries = self.tries(card, token)
        if tries.locked:
            raise PinLocked(tries=tries)
        entry = self._ledger.entry(card)
        if self._rules.forbid_last_try and self._says_last(tries):
            raise PinLastTry(tries=tries)
        must_confirm = self._says_last(tries) or self._may_be_last(tries, entry)
        may_insist = notice is Notice.SAME_PIN and tries.count is not None and tries.count >= _MAY_INSIST
        return Prompt(tries, entry.spent if tries.count is None else 0, notice, must_confirm, may_insist)

    def _says_last(self, tries: Tries) -> bool:
        """By the card's own word."""
        return tries.hint is Hint.LAST or (tries.count is not None and tries.count <= self._rules.stop_at)

    def _may_be_last(self, tries: Tries, entry: Entry) -> bool:
        """By what is remembered here, of a card that tells no number (invariant 7)."""
        return tries.count is None and (tries.max or ASSUMED_MAXIMUM) - entry.spent <= self._rules.stop_at

    def _check_confirmation(self, prompt: Prompt, answer: Answer) -> None:
        """The window demands it; a window that forgets it must not spend the last try."""
        if prompt.must_confirm and answer.typed.strip() != CONFIRMATION[self._rules.language]:
            raise PinLastTry("the typed confirmation is missing", tries=prompt.tries)

    def _notice(self, card: str, token: Token, prompt: Prompt, answer: Answer) -> Notice | None:
        """Why this answer must not be sent, the window being shown again; None: it may."""
        _check_form(token, answer.pin)
        if self.tries(card, token) != prompt.tries:
            return Notice.TRIES_CHANGED
        insists = prompt.may_insist and answer.insistence.strip() == INSISTENCE[self._rules.language]
        if not insists and self._refused_before(card, token, prompt.tries, answer.pin):
            return Notice.SAME_PIN
        return None

    def _send(self, card: str, token: Token, prompt: Prompt, answer: Answer, certificate: bytes | None) -> Login:
        """The one login of this OK; the PIN is kept on only for a key that wants it for each signature."""
        login = Login(self._ledger, card, token, token.open(), answer.person)
        pending = Pending(self._fingerprint(card, token, answer.pin), prompt.tries.count)
        try:
            send_once(self._ledger, card, token, pending, lambda: login.session.login(answer.pin))
            if certificate is not None and login.wants_pin(certificate):
                login.hold(answer)
        except BaseException:
            login.end()
            raise
        return login

    def _refused_before(self, card: str, token: Token, now: Tries, pin: Pin) -> bool:
        """Refused while this daemon runs, and the counter has not risen since (invariant 3)."""
        fingerprint = self._fingerprint(card, token, pin)
        if fingerprint is None:
            return False
        for known, left in self._ledger.entry(card).marks:
            if hmac.compare_digest(known, fingerprint):
                return now.count is None or left is None or now.count <= left
        return False

    def _fingerprint(self, card: str, token: Token, pin: Pin) -> str | None:
        """None at a PIN pad: nothing passes here that could be compared (invariant 12)."""
        if token.facts.pin_pad:
            return None
        mac = hmac.new(self._key, card.encode() + b"\0", hashlib.sha256)
        mac.update(pin.memory())
        return mac.hexdigest()


def _same_card(find: Find, shown: Token) -> Token:
    """Right before the PIN is sent: a card that was pulled, put back or exchanged ends the request (invariant 9)."""
    try:
        token = find()
    except (NoCard, NoCertificate) as error:
        raise CardRemoved("the card was taken away while the window was open") from error
    if token.facts.insertion != shown.facts.insertion:
        raise CardRemoved("the card was taken out and put in while the window was open")
    return token


def _check_form(token: Token, pin: Pin) -> None:
    """A PIN of impossible length costs no try (invariant 8)."""
    facts = token.facts
    if not facts.pin_pad and not facts.pin_min <= len(pin) <= facts.pin_max:
        raise PinFormat(f"a PIN of this card has {facts.pin_min} to {facts.pin_max} characters")
