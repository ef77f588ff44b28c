"""The daemon, composed: settings, log, TLS context, card host, service, listener and reader watch.

The one place that knows all parts of the bridge; `app` decides whether a tray icon stands in front of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import certs.context
from bridge import logs, settings
from bridge.audit import entries
from bridge.audit.keeping import Audit
from bridge.audit.record import Record
from bridge.card.client import HostClient
from bridge.choices import Choices
from bridge.consent.asking import Consent
from bridge.consent.grants import Grants
from bridge.consent.window import ConsentWindow
from bridge.desk import Desk
from bridge.doctor.check import Check
from bridge.doors.server import Parts, Server
from bridge.errors import BridgeError
from bridge.formats.preparation import Preparation
from bridge.gate.limits import Rates
from bridge.gate.origins import NotKept, Origins
from bridge.lock_screen import watch as lock_screen
from bridge.readers import events as reader_events
from bridge.readers import practice as practice_reader
from bridge.readers.events import Event
from bridge.readers.known import KnownCard
from bridge.readers.state import ReaderState, Snapshot
from bridge.readers.watch import ReaderWatch
from bridge.service import Clocks, Service
from bridge.timestamps.stamped_host import StampedHost, stamper_of
from bridge.uploads import Uploads
from bridge.version import VERSION
from tray.last_signatures import LastSignatures
from tray.places import tls_directory
from tray.preferences import Preferences

IDLE_SECONDS = 120.0
SLEEP_SECONDS = 4.0
"""How long a sleep waits for cards to be logged out: login1 allows five seconds (InhibitDelayMaxSec)."""


class PinSession(NamedTuple):
    origin: str
    until: datetime
    """When it ends at most; aware."""


class Daemon:
    """Everything that runs in the bridge's own process, on one event loop."""

    def __init__(self, loaded: settings.Settings, config: Path | None) -> None:
        self.settings = loaded
        self.preferences = Preferences(loaded, config)
        self.preferences.on_language = self._speak
        self.preferences.on_change = lambda: self.on_change()
        self._host = HostClient(
            config,
            loaded.card.host_deadline_seconds,
            IDLE_SECONDS,
            self._take_host_event,
            command=loaded.card.host,
        )
        clocks = Clocks(lambda: datetime.now(UTC), time.monotonic)
        choices = Choices(settings.card_directory(loaded))
        desk = Desk()
        record = Record(settings.audit_directory(loaded), clocks.now, loaded.audit.days)
        self._audit = Audit(record, clocks.monotonic)
        self.signatures = LastSignatures(settings.audit_directory(loaded), lambda: self.on_change())
        self._audit.on_signed = self.signatures.take
        self._uploads = Uploads(settings.card_directory(loaded) / "documents")
        self._stamper = stamper_of(loaded.timestamps, clocks.monotonic)
        host = StampedHost(self._host, self._stamper)
        self.service = Service(host, clocks, choices, self._diagnose, desk, self._audit)
        self.service.preparation = Preparation(self._uploads)
        self._grants = Grants(settings.grants_file(loaded), clocks.now, secrets.token_hex(8))
        self._origins = Origins(
            loaded.origins.allowed, None if loaded.origins.locked else self._grants, clocks.monotonic
        )
        self._origins.on_change = lambda: self.on_change()
        self._window = ConsentWindow(loaded.origins.window, settings.language(loaded))
        consent = Consent(self._origins, self._window, desk, clocks.monotonic)
        consent.on_answer = lambda origin, verdict: self._audit.note(entries.consent(origin, verdict.value))
        rates = Rates(clocks.monotonic)
        parts = Parts(
            *(self.service, self._origins, consent, rates, loaded.origins.development, self._overview, self._uploads),
            contact=loaded.contact,
        )
        context = certs.context.server_context(tls_directory(loaded))
        self._server = Server(parts, context)
        self._pcsc: tuple[ReaderState, ...] | None = None
        self._practice: tuple[ReaderState, ...] | None = None
        self._watches: list[asyncio.Task[None]] = []
        self._telling: set[asyncio.Task[None]] = set()
        self._watch: ReaderWatch | None = None
        self._host_said = asyncio.Event()
        self._ends: dict[str, datetime] = {}
        """When each PIN session ends at most, by its handle."""
        self.service.cards.on_learn = self._cards_read
        self.unread = ""
        """Code of why the last reading that the person asked for told nothing; empty: it did, or none was."""
        self.on_change: Callable[[], None] = lambda: None
        """Told after readers, cards or PIN sessions changed; the tray icon listens."""
        self.on_end: Callable[[], None] = lambda: None
        """Told when the person logs off (Windows); whoever started the daemon ends it."""
        self.on_moved: Callable[[list[Event]], None] = lambda _events: None
        """Told what came to and went from the readers since the bridge looks."""

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def readers(self) -> tuple[ReaderState, ...]:
        return (self._pcsc or ()) + (self._practice or ())

    @property
    def unlocked(self) -> tuple[PinSession, ...]:
        """Open PIN sessions, by origin."""
        living = self._host.pin_sessions
        return tuple(sorted(PinSession(origin, self._ends[handle]) for handle, origin in living.items()))

    @property
    def cards(self) -> tuple[KnownCard, ...]:
        """What was last learned of the cards that are present."""
        return self.service.cards.all()

    @property
    def state_directory(self) -> Path:
        """For what is remembered of this person, over restarts."""
        return settings.card_directory(self.settings)

    @property
    def log_directory(self) -> Path:
        return settings.log_directory(self.settings)

    @property
    def granted(self) -> tuple[str, ...]:
        """Origins that the person allowed and can take back."""
        return self._origins.granted

    async def read_cards(self) -> None:
        """Learn what can be learned without a PIN of the cards that are present; never beside an open window."""
        try:
            await self.service.read_cards()
        except BridgeError as error:
            self.unread = error.code
            self.on_change()

    async def revoke(self, origin: str) -> None:
        """Take a grant back; its sockets close, and a PIN session of it ends."""
        try:
            self._origins.revoke(origin)
        except NotKept as error:
            logs.fault("grant_not_revoked", error)
        self._uploads.forget(origin)
        await self.service.withdraw(origin)

    async def start(self) -> None:
        """Listen and watch readers. Raises NoPort."""
        self._forget_once()
        await self._server.start(self.settings.bridge.port)
        loop = asyncio.get_running_loop()

        def changed(states: tuple[ReaderState, ...]) -> None:
            # Called by the watching thread; the loop may be gone while it ends.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._pcsc_changed, states)

        self._watch = ReaderWatch(changed)
        self.service.look_again = self._watch.look_again
        self._watch.start()
        if self.settings.card.practice:
            directory = settings.card_directory(self.settings) / "practice"
            self._watches.append(asyncio.create_task(practice_reader.watch(directory, self._practice_changed)))
        self._watches.append(asyncio.create_task(lock_screen.follow(self._told())))
        logs.info("started", version=VERSION, port=self.port)

    async def forget(self) -> None:
        """End every PIN session on the card itself."""
        await self._host.notify("forget")

    async def close(self) -> None:
        await self._server.close()
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        if self._watch is not None:
            await asyncio.to_thread(self._watch.stop)
        await self._host.close()
        if self._stamper is not None:
            await self._stamper.close()
        self._uploads.close()
        await self._audit.close()
        self._forget_once()
        await asyncio.gather(*self._telling, return_exceptions=True)
        logs.info("stopped")

    def _forget_once(self) -> None:
        with contextlib.suppress(NotKept):
            self._grants.forget_once()

    def _pcsc_changed(self, states: tuple[ReaderState, ...]) -> None:
        before, self._pcsc = self._pcsc, states
        self._tell(before, states)

    def _practice_changed(self, state: ReaderState) -> None:
        before, self._practice = self._practice, (state,)
        self._tell(before, self._practice)

    def _cards_read(self) -> None:
        self.unread = ""
        self.on_change()

    def _tell(self, before: Snapshot | None, after: Snapshot) -> None:
        """`before`: None at the first look, when nothing has come or gone yet."""
        self.unread = ""
        if before is not None:
            self.on_moved(reader_events.between(before, after))
        self._in_background(self.service.readers_changed(self.readers))
        self.on_change()

    def _speak(self, language: str) -> None:
        """Windows do so as they open; the menu at once."""
        self._window.language = language
        self._host.renew()

    def _locked(self) -> None:
        """The person has left the desk."""
        logs.info("screen_locked")
        self._in_background(self.forget())

    async def _sleeping(self) -> None:
        """Returns when no PIN session is left, or the time is over that a system waits with its sleep."""
        logs.info("sleeping")
        await self.forget()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SLEEP_SECONDS):
                while self._host.pin_sessions:
                    self._host_said.clear()
                    await self._host_said.wait()

    def _woken(self) -> None:
        """Readers lose their power in a sleep, and on some systems the PC/SC service with them."""
        logs.info("woken")
        if self._watch is not None:
            self._watch.look_again()

    def _told(self) -> lock_screen.Told:
        return lock_screen.Told(
            watching=self._watching_lock_screen,
            locked=self._locked,
            sleeping=self._sleeping,
            woken=self._woken,
            ending=lambda: self.on_end(),
        )

    def _watching_lock_screen(self, by: str) -> None:
        logs.info("lock_screen_watched", by=by)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _take_host_event(self, event: dict[str, Any]) -> None:
        self._host_said.set()
        match event:
            case {"event": "pinSessionOpened", "pinSession": str(handle), "expiresIn": seconds}:
                self._ends[handle] = datetime.now(UTC) + timedelta(seconds=seconds)
            case {"event": "pinSessionEnded", "pinSession": str(handle)}:
                self._ends.pop(handle, None)
        self.service.take_host_event(event)
        self.on_change()

    def _diagnose(self) -> list[dict[str, Any]]:
        from bridge.doctor import page  # loaded when a page asks

        return [check.wire() for check in page.for_sites(self.readers)]

    def _overview(self) -> list[Check]:
        """For the person at this computer. Called on a thread of its own."""
        from bridge.doctor import page
        from bridge.doctor.discretion import Discretion
        from tray import certificates

        has_service = self._watch is not None and self._watch.has_service
        lines = page.for_person(self.settings, self.readers, has_service=has_service)
        return Discretion.here().checks([*lines, *certificates.life(tls_directory(self.settings), time.time())])
