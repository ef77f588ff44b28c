"""The host of the machine: the real guard, ledger, logins and PIN sessions, with a person at its window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bridge.card.asking.answer import Answer
from bridge.card.safety import login as login_module
from bridge.card.safety.disk import Disk
from bridge.card.safety.guard import CONFIRMATION, INSISTENCE, Guard, Prompt, Rules
from bridge.card.safety.ledger import Ledger
from bridge.card.safety.login import Login
from bridge.card.safety.pin import Pin
from bridge.card.safety.sessions import PinSession, PinSessions
from bridge.errors import PinCancelled
from tests.safety.promise import Broken, Shown
from tests.safety.world import CERTIFICATE, Happening, Point, World

CARD = "c" * 64
ORIGIN = "https://portal.example"
SESSION_SECONDS = 600.0


class Round(NamedTuple):
    """What a person does in one window."""

    pin: bytes
    confirms: bool
    insists: bool
    cancels: bool
    meanwhile: tuple[Happening, ...]
    """Before the answer."""


class Attempt(NamedTuple):
    rounds: tuple[Round, ...]
    """The last one again and again, when the window comes back more often."""
    signatures: int
    keeps: bool


class Parts(NamedTuple):
    """What the machine drives; a broken variant takes a sound one's place here."""

    guard: Callable[[Ledger, Rules, bytes], Guard] = Guard
    ledger: Callable[[Path, Disk], Ledger] = Ledger


class Host:
    """One process: lives from its start until it is stopped or killed."""

    def __init__(self, world: World, parts: Parts, rules: Rules, key: bytes, now: Callable[[], float]) -> None:
        self._world = world
        self._answers: list[Answer] = []
        ledger = parts.ledger(Path("/ledger/ledger.json"), world.disk)
        self._guard = parts.guard(ledger, rules, key)
        self._sessions = PinSessions(SESSION_SECONDS, now, self._session_ended)
        self.session: PinSession | None = None
        login_module.end_leftovers(ledger, world.reset)
        world.promise.host_begins()

    def attempt(self, attempt: Attempt) -> None:
        """As `Operations` does it: log in, sign a batch, keep the login or end it."""
        world = self._world
        world.promise.attempt_begins()
        self._sessions.end_on(world.find(), "replaced")
        login = self._guard.login(CARD, world.find, self._asker(attempt), CERTIFICATE if attempt.signatures else None)
        self._sign(login, attempt)
        if attempt.keeps and world.daemon_lives:
            self.session = self._sessions.keep(ORIGIN, login)
        else:
            login.end()
        self.attempt_over()

    def attempt_over(self) -> None:
        """Whatever came of it."""
        self._world.promise.attempt_ends(kept=self.session is not None)
        if not all(answer.pin.wiped for answer in self._answers):
            raise Broken("a PIN was kept")
        self._answers.clear()

    def use_session(self) -> None:
        """Sign with a kept login, without a PIN."""
        if self.session is not None:
            kept = self._sessions.use(self.session.handle, ORIGIN, CARD)
            if not kept.login.wants_pin(CERTIFICATE):
                kept.login.sign(CERTIFICATE, b"data")

    def end_sessions(self) -> None:
        self._sessions.end_all("forgotten")

    def let_time_pass(self) -> None:
        self._sessions.expire()

    def _sign(self, login: Login, attempt: Attempt) -> None:
        try:
            for _ in range(attempt.signatures):
                login.sign(CERTIFICATE, b"data")
        except BaseException:
            login.end()
            raise
        finally:
            login.release()

    def _asker(self, attempt: Attempt) -> Callable[[Prompt], Answer]:
        rounds = iter(attempt.rounds)
        last = attempt.rounds[-1]

        def ask(prompt: Prompt) -> Answer:
            return self._ask(prompt, next(rounds, last))

        return ask

    def _ask(self, prompt: Prompt, person: Round) -> Answer:
        world = self._world
        world.step(Point.WINDOW)
        world.promise.window_opens(prompt)
        for happening in person.meanwhile:
            world.happen(happening)
        world.step(Point.OK)
        if person.cancels or not world.daemon_lives:
            raise PinCancelled
        world.promise.ok_pressed(Shown(prompt, person.pin, person.confirms, person.insists))
        self._answers.append(_answer(person, prompt))
        return self._answers[-1]

    def _session_ended(self, ended: PinSession, _: str) -> None:
        if self.session is not None and ended.handle == self.session.handle:
            self.session = None


def _answer(person: Round, prompt: Prompt) -> Answer:
    pin = Pin(len(person.pin))
    pin.memory()[:] = person.pin
    typed = CONFIRMATION["ja"] if person.confirms and prompt.must_confirm else ""
    return Answer(pin, typed=typed, insistence=INSISTENCE["ja"] if person.insists else "")
