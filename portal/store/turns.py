"""The portal's writing in PostgreSQL: one portal at a time, each committing together what waits in it.

What jobs do is as if one had done it after the other because it is so: a lock of the database's own, held to the end of
a transaction. One that holds it and does not go on is ended by the server (idle_in_transaction_session_timeout).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, pq

from portal.store.connected import done
from portal.store.database import Database, StoreFault, Unavailable
from portal.store.pipeline import Pipeline

MAX_GROUP = 32  # jobs per commit: bounds how long the other portals wait
AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
_LOCK = 0x43425057  # of PostgreSQL's advisory locks: ours alone in a database of ours
# READ COMMITTED: each statement sees what was committed before it, all of it since the lock was got.
_BEGIN = (
    *(b"BEGIN ISOLATION LEVEL READ COMMITTED", f"SELECT pg_advisory_xact_lock({_LOCK})".encode()),
    b"SAVEPOINT job",
)
_NEXT = (b"RELEASE SAVEPOINT job", b"SAVEPOINT job")
_BACK = b"ROLLBACK TO SAVEPOINT job"


class Outcome(NamedTuple):
    """What a job came to, one of both."""

    result: Any
    error: BaseException | None


async def committed(jobs: Sequence[Callable[[Database], Any]], pipeline: Pipeline) -> list[Outcome]:
    """Runs jobs in one transaction, each under its own savepoint; their outcomes, on disk.

    Raises psycopg.Error: nothing of them is written. Unavailable: nobody knows whether it is.
    """
    try:
        frames = chain([_BEGIN], repeat(_NEXT))
        outcomes = [await _outcome(job, pipeline, frame) for job, frame in zip(jobs, frames, strict=False)]
    except BaseException:
        pipeline.drop()
        if not pipeline.closed:
            await _said(pipeline, b"ROLLBACK")
        raise
    await _commit(pipeline)
    return outcomes


async def _outcome(job: Callable[[Database], Any], pipeline: Pipeline, before: Sequence[bytes]) -> Outcome:
    """`before`: what is sent with the job's first statements."""
    framing = [pipeline.hand_over(statement) for statement in before]
    try:
        outcome = Outcome(await done(job, pipeline), None)
    except AGAIN:
        raise  # of the whole transaction
    except Exception as error:  # the caller's, and goes to the caller
        if pipeline.closed or any(each.error for each in framing):
            raise
        outcome = Outcome(None, error)
    if outcome.error is None and pipeline.status is pq.TransactionStatus.INERROR:  # one failed, and the job went on
        outcome = Outcome(None, StoreFault("a statement failed, and what the job did is rolled back"))
    if outcome.error is not None:
        await _said(pipeline, _BACK)
    return outcome


async def _said(pipeline: Pipeline, statement: bytes) -> None:
    pipeline.hand_over(statement)
    await pipeline.settle()


async def _commit(pipeline: Pipeline) -> None:
    try:
        await _said(pipeline, b"COMMIT")
    except psycopg.OperationalError as error:
        if pipeline.closed:
            # Not run again: if it was written, the second time would say so to somebody who never heard of the first.
            raise Unavailable("the connection ended at COMMIT, and nobody knows what became of it") from error
        raise
