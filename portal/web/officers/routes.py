"""Every address of the officers' pages."""

from __future__ import annotations

from aiohttp import web

from portal.web.officers import board, deciding, door, logbook, looking, mails, session


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
        web.post(deciding.CHOICE, deciding.choose),
        web.get(deciding.DECISION, deciding.confirm),
        web.post(deciding.BEGIN, deciding.begin),
        web.post(deciding.FINISH, deciding.finish),
        web.get(logbook.LOG, logbook.log),
        web.get(mails.MAILS, mails.mails),
        web.get(mails.MAIL, mails.mail),
        web.post(mails.AGAIN, mails.again),
        web.get(board.NOTICES, board.notices),
        web.post(board.NEWS, board.post_news),
        web.post(board.NEWS_REMOVE, board.remove_news),
        web.post(board.DAYS, board.set_day),
        web.get(board.EMERGENCY, board.emergency),
        web.post(board.EMERGENCY, board.stop),
        web.post(board.LIFT, board.lift),
    ]
