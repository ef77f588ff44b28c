"""Sequences of attempts, crashes and a second program's doings, drawn by hypothesis; the promise is checked inside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bridge.card.safety.guard import Rules
from bridge.card.safety.ledger import LedgerBroken
from bridge.errors import BridgeError, PinFormat, PinLastTry, PinLocked
from tests.safety.card import Kind, Telling
from tests.safety.disk import LossyDisk
from tests.safety.host import SESSION_SECONDS, Attempt, Host, Parts, Round
from tests.safety.promise import Broken
from tests.safety.world import CUTS, FOREIGN, RIGHT, WRONG_PINS, Happening, Killed, Planned, Point, World

PASSES = 3
"""How often an attempt comes to one point at most, nearly always."""

kinds = st.builds(Kind, st.sampled_from(Telling), st.integers(3, 5), st.booleans())
policies = st.builds(Rules, st.integers(1, 2), st.booleans(), st.just("ja"))
passes = st.integers(1, PASSES)
plans = st.lists(st.builds(Planned, st.sampled_from(Point), passes, st.sampled_from(Happening)), max_size=2)
rounds = st.builds(
    Round,
    pin=st.sampled_from((WRONG_PINS[0], RIGHT, *WRONG_PINS)),
    confirms=st.booleans(),
    insists=st.booleans(),
    cancels=st.integers(0, 9).map(lambda number: number == 9),
    meanwhile=st.just(()) | st.sampled_from(Happening).map(lambda happening: (happening,)),
)
attempts = st.builds(
    Attempt,
    rounds=st.lists(rounds, min_size=1, max_size=2).map(tuple),
    signatures=st.integers(0, 2),
    keeps=st.booleans(),
)
WILLING = Attempt((Round(RIGHT, confirms=True, insists=True, cancels=False, meanwhile=()),), signatures=1, keeps=False)


class SafetyMachine(RuleBasedStateMachine):
    parts: ClassVar[Parts] = Parts()
    disk: ClassVar[type[LossyDisk]] = LossyDisk

    @initialize(kind=kinds, policy=policies, seed=st.integers(0, 1 << 16))
    def begin(self, kind: Kind, policy: Rules, seed: int) -> None:
        self.policy = policy
        self.world = World(kind, policy, seed, self.disk)
        self.daemons = 0
        self.now = 0.0
        self.start([])

    @precondition(lambda self: not self.world.host_lives)
    @rule(plan=plans)
    def start(self, plan: list[Planned]) -> None:
        """The next host, of the same daemon when that lives; it may be killed again at once."""
        world = self.world
        if not world.daemon_lives:
            self.daemons += 1
            world.promise.daemon_is_new()
        world.host_lives = world.daemon_lives = True
        self.do(self.new_host, plan)

    @precondition(lambda self: self.world.host_lives)
    @rule(attempt=attempts, plan=plans)
    def attempt(self, attempt: Attempt, plan: list[Planned]) -> None:
        self.do(lambda: self.host.attempt(attempt), plan)

    @precondition(lambda self: self.world.host_lives)
    @rule(pin=st.sampled_from(WRONG_PINS), insists=st.booleans())
    def mistake(self, pin: bytes, insists: bool) -> None:
        """A wrong PIN and every word that is asked for, whenever the window comes back: the shortest way to a lock."""
        rounds = (Round(pin, confirms=True, insists=insists, cancels=False, meanwhile=()),)
        self.do(lambda: self.host.attempt(Attempt(rounds, signatures=0, keeps=False)), [])

    @precondition(lambda self: self.world.host_lives)
    @rule(
        pin=st.sampled_from((RIGHT, WRONG_PINS[0])),
        point=st.sampled_from(Point),
        passes=passes,
        cut=st.sampled_from(CUTS),
    )
    def cut_short(self, pin: bytes, point: Point, passes: int, cut: Happening) -> None:
        """One window, the end at one point, and the person tries the same again."""
        rounds = (Round(pin, confirms=True, insists=False, cancels=False, meanwhile=()),)
        for plan in ([Planned(point, passes, cut)], []):
            if not self.world.host_lives:
                self.start([])
            self.do(lambda: self.host.attempt(Attempt(rounds, signatures=1, keeps=True)), plan)

    @precondition(lambda self: self.world.host_lives)
    @rule()
    def willing_attempt(self) -> None:
        """The right PIN and every word that is asked for: nothing but a lock or the policy may stand in the way."""
        world = self.world
        told, left, perhaps_marked = world.card.told, world.card.left, world.promise.perhaps_marked
        try:
            self.host.attempt(WILLING)
        except PinLocked:
            expect(left == 0, "called locked")
        except PinLastTry:
            expect(self.policy.forbid_last_try and (told.count or 1) <= self.policy.stop_at, "called the last try")
        except PinFormat:
            expect(perhaps_marked and left == 1, "the right PIN is never sent")
        except LedgerBroken as error:
            raise Broken("the ledger is broken") from error
        else:
            expect(world.card.left == world.card.kind.maximum, "no success")
        self.settle()

    @rule(act=st.sampled_from(FOREIGN))
    def foreign_act(self, act: Happening) -> None:
        self.world.happen(act)

    @precondition(lambda self: self.world.host_lives)
    @rule(plan=plans)
    def use_session(self, plan: list[Planned]) -> None:
        self.do(self.host.use_session, plan)

    @precondition(lambda self: self.world.host_lives)
    @rule(plan=plans)
    def time_passes(self, plan: list[Planned]) -> None:
        self.now += SESSION_SECONDS
        self.do(self.host.let_time_pass, plan)
        expect(not self.world.promise.ours or not self.world.host_lives, "a session outlived its time")

    @precondition(lambda self: self.world.host_lives)
    @rule()
    def stop(self) -> None:
        """The daemon ends, and its host with it."""
        self.world.daemon_lives = False
        self.settle()

    @precondition(lambda self: self.world.card.left == 0)
    @rule()
    def unlocked_by_its_issuer(self) -> None:
        self.world.card.left = self.world.card.kind.maximum
        self.world.promise.unlocked_by_its_issuer()

    def new_host(self) -> None:
        self.host = Host(self.world, self.parts, self.policy, self.daemons.to_bytes(32, "big"), lambda: self.now)

    def do(self, work: Callable[[], None], plan: list[Planned]) -> None:
        """What the promise allows may fail; a host that was killed does no more."""
        self.world.plan(plan)
        self.world.promise.attempt_begins()
        try:
            with contextlib.suppress(BridgeError):
                work()
            self.host.attempt_over()
        except Killed:
            self.world.promise.host_was_killed(RIGHT)
        except LedgerBroken as error:
            raise Broken("the ledger is broken") from error
        self.settle()

    def settle(self) -> None:
        """What follows whatever happened: the card is back, and a host without its daemon ends its logins and goes."""
        world = self.world
        world.attempt_over()
        if world.host_lives and not world.daemon_lives:
            self.host.end_sessions()
            expect(not world.promise.ours, "a login outlived the daemon")
            world.host_lives = False


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Broken(otherwise)
