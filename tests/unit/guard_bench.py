"""A practice card, a ledger and the guard between them; a person who answers what was planned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge.card.asking.answer import Answer
from bridge.card.port import Token
from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from bridge.card.safety.guard import Guard, Prompt, Rules
from bridge.card.safety.ledger import Ledger
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Hint, Tries
from bridge.errors import BridgeError, NoCard
from tests.unit import pki

CARD = "c" * 64


def pin(text: bytes) -> Pin:
    made = Pin(len(text))
    made.memory()[:] = text
    return made


class Desk:
    """A person who answers what was planned; keeps prompts and PIN buffers."""

    def __init__(
        self, *answers: bytes | BridgeError | Callable[[], bytes], typed: str = "", insistence: str = ""
    ) -> None:
        self._answers = list(answers)
        self._typed = typed
        self._insistence = insistence
        self.prompts: list[Prompt] = []
        self.pins: list[Pin] = []

    def ask(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        answer = self._answers.pop(0)
        if isinstance(answer, BridgeError):
            raise answer
        self.pins.append(pin(answer if isinstance(answer, bytes) else answer()))
        return Answer(self.pins[-1], typed=self._typed, insistence=self._insistence)


class Bench:
    """A practice card in its reader, a ledger, and the guard between them."""

    def __init__(self, directory: Path, *, stop_at: int = 1, forbid_last_try: bool = False) -> None:
        self.directory = directory
        practice.write(directory, pki.card())
        practice_slot.insert(directory)
        self.ledger = Ledger(directory / "ledger.json")
        self.guard = Guard(self.ledger, Rules(stop_at, forbid_last_try, "ja"), b"k" * 32)

    def find(self) -> Token:
        tokens = practice.PracticePort(self.directory).tokens()
        if not tokens:
            raise NoCard
        return tokens[0]

    def login(self, desk: Desk) -> None:
        self.guard.login(CARD, self.find, desk.ask).end()

    @property
    def left(self) -> int:
        return practice.read(self.directory).tries_left


class Silent:
    """A token that tells nothing of its counter, as some certification authorities' cards."""

    def __init__(self, token: Token, maximum: int | None) -> None:
        self._token = token
        self._maximum = maximum
        self.facts = token.facts
        self.certificates = token.certificates
        self.open = token.open

    def tries(self) -> Tries:
        return Tries(Hint.UNKNOWN, None, self._maximum)
