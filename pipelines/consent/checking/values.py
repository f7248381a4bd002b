"""Columns of text or numbers -> columns of their declared type, and masks of invalid values.

A mask is true where a value is wrong; a null is never wrong, unless the function says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of
from pipelines.consent.checking.timestamps import parse_times

Mask = npt.NDArray[np.bool_]

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_WHOLE_NUMBER = r"^\s*[+-]?\d+(\.0*)?\s*$"
_EXPONENT = r"[eE]"
# No RATE is above 1, so a comma in it is that of a decimal fraction.
_DECIMAL_COMMA = r"^(\s*[01]?),(\d+\s*)$"
_TOO_LONG = r"^\s*[+-]?0*[1-9]\d{18,}(\.0*)?\s*$"
# So that sums of counts still fit into the bigint of the models.
MAX_COUNT = 10**18
_MOST_DIGITS = 40
# Postgres refuses to index a key of more than 2,704 bytes.
MAX_KEY_BYTES = 1000

_FIRST_TIME = datetime(1, 1, 1, tzinfo=UTC)
_LAST_TIME = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def mask(array: pa.Array) -> Mask:
    """A boolean column as an array; null is false."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def _is_text(array: pa.Array) -> bool:
    return bool(pa.types.is_string(array.type))


def any_nul(columns: dict[str, pa.Array]) -> Mask:
    """Rows with a NUL character in any text: Postgres cannot hold one."""
    found: Mask = np.zeros(len(next(iter(columns.values()))), dtype=bool)
    for column in columns.values():
        # If none of the bytes is zero, no row has one.
        if _is_text(column) and not bytes_of(column).min(initial=1):
            found |= mask(pc.match_substring(column, "\0"))
    return found


def _over_distinct(
    column: pa.Array, check: Callable[[pa.Array], tuple[pa.Array, ...]]
) -> tuple[pa.Array, ...]:
    """What `check` makes of each value, computed once per distinct text; a null stays null."""
    if not _is_text(column):
        return check(column)
    encoded = column.dictionary_encode()
    return tuple(made.take(encoded.indices) for made in check(encoded.dictionary))


def times(column: pa.Array, *, required: bool) -> tuple[pa.Array, Mask]:
    """Points in time of the years 1 to 9999; where they are `required`, a null is wrong too."""
    parsed = parse_times(column) if _is_text(column) else column
    missing = parsed.is_null() if required else pc.and_(parsed.is_null(), column.is_valid())
    outside = pc.or_(pc.less(parsed, _FIRST_TIME), pc.greater(parsed, _LAST_TIME))
    return parsed, mask(missing) | mask(outside)


def _numbers(column: pa.Array, pattern: str, type_: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """Numbers of a column, and which of its texts are not numbers."""
    if not _is_text(column):
        return column, pa.repeat(False, len(column))
    matches = pc.match_substring_regex(column, pattern)
    text = pc.if_else(
        pc.fill_null(matches, False), pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string())
    )
    if pa.types.is_integer(type_):
        text = pc.replace_substring_regex(text, r"^\+|\.0*$", "")
    return text.cast(type_), pc.invert(matches)


def rates(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Sampling rates, above 0 and at most 1 in the six decimals that the models keep of them.

    What is not a number is a missing rate.
    """

    def check(values: pa.Array) -> tuple[pa.Array, ...]:
        if _is_text(values):
            values = pc.replace_substring_regex(values, _DECIMAL_COMMA, r"\1.\2")
        else:
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        parsed, wrong = _numbers(values, _NUMBER, pa.float64())
        kept = pc.round(parsed, 6)
        outside = pc.invert(pc.and_(pc.greater(kept, 0.0), pc.less_equal(kept, 1.0)))
        return parsed, pc.or_kleene(wrong, outside)

    parsed, wrong = _over_distinct(column, check)
    return parsed, mask(wrong)


def counts(column: pa.Array) -> tuple[pa.Array, Mask, Mask]:
    """Counts; which are not whole numbers (or are null), and which are below 1 or too large."""

    def check(values: pa.Array) -> tuple[pa.Array, ...]:
        if _is_text(values):
            if mask(pc.match_substring_regex(values, _EXPONENT)).any():
                values = pa.array(
                    [_written_out(value) for value in values.to_pylist()], pa.string()
                )
            # A number beyond 64 bits would fail the cast of all others.
            too_long = pc.match_substring_regex(values, _TOO_LONG)
            values = pc.if_else(too_long, pa.scalar("0"), values)
        parsed, wrong = _numbers(values, _WHOLE_NUMBER, pa.int64())
        return parsed, wrong, pc.or_(pc.less(parsed, 1), pc.greater(parsed, MAX_COUNT))

    parsed, wrong, outside = _over_distinct(column, check)
    return parsed, mask(wrong) | mask(column.is_null()), mask(outside)


def _written_out(text: str | None) -> str | None:
    """A number with an exponent as its digits; what is not one, or has a fraction, stays."""
    if text is None or not re.fullmatch(_NUMBER, text):
        return text
    number = Decimal(text.strip())
    if abs(number.adjusted()) > _MOST_DIGITS:
        return "9" * _MOST_DIGITS if number.adjusted() > 0 else text
    return format(number, "f")


def missing_keys(column: pa.StringArray) -> tuple[Mask, Mask]:
    """Keys that are null or blank, and keys too long for an index."""
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
    too_long = pc.greater(pc.binary_length(column), MAX_KEY_BYTES)
    return mask(column.is_null()) | mask(blank), mask(too_long)
