"""A 仮登録 and the agency's officer who accepts it: a second card at the same desk, after the person of tests.road."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.async_api import expect

from tests import road
from tests.road import Person

ARRIVED, ACCEPTED = "仮登録の審査のお願い", "利用申請 受理のお知らせ"
_SECONDS = 60.0
_LINK = re.compile(r"https://\S+/officers/registrations/R-[0-9]{6}\b")


async def apply(person: Person, portal: str) -> str:
    """登録 with a card of a company that has one: the 受付番号 under which it waits."""
    await person.page.goto(f"{portal}registration/menu")
    await road.log_in(person)
    await road.search(person)
    await road.fill_form(person)
    await person.press("登録")
    await road.answer_window(person, None)
    await person.heading("利用者情報を受け付けました（仮登録）")
    await person.look("provisional")
    reception = await person.page.locator("#company-id").inner_text()
    await person.press("終了")
    await person.heading("終了しました")
    return reception.strip()


async def accept(person: Person, mails: Path) -> None:
    """By the link of the mail to the officers: login, 受理, its signature, and the logout."""
    await person.page.goto(await _link(mails))
    await person.follow("担当者のログインへ進む")
    await person.look("officer-login")
    await person.press("ICカードでログイン")
    await road.answer_login(person)
    await expect(person.page.locator("#state")).to_have_text("仮登録（審査待ち）", timeout=road.SLOW_MACHINE_MS)
    await person.look("officer-registration")
    await person.press("受理へ進む")
    await person.heading("受理の確認")
    await person.press("受理")
    await road.answer_window(person, None)
    await expect(person.page.get_by_role("status")).to_contain_text("受理しました。", timeout=road.SLOW_MACHINE_MS)
    await person.look("officer-accepted")
    await person.press("ログアウト")
    await person.heading("ログアウトしました")


def read(mails: Path) -> Iterator[EmailMessage]:
    """The mails that lie in a folder."""
    for file in mails.glob("*.eml"):
        yield message_from_bytes(file.read_bytes(), policy=policy.default)


async def _link(mails: Path) -> str:
    """What the mail to the officers leads to, once it is there. Raises TimeoutError."""
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        for mail in read(mails):
            if ARRIVED in mail["Subject"] and (found := _LINK.search(mail.get_content())):
                return found[0]
        await asyncio.sleep(0.1)
    raise TimeoutError(f"no mail to the officers in {mails}")
