"""Jobs are plain functions; an asynchronous driver is awaited. A greenlet lets the one wait for the other.

The job runs on the event loop's own thread. Where it asks the database, it is left standing, the loop goes on with
whatever else there is, and the answer brings it back (https://greenlet.readthedocs.io).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from greenlet import getcurrent, greenlet

T = TypeVar("T")


async def run(job: Callable[..., T], *arguments: Any) -> T:
    """The job's result; it may `wait`. Cancelled, the job gets CancelledError where it waits."""
    standing = greenlet(job, getcurrent())
    asked = standing.switch(*arguments)
    while not standing.dead:
        try:
            answer = await asked
        except BaseException as error:  # the job's, as if it had awaited by itself
            asked = standing.throw(error)
        else:
            asked = standing.switch(answer)
    return cast(T, asked)


def wait(asked: Awaitable[T]) -> T:
    """The awaitable's result, or what it raises, for a job of `run`."""
    loop = getcurrent().parent
    return cast(T, cast(greenlet, loop).switch(asked))
