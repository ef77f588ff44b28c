"""A child of the worker for each order: the libraries are loaded, and it sees one document alone (POSIX)."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import gc
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from bridge.formats import confinement
from bridge.formats.order import DEADLINE_SECONDS, MAX_ANSWER

_ORDERS, _ANSWER = 0, 3
"""Descriptors: where the worker hears its orders, and where a child writes."""
_MOST_OPEN = 256
"""Above every descriptor of the worker: its three, the answers', a pipe, and a library's few."""


class Children:
    """One at a time."""

    def __init__(self, work: Callable[[bytes], bytes], deadline: float = DEADLINE_SECONDS) -> None:
        """`deadline`: seconds of a child by the clock; its CPU time is limited beside (`confinement`)."""
        self._work = work
        self._deadline = deadline
        gc.collect()
        gc.freeze()  # what is loaded is looked through in no child: its pages stay shared

    def answer(self, order: bytes) -> bytes:
        """What a child made of the order; nothing where it crashed, was too long about it, or said too much.

        Raises SystemExit when the daemon is gone, or wants no answer any more.
        """
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._be(order, writing)
        os.close(writing)
        try:
            return _heard(reading, time.monotonic() + self._deadline)
        finally:
            os.close(reading)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _be(self, order: bytes, writing: int) -> NoReturn:
        """The child's whole life. It can hear no order and answer for none but its own."""
        status = 1
        try:
            os.dup2(writing, _ANSWER)
            os.close(_ORDERS)
            os.closerange(_ANSWER + 1, _MOST_OPEN)
            confinement.confine_child()
            _write(self._work(order))
            status = 0
        finally:
            os._exit(status)  # whatever was raised: the worker's own road is not the child's


def _write(answer: bytes) -> None:
    rest = memoryview(answer)
    while rest:
        rest = rest[os.write(_ANSWER, rest) :]


def _heard(reading: int, until: float) -> bytes:
    heard = bytearray()
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([reading, _ORDERS], [], [], left)
        if _ORDERS in ready:
            raise SystemExit(0)  # the next order comes after this answer: what is to be read there is the end
        if reading in ready:
            piece = os.read(reading, MAX_ANSWER)
            heard += piece
            if not piece or len(heard) > MAX_ANSWER:
                return bytes(heard) if len(heard) <= MAX_ANSWER else b""
    return b""
