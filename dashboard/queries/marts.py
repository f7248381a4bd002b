"""The read-only connection to the marts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pandas as pd
import psycopg2

from database.address import Address, connect, failure
from database.datasets import in_target


class NotBuiltError(Exception):
    """A mart that a panel needs does not exist; the message says which."""


class Marts:
    """Runs queries on the marts; connects again when the server was restarted in between.

    Threads may share it: their queries run one after another.
    """

    def __init__(self, find: Callable[[], Address]) -> None:
        """Takes the function that finds (and starts) the database; the first query calls it."""
        self._find = find
        self.place = ""
        """Where the database is; empty before the first query."""
        self._connection: Any = None
        self._lock = threading.RLock()

    @cached_property
    def second(self) -> Marts:
        """The same marts over a second connection, for a query beside the others."""
        return Marts(self._find)

    def frame(self, query: str, values: dict[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a query, with psycopg2's placeholders filled from `values`.

        Raises:
            NotBuiltError: a table or column in the query does not exist (yet).
            DatabaseError: the database cannot be found, started or read.
        """
        try:
            with self._lock:
                try:
                    return self._rows(query, values or {})
                except psycopg2.OperationalError:
                    # The server may have been restarted since the last query: once more, with a
                    # new connection.
                    self._connection = None
                    return self._rows(query, values or {})
        except (psycopg2.OperationalError, psycopg2.errors.InsufficientPrivilege) as error:
            raise failure(self._find(), error) from None

    def close(self) -> None:
        """Closes the connections; the next query opens another."""
        if "second" in self.__dict__:
            self.second.close()
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _rows(self, query: str, values: dict[str, Any]) -> pd.DataFrame:
        if self._connection is None or self._connection.closed:
            address = self._find()
            self.place = address.place
            self._connection = connect(address, application_name="consent dashboard")
            self._connection.set_session(readonly=True, autocommit=True)
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(in_target(query), values)
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn) as error:
                raise NotBuiltError(str(error.diag.message_primary)) from None
            return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description])
