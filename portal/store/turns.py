"""The portal's writing in PostgreSQL: one portal at a time, each committing together what waits in it.

What jobs do is as if one had done it after the other because it is so: a lock of the database's own, held to the end of
a transaction. One that holds it and does not go on is ended by the server (idle_in_transaction_session_timeout).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import AsyncConnection, errors, pq

from portal.store import greenlets
from portal.store.connected import Connected
from portal.store.database import Database, StoreFault, Unavailable

MAX_GROUP = 32  # jobs per commit: bounds how long the other portals wait
AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
_LOCK = 0x43425057  # of PostgreSQL's advisory locks: ours alone in a database of ours
# READ COMMITTED: each statement sees what was committed before it, all of it since the lock was got.
_BEGIN = f"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({_LOCK}); SAVEPOINT job".encode()
_NEXT = b"RELEASE SAVEPOINT job; SAVEPOINT job"
_BACK = b"ROLLBACK TO SAVEPOINT job"


class Outcome(NamedTuple):
    """What a job came to, one of both."""

    result: Any
    error: BaseException | None


async def committed(jobs: Sequence[Callable[[Database], Any]], connection: AsyncConnection) -> list[Outcome]:
    """Runs jobs in one transaction, each under its own savepoint; their outcomes, on disk.

    Raises psycopg.Error: nothing of them is written. Unavailable: nobody knows whether it is.
    """
    await connection.execute(_BEGIN, prepare=False)
    try:
        outcomes = [await _outcome(jobs[0], connection)]
        for job in jobs[1:]:
            await connection.execute(_NEXT, prepare=False)
            outcomes.append(await _outcome(job, connection))
    except BaseException:
        if not connection.closed:
            await connection.execute("ROLLBACK")
        raise
    await _commit(connection)
    return outcomes


async def _outcome(job: Callable[[Database], Any], connection: AsyncConnection) -> Outcome:
    try:
        outcome = Outcome(await greenlets.run(job, Connected(connection)), None)
    except AGAIN:
        raise  # of the whole transaction
    except Exception as error:  # the caller's, and goes to the caller
        if connection.closed:
            raise
        await connection.execute(_BACK)
        return Outcome(None, error)
    if connection.info.transaction_status is pq.TransactionStatus.INERROR:  # a statement failed, and the job went on
        await connection.execute(_BACK)
        return Outcome(None, StoreFault("a statement failed, and what the job did is rolled back"))
    return outcome


async def _commit(connection: AsyncConnection) -> None:
    try:
        await connection.execute("COMMIT")
    except psycopg.OperationalError as error:
        if connection.closed:
            # Not run again: if it was written, the second time would say so to somebody who never heard of the first.
            raise Unavailable("the connection ended at COMMIT, and nobody knows what became of it") from error
        raise
