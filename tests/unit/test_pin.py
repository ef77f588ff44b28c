"""A PIN has no form in which it could leak."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from bridge.card.safety.pin import Pin


def filled() -> Pin:
    pin = Pin(4)
    pin.memory()[:] = b"1234"
    return pin


def test_no_printable_form() -> None:
    assert "1234" not in repr(filled())
    for text in (str, "{}".format, json.dumps, pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            text(filled())


def test_wiping_leaves_zeros_in_place() -> None:
    with filled() as pin:
        memory = pin.memory()
        assert bytes(memory) == b"1234"
    assert bytes(memory) == bytes(4)
    assert pin.wiped
