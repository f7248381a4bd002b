"""The indexes of a raw table."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

from pipelines.consent.names import LOAD_ID


def create_indexes(cursor: Any, dataset: str, table: str, key: str) -> None:
    """The unique index on the key, and one on the load id, by which models find what is new.

    They are made after the rows of a first load: one sort is cheaper than as many insertions. Load
    ids grow with time, as rows are appended, so a range index finds them at a hundredth of the
    size of a tree.

    Raises:
        psycopg2.errors.UniqueViolation: the table holds a key twice.
    """
    for column, kind in ((key, "unique index"), (LOAD_ID, "index")):
        cursor.execute(
            sql.SQL(
                "create {kind} if not exists {name} on {table} using {method} ({column})"
            ).format(
                kind=sql.SQL(kind),
                name=sql.Identifier(f"{table}_{column}_key"),
                table=sql.Identifier(dataset, table),
                method=sql.SQL("brin" if column == LOAD_ID else "btree"),
                column=sql.Identifier(column),
            )
        )
