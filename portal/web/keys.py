"""What the handlers find in their application: one typed key each."""

from __future__ import annotations

from aiohttp import web
from jinja2 import Environment

from portal.service import Portal
from portal.settings import Settings
from portal.store import Session

PORTAL = web.AppKey("portal", Portal)
SETTINGS = web.AppKey("settings", Settings)
TEMPLATES = web.AppKey("templates", Environment)

SESSION = web.RequestKey("session", Session)
