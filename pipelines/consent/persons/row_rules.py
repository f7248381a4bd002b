"""Which rows of a file are left out: those of erased persons, and those that are too old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.consent.batches import MalformedRow, Rows
from pipelines.consent.persons.row_filter import RowFilter


@dataclass(frozen=True)
class RowRules:
    """The rules of one run.

    Args:
        erased: None if nobody was ever erased.
        keep_from: events before it are too old; None if all are kept.
    """

    erased: RowFilter | None = None
    keep_from: datetime | None = None

    def without_erased(self, rows: Rows) -> Rows:
        """The rows of a batch but for those of erased persons."""
        return rows if self.erased is None else self.erased.without_erased(rows)

    def malformed_without_erased(self, rows: Sequence[MalformedRow]) -> Sequence[MalformedRow]:
        """The same for malformed records."""
        if self.erased is None:
            return rows
        return [row for row in rows if not self.erased.is_malformed(row)]
