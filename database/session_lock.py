"""A lock in the database that ends with its session: one load at a time, one build at a time.

It holds wherever the others run, in another folder or on another machine. It is an advisory lock
of a transaction that stays open: where a pooler lies between, a client that vanishes in the middle
of a transaction takes the server's session with it, while a lock of a session could stay behind.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from database.address import Address, connect, failure, without_timeouts
from database.database_error import DatabaseError

logger = logging.getLogger(__name__)

# The server notices a dead peer within half a minute, and releases the lock of a lost machine.
KEEPALIVE = {
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
}

LEFT_SECONDS = 60
"""How long a session may hold the lock outside a transaction, which no run of this version does."""

_RETRY_SECONDS = 0.2

# Another client may use the pooler meanwhile, and hide what this looks for.
_ROUNDS = 3

_END_LEFT_LOCK = """
select pg_terminate_backend(pid)
from pg_locks
join pg_stat_activity using (pid)
where locktype = 'advisory' and granted
    and pg_locks.database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0) and objsubid = 1
    and state = 'idle' and clock_timestamp() - state_change > make_interval(secs => %s)
"""


@contextmanager
def session_lock(address: Address, name: str, waiting: str) -> Iterator[Any]:
    """Wait for the lock `name`, hold it, and release it at the end.

    Args:
        address: of the database in which the lock is.
        name: two sessions that give the same name exclude each other.
        waiting: the sentence that is logged once when another session holds the lock.

    Yields:
        The connection that holds the lock. The lock is gone when it is cut.

    Raises:
        DatabaseError: connecting failed, or the connection cannot hold a lock.
    """
    import psycopg2

    with closing(connect(address, **KEEPALIVE)) as connection:
        try:
            _refuse_transaction_pooling(address, connection)
            # It idles for as long as the work takes; a server may end such sessions.
            without_timeouts(connection)
            # A transaction that has no snapshot while it idles keeps no row from vacuum.
            connection.set_session("READ COMMITTED", readonly=True, autocommit=False)
            if not _try(connection, name):
                logger.warning(waiting)
                # Not pg_advisory_lock: ctrl-C would wait with it.
                while not _try(connection, name):
                    time.sleep(_RETRY_SECONDS)
                    _end_left_lock(connection, name)
        except psycopg2.Error as error:
            raise failure(address, error) from None
        yield connection
        with contextlib.suppress(psycopg2.Error):
            connection.rollback()


def _try(connection: Any, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
        is_held = bool(cursor.fetchone()[0])
    if not is_held:
        connection.rollback()
    return is_held


def _end_left_lock(connection: Any, name: str) -> None:
    """End a session that a pooler kept, with the lock of a run of an earlier version in it."""
    import psycopg2

    # Not ours to end: then it takes an administrator.
    with contextlib.suppress(psycopg2.errors.InsufficientPrivilege), connection.cursor() as cursor:
        cursor.execute(_END_LEFT_LOCK, (name, LEFT_SECONDS))
        if cursor.rowcount:
            logger.warning("an idle session that held the lock without a run was ended")
    connection.rollback()


def _refuse_transaction_pooling(address: Address, connection: Any) -> None:
    """Refuse a pooler that gives each transaction another session of the server.

    Two clients that it serves with one session, or one client with two, show it.
    """
    connection.autocommit = True
    with closing(connect(address)) as other:
        for _ in range(_ROUNDS):
            ours = {_backend(connection), _backend(connection)}  # differ if sessions take turns
            theirs = _backend(other)  # its transaction stays open
            ours.add(_backend(connection))
            other.rollback()
            if len(ours) > 1 or theirs in ours:
                raise DatabaseError(
                    f"At {address.server} a pooler gives each transaction another session "
                    "(PgBouncer's pool_mode = transaction or statement), where neither locks nor "
                    "settings of a session hold: use a pool with pool_mode = session, or the "
                    "server's own address."
                )


def _backend(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])
