"""The promise, checked at every window and at every PIN that reaches the card, by what only the world knows.

A try may be lost to a second program that acts between our last reading of the counter and our login: nothing can
prevent that, the threat model says so, and it is told apart here (`raced`). Of a card that tells nothing there is no
reading: there, every wrong PIN of another program since the last right one is such an act.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.card.safety.guard import Prompt, Rules
from bridge.card.safety.tries import Hint
from tests.safety.card import NUMBERED, SILENT, Card, Verdict


class Broken(AssertionError):
    """The promise does not hold."""


class Shown(NamedTuple):
    """A window, and what the person did in it."""

    prompt: Prompt
    pin: bytes
    confirms: bool
    """Typed the confirmation of a try that may be the last."""
    insists: bool
    """Typed that the same PIN be sent again."""


class Promise:
    def __init__(self, card: Card, rules: Rules) -> None:
        self._card = card
        self._rules = rules
        self._raced = False
        """Another program acted since the counter was last read, or was to be read: after OK."""
        self._foreign_failures = 0
        """Wrong PINs of another program since anybody's last right one."""
        self._failures = 0
        """Our refused PINs since our last right one."""
        self._refused: set[bytes] = set()
        """PINs that the card refused while this daemon runs and the counter did not rise."""
        self._ok: Shown | None = None
        """An OK that has not been used yet."""
        self._accepted: bytes | None = None
        """The PIN that the card took in this attempt."""
        self._over = False
        """The card refused a PIN in this attempt."""
        self.ours = False
        """The card is in login state by our doing."""
        self.perhaps_marked = False
        """The right PIN's fate was not learned: it may be taken for a refused one if the counter falls by another."""

    # --- what happens ---------------------------------------------------------------------------------------------

    def attempt_begins(self) -> None:
        self._ok = self._accepted = None
        self._over = False

    def counter_read(self) -> None:
        self._raced = False

    def foreign_act(self, verdict: Verdict | None) -> None:
        """Not we did something to the card: sent a PIN (its verdict), reset it, pulled it."""
        self._raced = True
        self.ours = False
        if verdict is Verdict.ACCEPTED:
            self._rose()
        elif verdict is Verdict.WRONG:
            self._foreign_failures += 1

    def card_forgot(self) -> None:
        """We have reset it."""
        self.ours = False

    def unlocked_by_its_issuer(self) -> None:
        self._failures = 0
        self._raced = True
        self._rose()

    def daemon_is_new(self) -> None:
        self._refused.clear()
        self.perhaps_marked = False

    def host_was_killed(self, right: bytes) -> None:
        """In mid-attempt. What it had not written down is asked of the counter by the next one, where that tells."""
        if self._ok is not None:
            if self._ok.prompt.tries.count is None:
                self._refused.discard(self._ok.pin)
            self.perhaps_marked = self.perhaps_marked or self._ok.pin == right

    # --- what must hold -------------------------------------------------------------------------------------------

    def window_opens(self, prompt: Prompt) -> None:
        self._ok = None
        told = self._card.told
        if not self._raced:
            _hold(prompt.tries == told, f"the window says {prompt.tries}, the card {told}")
            _hold(not told.locked, "a locked card opened a window")
            _hold(not (self._told_last and self._rules.forbid_last_try), "policy forbids this try")
            _hold(prompt.must_confirm or not self._told_last, "no typed word is asked for near the lock")
        if self._card.kind.telling not in NUMBERED:
            _hold(prompt.failures >= self._failures, f"{self._failures} refused here, {prompt.failures} remembered")

    def ok_pressed(self, shown: Shown) -> None:
        self._ok = shown
        self._raced = False

    def pin_arrives(self, pin: bytes) -> None:
        """At the card's login, before the card looks at it."""
        shown = self._ok
        _hold(not self._over, "a PIN follows a refusal")
        if shown is None or self._accepted is not None:
            raise Broken("a PIN without an OK of its own")
        _hold(pin == shown.pin, "not the PIN that was typed")
        _hold(shown.confirms or not shown.prompt.must_confirm, "sent without the typed word")
        if not self._raced:
            _hold(shown.prompt.tries == self._card.told, "the counter changed and nobody was told")
        insisted = shown.insists and shown.prompt.may_insist and (shown.prompt.tries.count or 0) >= 2
        _hold(pin not in self._refused or insisted, "a PIN that the card refused is sent again")
        confirmed = shown.confirms and shown.prompt.must_confirm
        excused = self._raced or (self._card.kind.telling in SILENT and self._foreign_failures > 0)
        _hold(self._card.left != 1 or confirmed or excused, "a try that may lock, and nobody confirmed it")

    def pin_comes_again(self, pin: bytes) -> None:
        """For one signature of a key that wants it each time."""
        _hold(pin == self._accepted and not self._over, "a PIN that the card has not just taken")

    def pin_judged(self, pin: bytes, verdict: Verdict) -> None:
        if verdict is Verdict.ACCEPTED:
            self._accepted, self._failures, self.ours = pin, 0, True
            self._rose()
            return
        self._over, self.ours = True, False
        self._failures += 1
        if verdict is Verdict.WRONG:  # a locked card says nothing about the PIN
            self._refused.add(pin)

    def attempt_ends(self, *, kept: bool) -> None:
        _hold(kept or not self.ours, "the card was left unlocked")

    def host_begins(self) -> None:
        _hold(not self.ours, "a killed host's login is still open on the card")

    @property
    def _told_last(self) -> bool:
        told = self._card.told
        return told.hint is Hint.LAST or (told.count is not None and told.count <= self._rules.stop_at)

    def _rose(self) -> None:
        self._foreign_failures = 0
        self._refused.clear()
        self.perhaps_marked = False


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Broken(otherwise)
