"""How figures are written for people: counts, shares, intervals, durations."""

from __future__ import annotations

import math

NO_BREAK = "\N{NO-BREAK SPACE}"
TO = f"{NO_BREAK}–\N{WORD JOINER}{NO_BREAK}"
"""Between the two ends of an interval; no line breaks there."""
MISSING = "–"


def number(value: float | None) -> str:
    """A count in three digits: 4,190,260 as 4.19 M, 11,000 as 11.0 k."""
    if value is None or math.isnan(value):
        return MISSING
    # From 999,500 on, three digits round up to the next unit: 1.00 M, not 1000 k.
    for size, least, unit in ((1e9, 999.5e6, "bn"), (1e6, 999.5e3, "M"), (1e3, 1e4, "k")):
        if abs(value) >= least:
            digits = f"{value / size:#.3g}".rstrip(".")
            return f"{digits}{NO_BREAK}{unit}"
    return whole(value)


def whole(value: float) -> str:
    """A count, exactly: 4,190,260."""
    return f"{value:,.0f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share: 0.1443 as 14.4 %."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{100 * value:.{digits}f}{NO_BREAK}%"


def whole_percent(value: float | None) -> str:
    """A share without decimals: 0.1443 as 14 %."""
    return percent(value, 0)


def figure(value: float | None) -> str:
    """A rate or a count, told apart by its size: 0.794 or 12.3 k."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{value:.3f}" if abs(value) < 10 else number(value)


def interval(lower: float | None, upper: float | None, digits: int = 1) -> str:
    """An interval of a share: 13.6 – 15.0 %, or "no interval"."""
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return "no interval"
    return f"{100 * lower:.{digits}f}{TO}{100 * upper:.{digits}f}{NO_BREAK}%"


def seconds(value: float | None) -> str:
    """A duration: 3.4 s, 2 min 10 s."""
    if value is None or math.isnan(value):
        return MISSING
    if value < 60:
        return f"{value:.1f}{NO_BREAK}s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}{NO_BREAK}min {rest}{NO_BREAK}s"


def duration(hours: float | None) -> str:
    """Hours, from two days on as days: 36 h, 12 days."""
    if hours is None or math.isnan(hours):
        return MISSING
    return f"{whole(hours)}{NO_BREAK}h" if hours < 48 else f"{whole(hours / 24)}{NO_BREAK}days"


def counted(count: int, one: str, more: str = "") -> str:
    """A number with its noun: 1 company, 10 companies."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
