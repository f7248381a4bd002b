"""Rows -> rows that can be loaded, and rows for the quarantine with the reason.

A row goes to the quarantine for the first reason found, in the order of `_typed`; the rest of
its file loads. Whatever is a value of its type is data, however odd.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from pipelines.consent.batches import MalformedRow, Rows
from pipelines.consent.checking.json_text import payloads
from pipelines.consent.checking.values import Mask, any_nul, counts, missing_keys, rates, times
from pipelines.consent.names import (
    COMPANIES,
    EVENTS,
    FIELDS,
    KEYS,
    LOAD_ID,
    SOURCE_FILE,
    SOURCE_MTIME,
    SOURCE_ROW,
    TIMESTAMP,
)
from pipelines.consent.schema import arrow_schema, file_names, identifier

NUL = "NUL character"


@dataclass
class Checked:
    """The rows of one batch: `valid` in their declared types, `rejected` as quarantine rows."""

    valid: pa.Table
    rejected: list[dict[str, Any]]


class RowChecker:
    """Checks the batches of one file.

    Args:
        table: `events` or `companies`.
        path: the file's path relative to the input folder.
        mtime_ns: the file's time stamp at first sight, in nanoseconds since 1970.
    """

    def __init__(self, table: str, path: str, mtime_ns: int) -> None:
        self.table = table
        self.fields = FIELDS[table]
        self.path = path
        self.mtime = pa.scalar(mtime_ns // 1000, pa.int64()).cast(TIMESTAMP)

    def check(self, rows: Rows) -> Checked:
        """Types every column and splits the rows; no row is in neither half."""
        typed, reasons = self._typed(rows.batch)
        first = np.full(rows.batch.num_rows, -1)
        for number, (_, wrong) in enumerate(reasons):
            first[wrong & (first < 0)] = number
        bad = first >= 0
        rejected = self._rejected(rows, bad, [reasons[n][0] for n in first[bad]])
        batch = self._batch(typed, rows.numbers)
        if bad.any():
            batch = batch.filter(pa.array(~bad))
        # Which columns are never null holds only now that the rejected rows are gone.
        schema = arrow_schema(self.table, self._added(typed))
        return Checked(pa.Table.from_batches([batch]).cast(schema), rejected)

    def _batch(self, typed: dict[str, pa.Array], numbers: pa.Int64Array) -> pa.RecordBatch:
        columns = typed | self._order_key(numbers)
        names = file_names(self.table, self._added(typed))
        return pa.RecordBatch.from_arrays(
            [columns[name] for name in names], names=[identifier(name) for name in names]
        )

    def _added(self, typed: dict[str, pa.Array]) -> list[str]:
        return [name for name in typed if name not in self.fields]

    def malformed(self, row: MalformedRow) -> dict[str, Any]:
        """The quarantine row of a CSV record with the wrong number of fields."""
        detail = f"{row.actual} fields where the header has {row.expected}"
        raw = orjson.dumps({"text": row.text}).decode()
        return self._quarantined(row.number, "wrong number of fields", detail, raw)

    def _typed(self, batch: pa.RecordBatch) -> tuple[dict[str, pa.Array], list[tuple[str, Mask]]]:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        reasons = [(NUL, any_nul(columns)), *self._missing(columns)]
        if self.table == EVENTS:
            for name in ("EVENT_TIME", "WINDOW_START"):
                columns[name], wrong = times(columns[name], required=name == "EVENT_TIME")
                reasons.append((f"{name} is not a time", wrong))
            columns["RATE"], wrong = rates(columns["RATE"])
            reasons.append(("RATE out of range", wrong))
            columns["COUNT"], wrong, below_one = counts(columns["COUNT"])
            reasons.append(("COUNT is not a whole number", wrong))
            reasons.append(("COUNT out of range", below_one))
            not_json, nul = payloads(columns["PARAMETERS"])
            reasons += [("PARAMETERS is not JSON", not_json), (NUL, nul)]
        return columns, reasons

    def _missing(self, columns: dict[str, pa.Array]) -> list[tuple[str, Mask]]:
        required = ["EVENT_ID", "APIKEY", "TYPE"]
        names = required if self.table == EVENTS else [KEYS[self.table]]
        reasons = []
        for name in names:
            missing, too_long = missing_keys(columns[name])
            reasons += [(f"missing {name}", missing), (f"{name} too long", too_long)]
        return reasons

    def _order_key(self, numbers: pa.Int64Array) -> dict[str, pa.Array]:
        count = len(numbers)
        return {
            SOURCE_MTIME: pa.repeat(self.mtime, count),
            SOURCE_FILE: pa.repeat(pa.scalar(self.path), count),
            SOURCE_ROW: numbers,
            LOAD_ID: pa.repeat(pa.scalar(""), count),
        }

    def _rejected(self, rows: Rows, bad: Mask, reasons: list[str]) -> list[dict[str, Any]]:
        if not reasons:
            return []
        numbers = rows.numbers.filter(pa.array(bad)).to_pylist()
        plain = _plain(rows.batch.filter(pa.array(bad)))
        return [
            self._quarantined(
                number,
                reason,
                None,
                orjson.dumps(row).decode(),
                _printable(row.get(KEYS[EVENTS])),
                _printable(row.get("APIKEY", row.get(KEYS[COMPANIES]))),
            )
            for number, reason, row in zip(numbers, reasons, plain, strict=True)
        ]

    def _quarantined(
        self,
        number: int,
        reason: str,
        detail: str | None,
        raw: str,
        event_id: str | None = None,
        apikey: str | None = None,
    ) -> dict[str, Any]:
        return {
            SOURCE_MTIME: self.mtime.as_py(),
            SOURCE_FILE: self.path,
            SOURCE_ROW: number,
            "table_name": self.table,
            "reason": reason,
            "detail": detail,
            "event_id": event_id,
            "apikey": apikey,
            "raw_row": raw,
        }


def _plain(batch: pa.RecordBatch) -> list[dict[str, object]]:
    """Rows as JSON can hold them: a time or a float that is no number as text."""
    columns = [
        column.cast(pa.string()) if pa.types.is_temporal(column.type) else column
        for column in batch.columns
    ]
    names = batch.schema.names
    rows: list[dict[str, object]] = pa.table(columns, names=names).to_pylist()
    for name in [n for n in names if pa.types.is_floating(batch.schema.field(n).type)]:
        for row in rows:
            value = row[name]
            if isinstance(value, float) and not isfinite(value):
                row[name] = str(value)
    return rows


def _printable(value: object) -> str | None:
    return None if value is None else str(value).replace("\0", "")
