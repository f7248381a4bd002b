"""One run at a time: a session-level advisory lock in the database that is loaded into.

Runs on one dataset share dlt's staging tables, so two at once lose rows while both report success.
The lock holds wherever the runs come from, folder or machine, and ends with its session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from database.address import Address, connect
from pipelines.consent.errors import LoadError

logger = logging.getLogger(__name__)

# The server notices a dead peer within half a minute, and releases the lock of a lost machine.
KEEPALIVE = {
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
}

_RETRY_SECONDS = 0.2


class RunLock:
    """Holds the lock of a dataset on a separate connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def assert_held(self) -> None:
        """Stops the run if the connection, and with it the lock, is gone.

        Raises:
            LoadError: another run may have started meanwhile.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("select 1")
        except psycopg2.Error as error:
            raise LoadError(
                "the connection that holds the load's lock was cut; run the load again: it goes on"
                " where this one stopped"
            ) from error


@contextmanager
def run_lock(address: Address, dataset: str) -> Iterator[RunLock]:
    """Waits until no other run works on the dataset, and keeps others out until the end."""
    connection = connect(address, **KEEPALIVE)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            if not _try(cursor, dataset):
                logger.warning("another run is loading into %s: waiting for it to end", dataset)
                # Not pg_advisory_lock: ctrl-C would have to wait too.
                while not _try(cursor, dataset):
                    time.sleep(_RETRY_SECONDS)
        yield RunLock(connection)
    finally:
        connection.close()


def _try(cursor: Any, dataset: str) -> bool:
    key = (f"consent load of {dataset}",)
    cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", key)
    return bool(cursor.fetchone()[0])
