"""What the handlers find in their application: one typed key each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from jinja2 import Environment

from portal.service import Portal
from portal.settings import Settings
from portal.store import Session
from portal.store.board_rows import Board
from portal.store.officer_rows import OfficerSession
from portal.web.turnstile import Turnstile

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PORTAL = web.AppKey("portal", Portal)
SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", Environment)
TURNSTILE = web.AppKey("turnstile", Turnstile)

SESSION = web.RequestKey("session", Session)
REFUSAL = web.RequestKey("refusal", str)
"""Code of what was refused; there only then."""
BOARD = web.RequestKey("board", Board)
OFFICER = web.RequestKey("officer", OfficerSession)
