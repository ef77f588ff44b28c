"""The machine finds seeded bugs: what it lets pass would not be worth much otherwise."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.safety.machine import SafetyMachine
from tests.safety.mutants import MUTANTS, Mutant
from tests.safety.promise import Broken
from tests.safety.sequences import FIND_ONE


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mistake.replace(" ", "-"))
def test_a_mistake_is_found(mutant: Mutant) -> None:
    machine = type("Mutated", (SafetyMachine,), {"parts": mutant.parts, "disk": mutant.disk})
    with mutant.patch(), pytest.raises(Broken):
        run_state_machine_as_test(machine, settings=FIND_ONE)
