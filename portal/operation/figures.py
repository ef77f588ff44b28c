"""Figures for Prometheus, without personal data. Names and labels are an interface (docs/portal-operation.md)."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from importlib import metadata

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from portal.settings import Settings
from portal.signatures.trust import Trust
from portal.store import Store
from portal.store.database import Database
from portal.store.times import moment
from portal.web.keys import REFUSAL, Handler

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
_OTHER = "other"


class Figures:
    """Counted as requests come, the rest looked up when somebody asks."""

    def __init__(self, settings: Settings, store: Store, trust: Trust) -> None:
        self._settings, self._store, self._trust = settings, store, trust
        self._registry, self._beside = CollectorRegistry(), CollectorRegistry()
        made = self._registry
        self._requests = Counter("portal_requests", "Requests answered", ["route", "method", "status"], registry=made)
        self._seconds = Histogram(
            "portal_request_seconds", "Until the answer", ["route"], buckets=_SECONDS, registry=made
        )
        self._refused = Counter("portal_refusals", "Requests refused, by code", ["code"], registry=made)
        self._waiting = Gauge("portal_mails_waiting", "Mails of the outbox that were not sent yet", registry=made)
        self._oldest = Gauge("portal_oldest_mail_seconds", "How long the oldest of them has waited", registry=made)
        self._lists = Gauge(
            "portal_revocation_list_ends", "nextUpdate of an issuer's newest list", ["issuer"], registry=made
        )
        self._free = Gauge("portal_disk_free_bytes", "Free on the database's disk", registry=self._beside)
        self._size = Gauge("portal_database_bytes", "Size of the database with its WAL", registry=made)
        Gauge("portal_build", "1, with the version", ["version"], registry=made).labels(
            metadata.version("card-bridge")
        ).set(1)

    @web.middleware
    async def counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The outermost middleware: what it sees is what left."""
        begin = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else _OTHER
        self._requests.labels(route, request.method if resource else _OTHER, response.status).inc()
        self._seconds.labels(route).observe(time.perf_counter() - begin)
        if (code := request.get(REFUSAL)) is not None:
            self._refused.labels(code).inc()
        return response

    async def text(self) -> bytes:
        """The exposition format (text, version 0.0.4). Raises StoreFault, OSError."""
        waiting, since = await self._store.read(_outbox)
        self._waiting.set(waiting)
        age = (datetime.now(UTC) - moment(since)).total_seconds() if since else 0.0
        self._oldest.set(max(0.0, age))
        for issuer, ends in self._trust.list_ends().items():
            self._lists.labels(issuer).set(ends.timestamp())
        measured = await self._store.measured()
        self._size.set(measured.size)
        if measured.free is None:  # on another machine, which tells of it itself
            return generate_latest(self._registry)
        self._free.set(measured.free)
        return generate_latest(self._registry) + generate_latest(self._beside)


def _outbox(db: Database) -> tuple[int, str | None]:
    query = "SELECT count(*), min(since) FROM outbox WHERE state = 'waiting'"
    waiting, since = db.execute(query).fetchone()
    return int(waiting), since
