"""The card host with time-stamps: what it signs of documents leaves with one each, where policy names an authority.

All or nothing, as a batch is without them: a signature that should have a time-stamp and has none does not leave
(docs/decisions/0068).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING, Any, Protocol

from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError, TimestampNotConfigured
from bridge.progress import Progress
from bridge.requested import STAMPED, WITH_TIME, Format
from bridge.settings.sections import TimestampSettings
from bridge.timestamps.holding import Signed, held

if TYPE_CHECKING:
    from bridge.timestamps.stamper import Stamper


class Host(Protocol):
    """The card host's client, as far as it is used here."""

    @property
    def running(self) -> bool: ...
    @property
    def pin_sessions(self) -> dict[str, str]: ...
    async def call(self, method: str, params: dict[str, Any], progress: Progress = ...) -> dict[str, Any]: ...
    async def notify(self, method: str) -> None: ...


def stamper_of(named: TimestampSettings, clock: Callable[[], float]) -> Stamper | None:
    """None where no policy names an authority: then nothing of its asking is loaded either."""
    if not named.url:
        return None
    from bridge.timestamps.stamper import Stamper

    return Stamper(named, clock)


class StampedHost:
    """Stands where the service knows a card host."""

    def __init__(self, host: Host, stamper: Stamper | None) -> None:
        """`stamper`: None where no policy names an authority."""
        self._host = host
        self._stamper = stamper

    @property
    def running(self) -> bool:
        return self._host.running

    @property
    def pin_sessions(self) -> dict[str, str]:
        return self._host.pin_sessions

    async def notify(self, method: str) -> None:
        await self._host.notify(method)

    async def call(self, method: str, params: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """As the host's own; documents' signatures come with their time-stamps.

        Raises TimestampNotConfigured, and what `Stamper.stamp` raises: of the authority before a person is asked, too.
        """
        progress, asked = progress or Progress(), dict(params)
        level = asked.pop("level", None)
        formats = [Format(each["format"]) for each in asked.get("documents", ())]
        if self._stamper is None or not STAMPED.intersection(formats):
            if level == WITH_TIME:
                raise TimestampNotConfigured("no policy names a time-stamp authority")
            return await self._host.call(method, asked, progress)
        await self._stamper.ready()
        answer = await self._host.call(method, asked, progress)
        try:
            stamped = await self._stamped(self._stamper, answer["signatures"], formats, progress)
        except BaseException:
            await self._lock_again(answer)
            raise
        return {**answer, "signatures": stamped}

    async def _stamped(
        self, stamper: Stamper, made: list[Signed], formats: list[Format], progress: Progress
    ) -> list[Signed]:
        """The first that fails ends the others."""
        done = 0

        async def one(signed: Signed, format_: Format) -> Signed:
            nonlocal done
            found = await _with_time(stamper, signed, format_) if format_ in STAMPED else signed
            done += 1
            progress.stamped(done, len(made))
            return found

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(*each)) for each in zip(made, formats, strict=True)]
        except* BridgeError as errors:
            raise _first(errors) from errors
        return [task.result() for task in tasks]

    async def _lock_again(self, answer: dict[str, Any]) -> None:
        """A PIN session whose handle does not leave would be nobody's."""
        if (origin := self.pin_sessions.get(handle := answer.get("pinSession", ""))) is not None:
            with contextlib.suppress(BridgeError):
                await self._host.call("pin/close", {"origin": origin, "pinSession": handle})


async def _with_time(stamper: Stamper, signed: Signed, format_: Format) -> Signed:
    whole, used = held(format_, signed), Hash(signed["hash"])
    stamp = await stamper.stamp(used, used.of(whole.covered))
    told = {
        "time": stamp.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "authority": stamp.authority,
        "serial": stamp.serial,
    }
    return {**signed, **whole.with_token(stamp.token), "timestamp": told}


def _first(errors: BaseExceptionGroup[BridgeError]) -> BridgeError:
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, BridgeError)  # noqa: S101 - what `except*` chose
    return found
