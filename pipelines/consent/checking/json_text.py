"""Whether text is JSON that `jsonb` takes: the raw column is text, and every row has to cast later.

orjson decides. It is stricter than `jsonb` in most things (it refuses lone surrogates, numbers
beyond a double, nesting over 1,024 levels); where it is too lenient, rows are checked separately.
But orjson makes objects, and nearly every payload is good: msgspec, which only skips through the
text, accepts those in less time. orjson validates what msgspec rejects, and the few payloads that
may hold a number out of range, which msgspec does not notice.
"""

from __future__ import annotations

import json
import re

import msgspec
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of, holds, joined, offsets_of
from pipelines.consent.checking.values import Mask, mask

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_skip = msgspec.json.Decoder(msgspec.Raw).decode

# A number is out of range only if its exponent has three digits, or its mantissa 200.
_EXPONENT = r"[eE][+-]?\d{3}"
_WITH_EXPONENT = r"(?:^|[:\[,\s])-?\d[\d.]*" + _EXPONENT
_SAMPLED = 50  # every 50th byte is looked at: four in 200

# Postgres keeps 16,383 digits after the point: 1e-20000 is JSON, but not a numeric.
_MAX_DECIMALS, _MAX_EXPONENT = 16_383, 10_000


def json_faults(column: pa.StringArray) -> tuple[Mask, Mask]:
    """Rows that are not JSON or hold a number out of range, and rows with `\\u0000`."""
    count = len(column)
    wrong, nul = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    present = np.flatnonzero(mask(column.is_valid())).tolist()
    if not present:
        return wrong, nul
    data, ends = bytes_of(column).data, offsets_of(column).tolist()
    extreme = _may_be_extreme(column)
    doubtful = set(np.flatnonzero(extreme).tolist())
    for index in present:
        try:
            _skip(data[ends[index] : ends[index + 1]])
        except (msgspec.DecodeError, RecursionError):
            doubtful.add(index)
    for index in doubtful & set(present):
        text = column[index].as_py()
        try:
            orjson.loads(text)
            if extreme[index]:
                json.loads(text, parse_float=_check_number)
        except (ValueError, RecursionError):  # orjson.JSONDecodeError is a ValueError
            wrong[index] = True
    if holds(column, b"\\u0000"):
        nul[:] = [bool(value and _ESCAPED_NUL.search(value)) for value in column.to_pylist()]
    return wrong, nul


def _may_be_extreme(column: pa.StringArray) -> Mask:
    """Rows that may hold a number out of range: hardly any, found at memory speed."""
    found = np.zeros(len(column), dtype=bool)
    if mask(pc.match_substring_regex(joined(column), _EXPONENT)).any():
        found = mask(pc.match_substring_regex(column, _WITH_EXPONENT))
    # A run of 200 digits holds four samples in sequence, wherever it begins.
    offsets = offsets_of(column)
    digit = bytes_of(column)[offsets[0] : offsets[-1] : _SAMPLED] - ord("0") < 10
    runs = np.flatnonzero(digit[3:] & digit[2:-1] & digit[1:-2] & digit[:-3])
    rows = np.searchsorted(offsets, offsets[0] + runs * _SAMPLED, side="right") - 1
    found[rows] = True
    return found


def _check_number(text: str) -> float:
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    if decimals > _MAX_DECIMALS or abs(int(exponent or 0)) > _MAX_EXPONENT:
        raise ValueError("beyond numeric")
    return 0.0
