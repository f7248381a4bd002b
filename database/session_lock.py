"""A lock in the database that ends with its session: one load at a time, one build at a time.

It holds wherever the others run, in another folder or on another machine.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from database.address import Address, connect, without_timeouts

logger = logging.getLogger(__name__)

# The server notices a dead peer within half a minute, and releases the lock of a lost machine.
KEEPALIVE = {
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
}

_RETRY_SECONDS = 0.2


@contextmanager
def session_lock(address: Address, name: str, waiting: str) -> Iterator[Any]:
    """Wait for the lock `name`, hold it, and release it at the end.

    Args:
        address: of the database in which the lock is.
        name: two sessions that give the same name exclude each other.
        waiting: the sentence that is logged once when another session holds the lock.

    Yields:
        The connection that holds the lock. The lock is gone when it is cut.
    """
    # It idles for as long as the work takes; a server may end such sessions.
    connection = without_timeouts(connect(address, **KEEPALIVE))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            if not _try(cursor, name):
                logger.warning(waiting)
                # Not pg_advisory_lock: ctrl-C would wait with it.
                while not _try(cursor, name):
                    time.sleep(_RETRY_SECONDS)
        yield connection
    finally:
        connection.close()


def _try(cursor: Any, name: str) -> bool:
    cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,))
    return bool(cursor.fetchone()[0])
