"""The mails of a portal that runs as a program: settings for a server of the test's, and what has to arrive there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from tests.flow.mail_office import SENDER
from tests.flow.mail_server import Post
from tests.unit.portal_world import World


def mails(port: int) -> str:
    """Settings (TOML): impatient, so that a test need not be patient."""
    return (
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "{SENDER}"\npoll_seconds = 1\n'
        "retry = { first_seconds = 1, factor = 1, max_seconds = 60 }"
    )


async def arrived(made: World, post: Post) -> None:
    """Waits until every mail of the outbox is there; each is, once. Raises AssertionError: what each one waits for."""
    try:
        async with asyncio.timeout(120):
            while len(post.taken) < await made.count("outbox"):  # noqa: ASYNC110 - of another program
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        query = "SELECT id, state, attempts, last_code, next_try, lease FROM outbox WHERE state <> 'sent'"
        waiting = await made.store.read(lambda db: [tuple(row) for row in db.execute(query).fetchall()])
        raise AssertionError(f"{datetime.now(UTC)}: {len(post.taken)} came, not sent: {waiting}") from error
    assert len({taken.message["Message-ID"] for taken in post.taken}) == len(post.taken)
