"""One table as its merge sees it: staged, raw, and in the ledger; in the merge's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql

from pipelines.consent import change_log
from pipelines.consent.names import EVENTS, GOOD_ROWS, KEYS, LEDGER

_ALL_JOIN = "select apikey, event_time, _dlt_load_id, 1 as joined, 0 as gone from {staged}"


@dataclass
class StagedTable:
    """The staged rows of one load package for one raw table.

    Args:
        cursor: in the transaction that the caller has begun.
        columns: every column of the table, as named in the database.
        load_id: the package; only files that its ledger rows call `loading` are merged.
    """

    cursor: Any
    table: str
    columns: list[str]
    dataset: str
    staging: str
    load_id: str
    key: str = field(init=False)
    """The key's name in the database."""

    def __post_init__(self) -> None:
        self.key = KEYS[self.table].lower()
        self._names: dict[str, sql.Composable] = {
            "dataset": sql.Identifier(self.dataset),
            "target": sql.Identifier(self.dataset, self.table),
            "target_name": sql.Literal(f'"{self.dataset}"."{self.table}"'),
            "staged": sql.Identifier(self.staging, self.table),
            "staged_name": sql.Literal(f'"{self.staging}"."{self.table}"'),
            "ledger": sql.Identifier(self.dataset, LEDGER),
            "good_rows": sql.SQL(GOOD_ROWS),
            "key": sql.Identifier(self.key),
            "company": sql.Identifier("apikey" if self.table == EVENTS else self.key),
        }

    def execute(self, statement: str, **names: sql.Composable) -> list[tuple[Any, ...]]:
        """Runs a statement over the names of the table; returns its rows, if it has any."""
        composed = sql.SQL(statement).format(**self._names, **names)
        self.cursor.execute(composed, {"load_id": self.load_id, "table": self.table})
        return self.cursor.fetchall() if self.cursor.description else []

    def value(self, statement: str) -> Any:
        """The one value of a query."""
        return self.execute(statement)[0][0]

    def log_changes(self, changes: str = _ALL_JOIN) -> None:
        """Writes changes of events to the change log; by default, all that is staged joins.

        Args:
            changes: a query over the names of the table, as `change_log.write` wants it.
        """
        if self.table == EVENTS:
            composed = sql.SQL(changes).format(**self._names)
            change_log.write(self.cursor, self.dataset, composed, sql.Literal(self.load_id))
