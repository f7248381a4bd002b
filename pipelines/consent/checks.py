"""Rows -> rows that can be loaded, and rows for the quarantine with the reason.

A row goes to the quarantine for the first reason found, in the order of `_REASONS`; the rest of
its file loads. Whatever is a value of its type is data, however odd.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent import settings
from pipelines.consent.readers import MalformedRow, Rows
from pipelines.consent.schema import arrow_schema
from pipelines.consent.times import parse_times

Mask = npt.NDArray[np.bool_]

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_WHOLE_NUMBER = r"^\s*\+?\d{1,18}(\.0*)?\s*$"
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass
class Checked:
    """The rows of one batch: `valid` in their declared types, `rejected` as quarantine rows."""

    valid: pa.Table
    rejected: list[dict[str, object]]


class RowChecker:
    """Checks the batches of one file.

    Args:
        table: `events` or `companies`.
        path: the file's path relative to the input folder.
        mtime_ns: the file's time stamp at first sight, in nanoseconds since 1970.
    """

    def __init__(self, table: str, path: str, mtime_ns: int) -> None:
        self.table = table
        self.fields = settings.FIELDS[table]
        self.path = path
        self.mtime = pa.scalar(mtime_ns // 1000, pa.int64()).cast(settings.TIMESTAMP)

    def check(self, rows: Rows) -> Checked:
        """Types every column and splits the rows; no row is in neither half."""
        typed, reasons = self._typed(rows.batch)
        bad = np.zeros(rows.batch.num_rows, dtype=bool)
        rejected: list[dict[str, object]] = []
        for reason, mask in reasons:
            for index in np.flatnonzero(mask & ~bad):
                rejected.append(self._rejected(rows, int(index), reason))
            bad |= mask
        typed |= self._order_key(rows.numbers)
        batch = pa.RecordBatch.from_arrays(list(typed.values()), names=list(typed))
        if bad.any():
            batch = batch.filter(pa.array(~bad))
        # Which columns are never null holds only now that the rejected rows are gone.
        valid = pa.Table.from_batches([batch]).cast(arrow_schema(self.table, list(typed)))
        return Checked(valid, rejected)

    def malformed(self, row: MalformedRow) -> dict[str, object]:
        """The quarantine row of a CSV record with the wrong number of fields."""
        detail = f"{row.actual} fields where the header has {row.expected}"
        raw = orjson.dumps({"text": row.text}).decode()
        return self._quarantined(row.number, "wrong number of fields", detail, raw)

    def _typed(self, batch: pa.RecordBatch) -> tuple[dict[str, pa.Array], list[tuple[str, Mask]]]:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        reasons = [("NUL character", _any_nul(columns))]
        reasons += self._missing(columns)
        if self.table == settings.EVENTS:
            for name in ("EVENT_TIME", "WINDOW_START"):
                columns[name], wrong = _times(columns[name])
                reasons.append((f"{name} is not a time", wrong))
            columns["RATE"], wrong = _rates(columns["RATE"])
            reasons.append(("RATE out of range", wrong))
            columns["COUNT"], wrong, negative = _counts(columns["COUNT"])
            reasons.append(("COUNT is not a whole number", wrong))
            reasons.append(("COUNT out of range", negative))
            reasons += _json_reasons(columns["PARAMETERS"])
        return columns, reasons

    def _missing(self, columns: dict[str, pa.Array]) -> Iterator[tuple[str, Mask]] | list[tuple[str, Mask]]:
        required = ["EVENT_ID", "APIKEY", "TYPE", "EVENT_TIME"]
        names = required if self.table == settings.EVENTS else [settings.KEYS[self.table]]
        # A time that is not there is not a time: one reason for both.
        return [
            ("EVENT_TIME is not a time" if name == "EVENT_TIME" else f"missing {name}", _mask(columns[name].is_null()))
            for name in names
        ]

    def _order_key(self, numbers: pa.Int64Array) -> dict[str, pa.Array]:
        count = len(numbers)
        return {
            settings.SOURCE_MTIME: pa.repeat(self.mtime, count),
            settings.SOURCE_FILE: pa.repeat(pa.scalar(self.path), count),
            settings.SOURCE_ROW: numbers,
        }

    def _rejected(self, rows: Rows, index: int, reason: str) -> dict[str, object]:
        row = {name: rows.batch.column(name)[index].as_py() for name in rows.batch.schema.names}
        raw = orjson.dumps(row, default=str).decode()
        return self._quarantined(
            rows.numbers[index].as_py(),
            reason,
            None,
            raw,
            _printable(row.get(settings.KEYS[settings.EVENTS])),
            _printable(row.get("APIKEY", row.get(settings.KEYS[settings.COMPANIES]))),
        )

    def _quarantined(
        self, number: int, reason: str, detail: str | None, raw: str,
        event_id: str | None = None, apikey: str | None = None,
    ) -> dict[str, object]:
        return {
            settings.SOURCE_MTIME: self.mtime.as_py(),
            settings.SOURCE_FILE: self.path,
            settings.SOURCE_ROW: number,
            "table_name": self.table,
            "reason": reason,
            "detail": detail,
            "event_id": event_id,
            "apikey": apikey,
            "raw_row": raw,
        }


def _printable(value: object) -> str | None:
    return None if value is None else str(value).replace("\0", "")


def _mask(array: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def _none(count: int) -> Mask:
    return np.zeros(count, dtype=bool)


def _text(array: pa.Array) -> bool:
    return bool(pa.types.is_string(array.type))


def _holds(column: pa.Array, pattern: bytes) -> bool:
    """Whether the bytes of a text column hold a literal: one fast look before looking row by row."""
    data = column.buffers()[2]
    return data is not None and re.search(re.escape(pattern), memoryview(data)) is not None


def _any_nul(columns: dict[str, pa.Array]) -> Mask:
    count = len(next(iter(columns.values())))
    found = _none(count)
    for column in columns.values():
        if _text(column) and _holds(column, b"\0"):
            found |= _mask(pc.match_substring(column, "\0"))
    return found


def _times(column: pa.Array) -> tuple[pa.Array, Mask]:
    if not _text(column):
        return column, _none(len(column))
    times = parse_times(column)
    return times, _mask(pc.and_(times.is_null(), column.is_valid()))


def _numbers(column: pa.Array, pattern: str, type_: pa.DataType) -> tuple[pa.Array, Mask]:
    """Numbers of a text column, and which texts are none."""
    if not _text(column):
        return column, _none(len(column))
    matches = pc.match_substring_regex(column, pattern)
    text = pc.if_else(pc.fill_null(matches, False), pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))
    if pa.types.is_integer(type_):
        text = pc.replace_substring_regex(text, r"^\+|\.0*$", "")
    return text.cast(type_), _mask(pc.invert(matches))


def _rates(column: pa.Array) -> tuple[pa.Array, Mask]:
    rates, wrong = _numbers(column, _NUMBER, pa.float64())
    inside = pc.and_(pc.greater(rates, 0.0), pc.less_equal(rates, 1.0))
    return rates, wrong | _mask(pc.invert(inside))


def _counts(column: pa.Array) -> tuple[pa.Array, Mask, Mask]:
    counts, wrong = _numbers(column, _WHOLE_NUMBER, pa.int64())
    return counts, wrong | _mask(column.is_null()), _mask(pc.less(counts, 1))


def _json_reasons(column: pa.StringArray) -> list[tuple[str, Mask]]:
    """Payloads that are not JSON, or JSON that Postgres cannot hold (`\\u0000`).

    orjson is stricter than `jsonb` but for that: it refuses lone surrogates and numbers too large.
    """
    wrong = _none(len(column))
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: len(column) + 1].tolist()
    data = memoryview(column.buffers()[2] or b"")
    for index in np.flatnonzero(_mask(column.is_valid())).tolist():
        try:
            orjson.loads(data[offsets[index] : offsets[index + 1]])
        except orjson.JSONDecodeError:
            wrong[index] = True
    nul = _none(len(column))
    if _holds(column, b"\\u0000"):
        nul[:] = [bool(value and _ESCAPED_NUL.search(value)) for value in column.to_pylist()]
    return [("PARAMETERS is not JSON", wrong), ("NUL character", nul)]
