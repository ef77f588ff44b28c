"""ユーザID and パスワード as given at the search: checked against the agency's accounts, or new."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from portal.qualification.reading import Credentials
from portal.search.passwords import Passwords
from portal.store import Owner, Store, accounts
from portal.store.accounts import Account, Given


class Verdict(Enum):
    """What there is to say of them."""

    GOOD = auto()
    ABSENT = auto()  # the agency has accounts, and none for this 業者番号
    OTHER_ID = auto()
    OTHER_PASSWORD = auto()


class Answer(NamedTuple):
    """A verdict, and the account to go on with: None where none was given or it is not good."""

    verdict: Verdict
    account: Account | None


class Users:
    """Knows the agency's accounts and what a card's holder gave before."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    async def given(self, owner: Owner) -> Given | None:
        """What this card's holder gave at an earlier search."""
        return await self._store.read(lambda db: accounts.given(db, owner))

    async def are_published(self) -> bool:
        """Whether what is typed is checked against something that others must not find out."""
        return await self._store.read(accounts.are_published)

    async def answer(self, values: Mapping[str, str], before: Given | None) -> Answer:
        """For clean values of the screen; as long, whatever is wrong. `before` counts where no password was typed."""
        user_id, password = values["user_id"], values["password"]
        if not password:
            return Answer(Verdict.GOOD, before.account if user_id and before is not None else None)
        if not await self.are_published():
            return Answer(Verdict.GOOD, Account(user_id, await self._passwords.derive(password)))
        known = await self._store.read(lambda db: accounts.published(db, values["number"]))
        matches = await self._passwords.matches(password, known.password if known is not None else None)
        if known is None:
            return Answer(Verdict.ABSENT, None)
        if not hmac.compare_digest(known.user_id.encode(), user_id.encode()):
            return Answer(Verdict.OTHER_ID, None)
        return Answer(Verdict.GOOD, known) if matches else Answer(Verdict.OTHER_PASSWORD, None)


async def hashed(users: Mapping[str, Credentials | None], passwords: Passwords) -> dict[str, Account | None]:
    """The agency's users by 業者番号 as they are kept: no clear text goes further than here."""

    async def one(user: Credentials | None) -> Account | None:
        return None if user is None else Account(user.user_id, await passwords.derive(user.password))

    return dict(zip(users, await asyncio.gather(*(one(user) for user in users.values())), strict=True))


def is_kept(before: Given | None, values: Mapping[str, str]) -> bool:
    """Whether the password of this ユーザID at this 業者番号 was given before."""
    return before is not None and (before.number, before.account.user_id) == (values["number"], values["user_id"])
