"""What officers do by their login alone: news, single days, the emergency stop, mails; each act a line of the log."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.hours import Hours
from portal.officers import reasons
from portal.refusals import Invalid, Problem, Refused
from portal.signatures.certificate import TOKYO
from portal.store import Store, board, officer_log, officers, outbox
from portal.store.board_rows import Board
from portal.store.database import Database
from portal.store.mail_rows import MailState, Shown
from portal.store.officer_rows import Line, OfficerAct, OfficerSession

MAX_NEWS = 200  # characters of one line on the first page
AHEAD = timedelta(days=800)  # as far as hours are looked ahead (portal.hours)
KEPT_SECONDS = 1.0  # so long another process may not have heard of a stop
_WORDS = {True: "臨時利用日", False: "臨時休止日", None: "通常"}


class Mails(NamedTuple):
    """One page of the outbox."""

    rows: list[Shown]
    total: int
    number: int
    pages: int


class Office:
    """Reads the board for every page, and writes what officers change.

    Writers raise Refused (officer_session_ended).
    """

    def __init__(self, store: Store, rows: int, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._rows = rows
        self._clock = clock
        self._known: tuple[float, Board] | None = None

    async def board(self) -> Board:
        """What stands, at most a second old where another process wrote it."""
        if self._known is not None and time.monotonic() - self._known[0] < KEPT_SECONDS:
            return self._known[1]
        at, since = time.monotonic(), self.today() - timedelta(days=1)  # a visit may have begun before midnight
        found = await self._store.read(lambda db: board.read(db, since))
        self._known = (at, found)
        return found

    async def post_news(self, visit: OfficerSession, given: Mapping[str, str]) -> None:
        """{once, day, text}: an お知らせ on the first page. Raises Invalid."""
        day = _day(given.get("day", ""), "掲載する日付")
        said = reasons.checked(given.get("text", ""), required=True, field="text", label="お知らせ")
        if len(said) > MAX_NEWS or "\n" in said:
            raise Invalid((Problem("text", "お知らせ", f"お知らせは改行なしで{MAX_NEWS}文字までです。"),))
        once, told = _once(visit, given), f"{day.isoformat()} {said}"
        await self._act(visit, lambda db: _line(board.post(db, once, day, said), OfficerAct.NEWS_POSTED, after=told))

    async def remove_news(self, visit: OfficerSession, number: int) -> None:
        """Takes an お知らせ down."""
        now = self._clock()

        def job(db: Database) -> _Done | None:
            before = board.take_down(db, number, now)
            return None if before is None else _Done(OfficerAct.NEWS_REMOVED, f"{before.date} {before.text}")

        await self._act(visit, job)

    async def set_day(self, visit: OfficerSession, given: Mapping[str, str]) -> None:
        """{day, kind: open, closed or usual}: a single day. Raises Invalid."""
        day, kinds = _day(given.get("day", ""), "日付"), {"open": True, "closed": False, "usual": None}
        if not self.today() <= day <= self.today() + AHEAD:
            raise Invalid((Problem("day", "日付", "今日から2年先までの日付を入力してください。"),))
        if given.get("kind") not in kinds:
            raise Invalid((Problem("kind", "扱い", "扱いを選んでください。"),))
        wanted = kinds[given["kind"]]

        def job(db: Database) -> _Done | None:
            before = board.set_day(db, day, wanted)
            told = (f"{day.isoformat()} {_WORDS[each]}" for each in (before, wanted))
            return None if before is wanted else _Done(OfficerAct.DAY_SET, *told)

        await self._act(visit, job)

    async def stop(self, visit: OfficerSession, given: Mapping[str, str]) -> None:
        """{ja, en, sure}: everything for bidders shows these texts until it is lifted. Raises Invalid."""
        ja = reasons.checked(given.get("ja", ""), required=True, field="ja", label="日本語の文")
        en = reasons.checked(given.get("en", ""), required=True, field="en", label="英語の文")
        if given.get("sure") != "yes":
            raise Invalid((Problem("sure", "確認", "止めることを確かめて、チェックを付けてください。"),))
        now = self._clock()
        begun = OfficerAct.EMERGENCY_BEGUN
        await self._act(visit, lambda db: _line(board.stop(db, ja, en, now), begun, after=f"{ja}\n{en}"))

    async def lift(self, visit: OfficerSession) -> None:
        """Ends the stop."""

        def job(db: Database) -> _Done | None:
            before = board.lift(db)
            return None if before is None else _Done(OfficerAct.EMERGENCY_LIFTED, f"{before.ja}\n{before.en}")

        await self._act(visit, job)

    # Mails

    async def mails(self, recipient: str, state: MailState | None, number: int) -> Mails:
        """One page of the outbox, newest first, to addresses that begin so."""

        async def at(page: int) -> tuple[list[Shown], int]:
            offset = (page - 1) * self._rows
            return await self._store.read(lambda db: outbox.listing(db, recipient, state, offset, self._rows))

        rows, total = await at(number)
        pages = max(1, -(-total // self._rows))
        if number > pages:
            rows, total = await at(pages)
        return Mails(rows, total, min(number, pages), pages)

    async def mail(self, number: int) -> Shown:
        """A mail of the outbox. Raises Refused (mail_unknown)."""
        found = await self._store.read(lambda db: outbox.shown(db, number))
        if found is None:
            raise Refused("mail_unknown")
        return found

    async def send_again(self, visit: OfficerSession, number: int, given: Mapping[str, str]) -> None:
        """{once}: the mail goes out once more. Raises Refused (mail_unknown)."""
        mail, once, now = await self.mail(number), _once(visit, given), self._clock()
        told = f"{mail.id} {mail.subject} → {mail.recipient}"
        again = OfficerAct.MAIL_AGAIN
        await self._act(
            visit, lambda db: _line(outbox.send_again(db, number, once, now), again, before=mail.state, after=told)
        )

    # Inside

    async def _act(self, visit: OfficerSession, job: Callable[[Database], _Done | None]) -> None:
        """Does it and logs it, while the officer's visit goes on; nothing done leaves no line."""
        now = self._clock()

        def acted(db: Database) -> None:
            current = officers.find_session(db, visit.id, now)
            if current is None or current.officer is None:
                raise Refused("officer_session_ended")
            done = job(db)
            if done is not None:
                who = current.officer
                officer_log.note(db, Line(who.id, who.name, done.act, before=done.before, after=done.after), now)

        await self._store.write(acted)
        self._known = None

    def today(self) -> date:
        """The day in Japan."""
        return self._clock().astimezone(TOKYO).date()


class _Done(NamedTuple):
    act: OfficerAct
    before: str = ""
    after: str = ""


def hours(rule: Hours, shown: Board) -> Hours:
    """The settings' hours with the single days of the board, which go before those of the settings."""
    if not (shown.closed or shown.open):
        return rule
    closed = (set(rule.closed_days) - set(shown.open)) | set(shown.closed)
    opened = (set(rule.open_days) - set(shown.closed)) | set(shown.open)
    return replace(rule, closed_days=tuple(sorted(closed)), open_days=tuple(sorted(opened)))


def _line(done: bool, act: OfficerAct, before: str = "", after: str = "") -> _Done | None:
    return _Done(act, before, after) if done else None


def _once(visit: OfficerSession, given: Mapping[str, str]) -> str:
    """A form's own mark, of this visit alone: whoever guesses another's keeps nobody from anything."""
    return hashlib.sha256(f"{visit.csrf} {given.get('once', '')}".encode()).hexdigest()[:32]


def _day(typed: str, label: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Invalid((Problem("day", label, f"{label}を、2026-12-28のように入力してください。"),)) from error
