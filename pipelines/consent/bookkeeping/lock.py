"""One run at a time: a session-level advisory lock in the database that is loaded into.

Runs on one dataset share dlt's staging tables, so two at once lose rows while both report success.
The lock holds wherever the runs come from, folder or machine, and ends with its session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from database.address import Address
from database.session_lock import session_lock
from pipelines.consent.errors import LoadError


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
    waiting = f"another run is loading into {dataset}: waiting for it to end"
    with session_lock(address, f"consent load of {dataset}", waiting) as connection:
        yield RunLock(connection)
