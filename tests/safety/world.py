"""The world around one card: its token and session as the host's port wants them, and what may happen at any step."""

from __future__ import annotations

import random
from collections import Counter
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from bridge.card.port import CardSession, Token, TokenFacts
from bridge.card.safety.guard import Rules
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Tries
from bridge.card.signature.algorithms import STATEMENT, How, SignatureAlgorithm
from bridge.errors import CardFailed, CardRemoved, NoCertificate, PinLocked, PinSessionEnded, PinWrong
from tests.safety.card import Card, Kind, Verdict
from tests.safety.disk import LossyDisk
from tests.safety.promise import Promise

RIGHT, WRONG_PINS = b"2468", (b"1111", b"2222", b"3333")
CERTIFICATE = b"certificate"
READER = "Reader 00 00"


class Killed(BaseException):
    """The host was killed: nothing that it still wants to do is done."""


class Happening(Enum):
    HOST_KILLED = auto()
    DAEMON_KILLED = auto()
    """The host hears of it by its pipe, closes its window and ends its logins."""
    BOTH_KILLED = auto()
    POWER_CUT = auto()
    """The disk forgets what it has not synced, the card its login."""
    FOREIGN_WRONG = auto()
    FOREIGN_RIGHT = auto()
    FOREIGN_RESET = auto()
    PUT_BACK = auto()
    """The card is pulled and put in again."""
    EXCHANGED = auto()
    """Another card is in the reader until the attempt is over."""


CUTS = (
    Happening.HOST_KILLED,
    Happening.HOST_KILLED,
    Happening.DAEMON_KILLED,
    Happening.BOTH_KILLED,
    Happening.POWER_CUT,
)
FOREIGN = (Happening.FOREIGN_WRONG, Happening.FOREIGN_RIGHT, Happening.FOREIGN_RESET)


class Point(StrEnum):
    """Where the host reaches beyond its own memory: before each of these it may be killed, or another program act."""

    FIND = "find"
    TRIES = "tries"
    WINDOW = "window"
    OK = "ok"
    OPEN = "open"
    TRUNCATE = "truncate"
    WRITE = "write"
    SYNC = "sync"
    REPLACE = "replace"
    SYNC_DIRECTORY = "sync directory"
    LOGIN = "login"
    VERDICT = "verdict"
    KEY = "key"
    SIGN = "sign"
    RESET = "reset"


class Planned(NamedTuple):
    point: Point
    passes: int
    """Which time, in this attempt, that the host comes there."""
    happening: Happening


class World:
    def __init__(self, kind: Kind, rules: Rules, seed: int, disk: type[LossyDisk]) -> None:
        self.card = Card(kind, RIGHT)
        self.promise = Promise(self.card, rules)
        self.disk = disk(self.step)
        self.insertion = 1
        self.exchanged = False
        self.host_lives = self.daemon_lives = False
        self._random = random.Random(seed)
        self._plan: list[Planned] = []
        self._passed: Counter[str] = Counter()

    def plan(self, happenings: list[Planned]) -> None:
        """What happens before which step from now on."""
        self._plan, self._passed = happenings, Counter()

    def step(self, point: str) -> None:
        """Before the host does anything that reaches beyond its own memory."""
        if not self.host_lives:
            raise Killed
        self._passed[point] += 1
        for planned in self._plan:
            if (planned.point, planned.passes) == (point, self._passed[point]):
                self.happen(planned.happening)
        if not self.host_lives:
            raise Killed

    def happen(self, happening: Happening) -> None:
        match happening:
            case Happening.HOST_KILLED:
                self.host_lives = False
            case Happening.DAEMON_KILLED:
                self.daemon_lives = False
            case Happening.BOTH_KILLED:
                self.host_lives = self.daemon_lives = False
            case Happening.POWER_CUT:
                self.host_lives = self.daemon_lives = False
                self.disk.lose_power(self._random.randrange)
                self._card_loses_power()
            case Happening.PUT_BACK | Happening.EXCHANGED:
                self.exchanged = happening is Happening.EXCHANGED
                self.insertion += 1
                self._card_loses_power()
            case foreign if not self.exchanged:
                self._foreign(foreign)

    def attempt_over(self) -> None:
        self._plan = []
        if self.exchanged:
            self.exchanged = False
            self.insertion += 1

    def reset(self, _: str) -> None:
        self.step(Point.RESET)
        if not self.exchanged:
            self.card.reset()
            self.promise.card_forgot()

    def find(self) -> Token:
        self.step(Point.FIND)
        if self.exchanged:
            raise NoCertificate
        return ModelToken(self)

    def _foreign(self, act: Happening) -> None:
        if act is Happening.FOREIGN_RESET:
            self.card.reset()
            self.promise.foreign_act(None)
        else:
            pin = RIGHT if act is Happening.FOREIGN_RIGHT else b"9999"
            self.promise.foreign_act(self.card.verify(pin))

    def _card_loses_power(self) -> None:
        self.card.reset()
        self.promise.foreign_act(None)


class ModelToken:
    """One insertion of the card."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._insertion = world.insertion

    @property
    def facts(self) -> TokenFacts:
        return TokenFacts(READER, "", "model", 4, 8, pin_pad=False, insertion=str(self._insertion))

    def certificates(self) -> list[bytes]:
        return [CERTIFICATE]

    def tries(self) -> Tries:
        self.reach(Point.TRIES)
        self._world.promise.counter_read()
        return self._world.card.told

    def open(self) -> CardSession:
        self.reach(Point.OPEN)
        return ModelSession(self, self._world)

    def reach(self, point: Point) -> None:
        self._world.step(point)
        if self._insertion != self._world.insertion:
            raise CardRemoved


class ModelSession:
    def __init__(self, token: ModelToken, world: World) -> None:
        self._token = token
        self._world = world
        self._resets = world.card.resets
        self._open = True

    def login(self, pin: Pin) -> None:
        self._token.reach(Point.LOGIN)
        typed = bytes(pin.memory())
        self._world.promise.pin_arrives(typed)
        self._judge(typed)
        self._resets = self._world.card.resets

    @property
    def logged_in(self) -> bool:
        return self._open and self._resets == self._world.card.resets and self._world.card.verified

    def wants_pin(self, certificate: bytes) -> bool:
        self._token.reach(Point.KEY)
        return self._world.card.kind.always_authenticate

    def sign(self, certificate: bytes, data: bytes, pin: Pin | None = None, how: How = STATEMENT) -> bytes:
        self._token.reach(Point.SIGN)
        if self._resets != self._world.card.resets:
            raise PinSessionEnded
        if self._world.card.kind.always_authenticate:
            if pin is None:
                raise CardFailed
            typed = bytes(pin.memory())
            self._world.promise.pin_comes_again(typed)
            self._judge(typed)
        if not self._world.card.verified:
            raise PinSessionEnded
        return b"signature"

    def algorithm(self, certificate: bytes, how: How = STATEMENT) -> SignatureAlgorithm:
        return SignatureAlgorithm.RSA_PKCS1

    def close(self) -> bool:
        if self._open:
            self._open = False
            self._world.reset(READER)
        return True

    def _judge(self, typed: bytes) -> None:
        verdict = self._world.card.verify(typed)
        self._world.promise.pin_judged(typed, verdict)
        self._world.step(Point.VERDICT)
        if verdict is Verdict.WRONG:
            raise PinWrong
        if verdict is Verdict.LOCKED:
            raise PinLocked
