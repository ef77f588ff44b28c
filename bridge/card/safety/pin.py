"""The PIN while it is on its way from the window to C_Login: a wipeable buffer that can be written nowhere."""

from __future__ import annotations

from typing import NoReturn


class Pin:
    """PIN bytes that can be wiped and have no printable form.

    Wiping is best effort: the interpreter may have copied what passed through it before it came here, so the
    reader fills this buffer in place (`memory`) and nothing is ever decoded to `str`.
    """

    __slots__ = ("_buffer",)

    def __init__(self, length: int) -> None:
        self._buffer = bytearray(length)

    def memory(self) -> memoryview:
        """The buffer itself, for readinto and for the native login call."""
        return memoryview(self._buffer)

    def wipe(self) -> None:
        """Overwrite with zeros; the length stays, so that a late reader sees nothing but zeros."""
        for index in range(len(self._buffer)):
            self._buffer[index] = 0

    @property
    def wiped(self) -> bool:
        return not any(self._buffer)

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return "<Pin>"

    def __str__(self) -> NoReturn:
        raise TypeError("a PIN has no text form")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a PIN cannot be pickled or copied")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __enter__(self) -> Pin:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()
