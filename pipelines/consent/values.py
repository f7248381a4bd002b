"""Columns of text or numbers -> columns of their declared type, and which values are none.

Every function returns masks that are true where a value is wrong; a null is never wrong, unless
the function says so.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.times import parse_times

Mask = npt.NDArray[np.bool_]

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_WHOLE_NUMBER = r"^\s*\+?\d{1,18}(\.0*)?\s*$"
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def mask(array: pa.Array) -> Mask:
    """A boolean column as an array; null is false."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def _none(count: int) -> Mask:
    return np.zeros(count, dtype=bool)


def _text(array: pa.Array) -> bool:
    return bool(pa.types.is_string(array.type))


def _holds(column: pa.Array, pattern: bytes) -> bool:
    """Whether a text column's bytes hold a literal: one fast look before one row by row."""
    data = column.buffers()[2]
    return data is not None and re.search(re.escape(pattern), memoryview(data)) is not None


def any_nul(columns: dict[str, pa.Array]) -> Mask:
    """Rows with a NUL character in any text: Postgres cannot hold one."""
    count = len(next(iter(columns.values())))
    found = _none(count)
    for column in columns.values():
        if _text(column) and _holds(column, b"\0"):
            found |= mask(pc.match_substring(column, "\0"))
    return found


def times(column: pa.Array, *, required: bool) -> tuple[pa.Array, Mask]:
    """Points in time; where they are `required`, a null is wrong too."""
    parsed = parse_times(column) if _text(column) else column
    missing = parsed.is_null() if required else pc.and_(parsed.is_null(), column.is_valid())
    return parsed, mask(missing)


def _numbers(column: pa.Array, pattern: str, type_: pa.DataType) -> tuple[pa.Array, Mask]:
    """Numbers of a text column, and which texts are none."""
    if not _text(column):
        return column, _none(len(column))
    matches = pc.match_substring_regex(column, pattern)
    text = pc.if_else(
        pc.fill_null(matches, False), pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string())
    )
    if pa.types.is_integer(type_):
        text = pc.replace_substring_regex(text, r"^\+|\.0*$", "")
    return text.cast(type_), mask(pc.invert(matches))


def rates(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Sampling rates, above 0 and at most 1."""
    parsed, wrong = _numbers(column, _NUMBER, pa.float64())
    inside = pc.and_(pc.greater(parsed, 0.0), pc.less_equal(parsed, 1.0))
    return parsed, wrong | mask(pc.invert(inside))


def counts(column: pa.Array) -> tuple[pa.Array, Mask, Mask]:
    """Counts; which are no whole number (or null), and which are below 1."""
    parsed, wrong = _numbers(column, _WHOLE_NUMBER, pa.int64())
    return parsed, wrong | mask(column.is_null()), mask(pc.less(parsed, 1))


def payloads(column: pa.StringArray) -> tuple[Mask, Mask]:
    """Payloads that are not JSON, and JSON that Postgres cannot hold (`\\u0000`).

    orjson is stricter than `jsonb` but for that: it refuses lone surrogates and numbers too large.
    """
    wrong, nul = _none(len(column)), _none(len(column))
    present = np.flatnonzero(mask(column.is_valid())).tolist()
    if not present:
        return wrong, nul
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: len(column) + 1]
    data, ends = memoryview(column.buffers()[2] or b""), offsets.tolist()
    for index in present:
        try:
            orjson.loads(data[ends[index] : ends[index + 1]])
        except orjson.JSONDecodeError:
            wrong[index] = True
    if _holds(column, b"\\u0000"):
        nul[:] = [bool(value and _ESCAPED_NUL.search(value)) for value in column.to_pylist()]
    return wrong, nul
