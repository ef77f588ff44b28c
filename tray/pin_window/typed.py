"""The PIN while it is being typed: one fixed block of code points that every edit changes in place.

A text field would keep the PIN as immutable strings and in its undo history. Here it exists once, is never a `str`, and
is overwritten where it lies. Single characters still pass through the toolkit's key events; that cannot be helped.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

CAPACITY = 128
"""Characters: twice the longest PIN, so that a PIN that is too long is seen to be so instead of being cut."""


class TypedPin:
    """Not thread-safe, except for `wipe`, which may come at any moment."""

    __slots__ = ("_codes", "_length")

    def __init__(self) -> None:
        self._codes = array("I", bytes(array("I").itemsize * CAPACITY))
        self._length = 0

    def insert(self, position: int, code: int) -> bool:
        """Insert a code point; False if the block is full."""
        if self._length == CAPACITY:
            return False
        for index in range(self._length, position, -1):
            self._codes[index] = self._codes[index - 1]
        self._codes[position] = code
        self._length += 1
        return True

    def delete(self, start: int, end: int) -> None:
        """Remove the characters [start, end) and overwrite what becomes free."""
        gone = end - start
        for index in range(start, self._length):
            self._codes[index] = self._codes[index + gone] if index + gone < self._length else 0
        self._length -= gone

    def replace(self, change: Callable[[int], int]) -> None:
        """Put change(code) in the place of each code point."""
        for index in range(self._length):
            self._codes[index] = change(self._codes[index])

    def wipe(self) -> None:
        for index in range(CAPACITY):
            self._codes[index] = 0
        self._length = 0

    @property
    def wiped(self) -> bool:
        return not any(self._codes)

    def encoded(self) -> bytearray:
        """The PIN as UTF-8 in a buffer that the caller wipes."""
        octets = bytearray(sum(len(chr(code).encode()) for code in self))
        position = 0
        for code in self:
            for octet in chr(code).encode():
                octets[position] = octet
                position += 1
        return octets

    def __iter__(self) -> Iterator[int]:
        return (self._codes[index] for index in range(self._length))

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return "<TypedPin>"
