"""What one room hands to the next: rows read, malformed records, rows checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa


@dataclass
class Rows:
    """A batch of a file's rows: its columns by their names in the file, and row numbers from 1."""

    batch: pa.RecordBatch
    numbers: pa.Int64Array


@dataclass
class MalformedRow:
    """A CSV record with too few or too many fields; its text, and its row number (from 1)."""

    number: int
    text: str
    expected: int
    actual: int


@dataclass
class Checked:
    """The rows of one batch: `valid` ones with typed columns, rows for the quarantine, and others.

    `expired` is the number of those that are too old, `decoded` that of the valid ones whose
    payload was encoded twice.
    """

    valid: pa.RecordBatch
    rejected: list[dict[str, Any]]
    expired: int = 0
    decoded: int = 0
