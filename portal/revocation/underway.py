"""One fetch an address: whoever asks while it runs waits for the same one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

from portal.revocation.addresses import Address

T = TypeVar("T")


class Underway(Generic[T]):
    """Used on the event loop alone."""

    def __init__(self, fetch: Callable[[Address], Coroutine[Any, Any, T]]) -> None:
        self._fetch = fetch
        self._running: dict[str, asyncio.Task[T]] = {}

    def task(self, address: Address) -> asyncio.Task[T]:
        """The fetch that runs already, or a new one."""
        task = self._running.get(address.text)
        if task is None:
            task = self._running[address.text] = asyncio.create_task(self._fetch(address))
            task.add_done_callback(lambda _: self._running.pop(address.text, None))
        return task

    def tasks(self) -> Iterable[asyncio.Task[T]]:
        """Those that run now."""
        return self._running.values()
