"""The mails of a portal that runs as a program: settings for a server of the test's, and what has to arrive there."""

from __future__ import annotations

import asyncio

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
    """Waits until every mail of the outbox is there; each is, once."""
    async with asyncio.timeout(120):
        while len(post.taken) < await made.count("outbox"):  # noqa: ASYNC110 - of another program
            await asyncio.sleep(0.1)
    assert len({taken.message["Message-ID"] for taken in post.taken}) == len(post.taken)
