"""The portal's web server: the composition of store, trust, use cases and pages, served over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator

from aiohttp import web

from portal.mail.sending import sending
from portal.operation import notify
from portal.registration.rechecking import rechecking
from portal.service import Portal
from portal.settings import Settings, Tls
from portal.signatures.trust import Trust
from portal.store import Store, open_store
from portal.web import board, closing, logs, memory, pages, patience, routes, security
from portal.web.failures import failures
from portal.web.keys import PORTAL, SETTINGS, TEMPLATES, TURNSTILE
from portal.web.turnstile import Turnstile

MAX_BODY = 128 * 1024  # a 64 KiB CMS in base64, with its JSON around it
_SHUTDOWN_SECONDS = 5.0
_HANDSHAKE_SECONDS = 10.0


def build(portal: Portal, settings: Settings) -> web.Application:
    """The portal's application over these use cases. Raises SettingsError."""
    app = web.Application(
        middlewares=[failures, patience.whole, board.load, security.guard, closing.guard], client_max_size=MAX_BODY
    )
    app[PORTAL], app[SETTINGS], app[TEMPLATES] = portal, settings, pages.environment(settings)
    app[TURNSTILE] = Turnstile(settings.verification, portal.now)
    app.on_response_prepare.append(security.add_headers)
    app.add_routes(routes.table(settings))
    return app


def run(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT, then lets running requests end. Raises SettingsError, TrustError, OSError …"""
    logs.start(settings.log.file, practice=settings.site.practice)
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    stop = _stopped()
    store = await open_store(settings.database, settings.postgresql)
    try:
        trust = Trust(settings.trust)
        portal = Portal(settings, store, trust)
        app = build(portal, settings)
        async with (
            sending(settings, store),
            rechecking(portal.registrar),
            _watched(app, settings, store, trust),
            listening(app, settings) as port,
        ):
            memory.settle()
            # Who starts the portal waits for this line.
            print(f"portal ready https://localhost:{port}/", flush=True)  # noqa: T201
            notify.ready()
            await stop.wait()
            notify.stopping()
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _watched(app: web.Application, settings: Settings, store: Store, trust: Trust) -> AsyncIterator[None]:
    """Health, readiness and figures at a listener of their own, where the settings want it."""
    if not settings.watch.port:
        yield
        return
    from portal.operation import door, figures  # loaded where they are asked for

    counting = figures.Figures(settings, store, trust)
    app.middlewares.insert(0, counting.counted)
    async with door.listening(door.build(settings, store, trust, counting), settings.watch):
        yield


@contextlib.asynccontextmanager
async def listening(app: web.Application, settings: Settings) -> AsyncIterator[int]:
    """Serves the application over the settings' address and TLS files while entered; gives the port."""
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, keepalive_timeout=patience.IDLE_SECONDS
    )
    patient = patience.Patience(lambda: _server(runner)())
    app.middlewares.insert(0, patient.hear)
    await runner.setup()
    try:
        # web.TCPSite cannot bound the handshake: a socket that says nothing would stay open for a minute.
        server = await asyncio.get_running_loop().create_server(
            patient,
            settings.listen.host,
            settings.listen.port,
            ssl=tls_context(settings.tls),
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            backlog=512,
        )
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
    finally:
        await runner.cleanup()


def _server(runner: web.AppRunner) -> web.Server:
    assert runner.server is not None  # noqa: S101 - set up before anybody comes
    return runner.server


def tls_context(files: Tls) -> ssl.SSLContext:
    """TLS 1.2 and above with the chain and key of the settings. Raises OSError (ssl.SSLError is one)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    return context


def _stopped() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' event loop has none
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop
