"""One snapshot of the marts, read in batches, every column as one of five plain types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
from psycopg2 import sql

from database.address import Address, connect, failure
from database.datasets import layer

Batch = list[tuple[Any, ...]]
BATCH_ROWS = 10_000

PLAIN = {
    "bigint": "int64", "integer": "int64", "smallint": "int64",
    "double precision": "double", "real": "double", "numeric": "double",
    "boolean": "boolean",
    "timestamp with time zone": "timestamp", "date": "timestamp",
}  # fmt: skip
"""What a type of the server is in the files; all others are text."""

_CASTS = {
    "int64": "{}::bigint",
    "double": "{}::float8",
    "boolean": "{}",
    "timestamp": "{}::timestamptz",  # a day begins at midnight UTC, the session's zone
    "text": "{}::text",
}


class Snapshot:
    """The marts as they are when it is opened; use it in a `with` statement.

    Raises DatabaseError, in one sentence, where the server cannot be reached or read.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection = connect(address, application_name="consent export")
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with self._connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def columns(self) -> dict[str, dict[str, str]]:
        """Relation of the marts' schema -> column -> plain type."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                """
                select relname, attname, format_type(atttypid, null)
                from pg_attribute
                inner join pg_class on pg_class.oid = attrelid
                inner join pg_namespace on pg_namespace.oid = relnamespace
                where nspname = %s and relkind in ('r', 'v', 'm') and attnum > 0
                    and not attisdropped
                order by relname, attnum
                """,
                [layer("marts")],
            )
            found: dict[str, dict[str, str]] = {}
            for mart, column, kind in cursor.fetchall():
                found.setdefault(mart, {})[column] = PLAIN.get(kind, "text")
            return found

    def batches(self, mart: str, types: dict[str, str]) -> Iterator[Batch]:
        """The rows of a mart; only a batch is in memory at a time."""
        columns = sql.SQL(", ").join(
            sql.SQL(_CASTS[kind]).format(sql.Identifier(name)) for name, kind in types.items()
        )
        query = sql.SQL("select {} from {}").format(columns, sql.Identifier(layer("marts"), mart))
        try:
            with self._connection.cursor(name="export") as cursor:
                cursor.itersize = BATCH_ROWS
                cursor.execute(query)
                while batch := cursor.fetchmany(BATCH_ROWS):
                    yield batch
        except (psycopg2.OperationalError, psycopg2.errors.InsufficientPrivilege) as error:
            raise failure(self._address, error) from None
