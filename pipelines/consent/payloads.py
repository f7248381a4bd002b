"""Payloads that `jsonb` takes: the raw column is text, and every row of it has to cast later.

orjson is stricter than `jsonb` in most things (it refuses lone surrogates, numbers beyond a
double, nesting over 1,024 levels); what it is too lenient in is looked for apart.
"""

from __future__ import annotations

import json
import re

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.values import Mask, holds, mask

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

# Postgres keeps 16,383 digits behind the point: 1e-20000 is JSON and no numeric.
_EXPONENT = r"[eE][+-]?\d{4}"
_LONG_FRACTION = re.compile(r"\.\d{15000}")
_MAX_DECIMALS, _MAX_EXPONENT = 16_383, 10_000


def payloads(column: pa.StringArray) -> tuple[Mask, Mask]:
    """Payloads that are not JSON or hold a number out of range, and those with `\\u0000`."""
    count = len(column)
    wrong, nul = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    present = np.flatnonzero(mask(column.is_valid())).tolist()
    if not present:
        return wrong, nul
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: count + 1]
    data, ends = memoryview(column.buffers()[2] or b""), offsets.tolist()
    for index in present:
        try:
            orjson.loads(data[ends[index] : ends[index + 1]])
        except orjson.JSONDecodeError:
            wrong[index] = True
    for index in np.flatnonzero(_suspicious(column) & ~wrong).tolist():
        wrong[index] = not _in_range(column[index].as_py())
    if holds(column, b"\\u0000"):
        nul[:] = [bool(value and _ESCAPED_NUL.search(value)) for value in column.to_pylist()]
    return wrong, nul


def _suspicious(column: pa.StringArray) -> Mask:
    """Rows that may hold a number beyond `numeric`: very few, found at memory speed."""
    found = np.zeros(len(column), dtype=bool)
    if mask(pc.match_substring_regex(_joined(column), _EXPONENT)).any():
        found = mask(pc.match_substring_regex(column, _EXPONENT))
    long = mask(pc.greater(pc.binary_length(column), 15_000))
    for index in np.flatnonzero(long & ~found).tolist():
        found[index] = _LONG_FRACTION.search(column[index].as_py()) is not None
    return found


def _joined(column: pa.StringArray) -> pa.StringArray:
    """The column's bytes as one text: what is in none of it is in no row of it."""
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int32)[[column.offset, column.offset + len(column)]]
    return pa.StringArray.from_buffers(1, pa.py_buffer(bounds.tobytes()), data)


def _in_range(text: str) -> bool:
    try:
        json.loads(text, parse_float=_check_number)
    except (ValueError, RecursionError):
        return False
    return True


def _check_number(text: str) -> float:
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    if decimals > _MAX_DECIMALS or abs(int(exponent or 0)) > _MAX_EXPONENT:
        raise ValueError("beyond numeric")
    return 0.0
