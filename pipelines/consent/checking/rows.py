"""Rows -> typed rows that can be loaded, and rows for the quarantine with the reason.

A row goes to the quarantine for the first reason found, in the order of `_typed`; the rest of
its file loads. Whatever is a value of its type is data, however odd.
"""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.batches import Checked, MalformedRow, Rows
from pipelines.consent.checking.encoded_twice import decoded_once
from pipelines.consent.checking.json_text import json_faults
from pipelines.consent.checking.keys import KEY_COLUMNS, cleaned, company_key, event_key
from pipelines.consent.checking.missing_words import without_missing_words
from pipelines.consent.checking.values import (
    Mask,
    any_nul,
    counts,
    mask,
    missing_keys,
    rates,
    times,
)
from pipelines.consent.names import (
    COMPANIES,
    EVENTS,
    KEYS,
    SOURCE_FILE,
    SOURCE_MTIME,
    SOURCE_ROW,
    TIMESTAMP,
)

NUL = "NUL character"


class RowChecker:
    """Checks the batches of one file.

    Args:
        table: `events` or `companies`.
        path: the file's path relative to the input folder.
        mtime_ns: the file's time stamp at first sight, in nanoseconds since 1970.
        keep_from: events before are left out, as expired. Where a row has no EVENT_TIME that can be
            read, the file's time stamp decides.
    """

    def __init__(
        self, table: str, path: str, mtime_ns: int, keep_from: datetime | None = None
    ) -> None:
        self.table = table
        self.path = path
        self.mtime = pa.scalar(mtime_ns // 1000, pa.int64()).cast(TIMESTAMP)
        self.keep_from = keep_from if table == EVENTS else None

    def check(self, rows: Rows) -> Checked:
        """Types every column and splits the rows; a row that is in neither half is expired."""
        columns, reasons, decoded = self._typed(rows.batch)
        expired = 0
        if self.keep_from is not None:
            times = pc.coalesce(columns["EVENT_TIME"], self.mtime)
            kept = pc.greater_equal(times, pa.scalar(self.keep_from, TIMESTAMP))
            if expired := len(kept) - pc.sum(kept).as_py():
                rows = Rows(rows.batch.filter(kept), rows.numbers.filter(kept))
                columns = {name: column.filter(kept) for name, column in columns.items()}
                reasons = [(reason, wrong[mask(kept)]) for reason, wrong in reasons]
                decoded = decoded[mask(kept)]
        first = np.full(rows.batch.num_rows, -1)
        for number, (_, wrong) in enumerate(reasons):
            first[wrong & (first < 0)] = number
        bad = first >= 0
        columns |= {
            SOURCE_MTIME: pa.repeat(self.mtime, len(bad)),
            SOURCE_FILE: pa.repeat(pa.scalar(self.path), len(bad)),
            SOURCE_ROW: rows.numbers,
        }
        batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        if not bad.any():
            return Checked(batch, [], expired, int(decoded.sum()))
        return Checked(
            batch.filter(pa.array(~bad)),
            self._rejected(rows, pa.array(bad), [reasons[n][0] for n in first[bad]]),
            expired,
            int(decoded[~bad].sum()),
        )

    @property
    def is_file_expired(self) -> bool:
        """Whether rows of the file expire that have no time of their own."""
        return self.keep_from is not None and self.mtime.as_py() < self.keep_from

    def malformed(self, row: MalformedRow) -> dict[str, Any]:
        """The quarantine row of a CSV record with the wrong number of fields."""
        detail = f"{row.actual} fields where the header has {row.expected}"
        raw = orjson.dumps({"text": row.text}).decode()
        return self._quarantined(row.number, "wrong number of fields", raw, detail=detail)

    def _typed(
        self, batch: pa.RecordBatch
    ) -> tuple[dict[str, pa.Array], list[tuple[str, Mask]], Mask]:
        """Columns in their declared types, for each reason which rows it rejects, decoded rows."""
        columns = {
            name: without_missing_words(name, column)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
        reasons = [(NUL, any_nul(columns))]
        decoded: Mask = np.zeros(batch.num_rows, dtype=bool)
        columns |= {name: cleaned(name, columns[name]) for name in KEY_COLUMNS if name in columns}
        for name in ["EVENT_ID", "APIKEY", "TYPE"] if self.table == EVENTS else [KEYS[self.table]]:
            missing, too_long = missing_keys(columns[name])
            reasons += [(f"missing {name}", missing), (f"{name} too long", too_long)]
        if self.table == EVENTS:
            for name in ("EVENT_TIME", "WINDOW_START"):
                columns[name], wrong = times(columns[name], required=name == "EVENT_TIME")
                reasons.append((f"{name} is not a time", wrong))
            columns["RATE"], wrong = rates(columns["RATE"])
            reasons.append(("RATE out of range", wrong))
            columns["COUNT"], wrong, outside = counts(columns["COUNT"])
            reasons.append(("COUNT is not a whole number", wrong))
            reasons.append(("COUNT out of range", outside))
            columns["PARAMETERS"], decoded = decoded_once(columns["PARAMETERS"])
            not_json, nul = json_faults(columns["PARAMETERS"])
            reasons += [("PARAMETERS is not JSON", not_json), (NUL, nul)]
        return columns, reasons, decoded

    def _rejected(
        self, rows: Rows, bad: pa.BooleanArray, reasons: list[str]
    ) -> list[dict[str, Any]]:
        """Quarantine rows, with the delivered values as JSON.

        JSON has no times, and no floats that are not a number: these become text.
        """
        batch = rows.batch.filter(bad)
        columns = [
            column.cast(pa.string()) if pa.types.is_temporal(column.type) else column
            for column in batch.columns
        ]
        rejected = []
        for number, reason, row in zip(
            rows.numbers.filter(bad).to_pylist(),
            reasons,
            pa.table(columns, names=batch.schema.names).to_pylist(),
            strict=True,
        ):
            for name, value in row.items():
                if isinstance(value, float) and not isfinite(value):
                    row[name] = str(value)
            event_id, apikey = row.get(KEYS[EVENTS]), row.get("APIKEY", row.get(KEYS[COMPANIES]))
            event_id = None if event_id is None else event_key(str(event_id))
            apikey = None if apikey is None else company_key(str(apikey))
            raw = orjson.dumps(row).decode()
            rejected.append(
                self._quarantined(number, reason, raw, event_id=event_id, apikey=apikey)
            )
        return rejected

    def _quarantined(
        self,
        number: int,
        reason: str,
        raw: str,
        *,
        detail: str | None = None,
        event_id: object = None,
        apikey: object = None,
    ) -> dict[str, Any]:
        def printable(value: object) -> str | None:
            return None if value is None else str(value).replace("\0", "")

        return {
            SOURCE_MTIME: self.mtime.as_py(),
            SOURCE_FILE: self.path,
            SOURCE_ROW: number,
            "table_name": self.table,
            "reason": reason,
            "detail": detail,
            "event_id": printable(event_id),
            "apikey": printable(apikey),
            "raw_row": raw,
        }
