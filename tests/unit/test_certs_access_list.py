"""Whose access to a key file on Windows is too much. Reading and setting real lists is met under wine."""

from __future__ import annotations

import pytest

from certs.access_list import ADMINISTRATORS, SYSTEM, USERS, Entry, Rules, descriptor, exposed, replaceable
from certs.scope import Scope

OWN, OTHER = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"
EVERYBODY = "S-1-1-0"
FULL, READ_AND_RUN, ATTRIBUTES = 0x1F01FF, 0x1200A9, 0x80
OURS = (Entry(FULL, SYSTEM), Entry(FULL, ADMINISTRATORS), Entry(FULL, OWN))


def test_a_profiles_usual_list_is_right_for_one_person() -> None:
    rules = Rules(OWN, OURS)
    assert not exposed(rules, OWN, Scope.USER)
    assert not replaceable(rules, OWN)


@pytest.mark.parametrize("sid", [OTHER, EVERYBODY, USERS])
def test_a_personal_key_that_others_can_read_is_exposed_and_a_machines_is_not(sid: str) -> None:
    rules = Rules(OWN, (*OURS, Entry(READ_AND_RUN, sid)))
    assert exposed(rules, OWN, Scope.USER)
    assert not exposed(rules, OWN, Scope.MACHINE)
    assert not replaceable(rules, OWN)


@pytest.mark.parametrize("bit", [0x2, 0x4, 0x40, 0x10000, 0x40000, 0x80000, 0x40000000, 0x10000000])
def test_each_way_to_change_a_file_counts(bit: int) -> None:
    rules = Rules(ADMINISTRATORS, (*OURS, Entry(bit, USERS)))
    assert exposed(rules, OWN, Scope.USER)
    assert exposed(rules, OWN, Scope.MACHINE)
    assert replaceable(rules, OWN)


def test_seeing_that_a_file_is_there_is_not_reading_it() -> None:
    assert not exposed(Rules(OWN, (*OURS, Entry(ATTRIBUTES, EVERYBODY))), OWN, Scope.USER)


@pytest.mark.parametrize("scope", Scope)
def test_another_persons_file_and_one_without_a_list_are_exposed(scope: Scope) -> None:
    assert exposed(Rules(OTHER, OURS), OWN, scope)
    assert exposed(Rules(OWN, None), OWN, scope)
    assert replaceable(Rules(OTHER, OURS), OWN)
    assert replaceable(Rules(OWN, None), OWN)


def test_what_is_set_is_what_is_demanded() -> None:
    assert descriptor(OWN, Scope.USER) == (
        f"O:{OWN}D:P(A;OICI;FA;;;{SYSTEM})(A;OICI;FA;;;{ADMINISTRATORS})(A;OICI;FA;;;{OWN})"
    )
    assert descriptor(OWN, Scope.MACHINE) == (
        f"O:{ADMINISTRATORS}D:P(A;OICI;FA;;;{SYSTEM})(A;OICI;FA;;;{ADMINISTRATORS})(A;OICI;0x1200a9;;;{USERS})"
    )
