"""Text -> points in time (UTC): every form of ISO 8601, `2025-09-05 9:52:16` and the like."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.names import TIMESTAMP

_USUAL = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$"
_SHORT_HOUR = r"^(\d{4}-\d{2}-\d{2})[ T](\d:\d{2}:\d{2})"
# With or without a zone; digits below the microsecond are a group apart.
_ZONED = (
    r"^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\d{0,3}"
    r" ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$"
)
_ANY = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE | re.ASCII,
)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(T.+)", re.IGNORECASE | re.ASCII)


def parse_times(text: pa.StringArray) -> pa.Array:
    """Times of a text column, null where the text is null or is not a time.

    Without a zone, the text is taken as UTC. Digits below the microsecond are cut off.
    """
    # The quick way: Arrow reads every text, if each has seconds. It would take a date alone too.
    shortest = pc.min(pc.binary_length(text)).as_py()
    has_seconds = shortest is not None and shortest >= len("2025-09-05 01:14:29")
    if has_seconds and (times := _cast_usual(text)) is not None:
        return times
    if (times := _cast_zoned(text)) is not None:
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
    value = (value or "").strip()
    match = _ANY.fullmatch(value)
    try:
        if match is None:
            return _other_form(value)
        year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
        second = int(match[6] or 0)
        micro = int((match[7] or "").ljust(6, "0")[:6] or 0)
        # 24:00:00 is the end of the day.
        ends_day = hour == 24 and minute == second == micro == 0
        hour = 0 if ends_day else hour
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
        zone = (match[8] or "Z").upper().replace("UTC", "Z").replace("GMT", "Z")
        offset = datetime.strptime(zone.ljust(5, "0") if zone != "Z" else zone, "%z").utcoffset()
        return local - (offset or timedelta()) + timedelta(days=ends_day)
    except (ValueError, OverflowError):
        return None


def _other_form(value: str) -> datetime | None:
    """A time without dashes and colons, or with the week or the number of the day."""
    if not value.isascii() or "T" not in value.upper():
        return None
    if ordinal := _ORDINAL.fullmatch(value):
        day = datetime(int(ordinal[1]), 1, 1) + timedelta(days=int(ordinal[2]) - 1)
        if day.year != int(ordinal[1]):
            return None
        value = f"{day:%Y-%m-%d}{ordinal[3]}"
    time = datetime.fromisoformat(value.upper())
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)


def _cast_zoned(text: pa.StringArray) -> pa.Array | None:
    """The times, if all are written in full, or None."""
    matches = pc.match_substring_regex(text, _ZONED)
    if not pc.all(matches).as_py() or text.null_count == len(text):
        return None
    plain = pc.replace_substring_regex(text, _ZONED, r"\1 \2\3")
    plain = pc.replace_substring_regex(plain, r"(UTC|:\d{2}(?:\.\d+)?)$", r"\1Z")
    try:
        return pc.replace_substring(plain, "UTCZ", "Z").cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return None


def _cast_usual(text: pa.StringArray) -> pa.Array | None:
    """The times, or None if one of them names a day or an hour that does not exist."""
    try:
        return text.cast(pa.timestamp("us")).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return None
