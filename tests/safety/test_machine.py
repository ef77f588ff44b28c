"""The promise over thousands of sequences."""

from __future__ import annotations

from hypothesis.stateful import run_state_machine_as_test

from tests.safety.machine import SafetyMachine
from tests.safety.sequences import chosen


def test_the_promise_holds_over_crashes_and_a_second_program() -> None:
    run_state_machine_as_test(SafetyMachine, settings=chosen())
