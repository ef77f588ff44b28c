"""Every address of the officers' pages."""

from __future__ import annotations

from aiohttp import web

from portal.web.officers import deciding, door, logbook, looking, session


def table() -> list[web.AbstractRouteDef]:
    """All routes under /officers."""
    return [
        web.get(door.LOGIN, door.login),
        web.post(door.BEGIN, door.begin),
        web.post(door.FINISH, door.finish),
        web.post(door.END, door.end),
        web.get(door.ENDED, door.ended),
        web.get(session.HOME, looking.search),
        web.get(looking.REGISTRATION, looking.registration),
        web.get(looking.STATEMENT, looking.evidence),
        web.get(looking.CMS, looking.cms),
        web.get(looking.EVIDENCE, looking.record),
        web.post(deciding.DECISION, deciding.confirm),
        web.post(deciding.BEGIN, deciding.begin),
        web.post(deciding.FINISH, deciding.finish),
        web.get(logbook.LOG, logbook.log),
    ]
