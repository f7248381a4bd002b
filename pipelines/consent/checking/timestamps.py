"""Text -> points in time (UTC): `2025-09-05 01:14:29.602`, `2025-09-05 9:52:16` and the like."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.names import TIMESTAMP

_USUAL = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$"
_SHORT_HOUR = r"^(\d{4}-\d{2}-\d{2})[ T](\d:\d{2}:\d{2})"
_ANY = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?\s*",
    re.IGNORECASE | re.ASCII,
)


def parse_times(text: pa.StringArray) -> pa.Array:
    """Times of a text column, null where the text is null or is not a time.

    Without a zone, the text is taken as UTC. Digits below the microsecond are cut off.
    """
    # The quick way: Arrow reads every text, if each has seconds. It would take a date alone too.
    shortest = pc.min(pc.binary_length(text)).as_py()
    has_seconds = shortest is not None and shortest >= len("2025-09-05 01:14:29")
    if has_seconds and (times := _cast_usual(text)) is not None:
        return times
    padded = pc.replace_substring_regex(text, _SHORT_HOUR, r"\1 0\2")
    usual = pc.fill_null(pc.match_substring_regex(padded, _USUAL), False)
    fast = _cast_usual(pc.if_else(usual, padded, pa.scalar(None, pa.string())))
    if fast is not None and pc.all(pc.or_(usual, pc.is_null(text))).as_py() is not False:
        return fast
    if fast is None:
        return pa.array([parse_time(value) for value in text.to_pylist()], TIMESTAMP)
    slow = pa.array(
        [
            None if is_usual else parse_time(value)
            for is_usual, value in zip(usual.to_pylist(), text.to_pylist(), strict=True)
        ],
        TIMESTAMP,
    )
    return pc.coalesce(fast, slow)


def parse_time(value: str | None) -> datetime | None:
    """One time in any accepted form, or None."""
    match = _ANY.fullmatch(value) if value else None
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    second = int(match[6] or 0)
    micro = int((match[7] or "").ljust(6, "0")[:6] or 0)
    zone = (match[8] or "+00:00").upper().replace("Z", "+00:00").replace(":", "")
    try:
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
        offset = datetime.strptime(zone, "%z").utcoffset()
        return local if offset is None else local - offset
    except (ValueError, OverflowError):
        return None


def _cast_usual(text: pa.StringArray) -> pa.Array | None:
    """The times, or None if one of them names a day or an hour that does not exist."""
    try:
        return text.cast(pa.timestamp("us")).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return None
