"""The filters as the query of an address, so that reload, back and a shared link keep them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlencode

from dashboard.queries.filters import ALL, Filters

LISTS = {
    "company": "companies",
    "industry": "industries",
    "country": "countries",
    "device": "devices",
    "sdk": "sdks",
}
"""Name in the address, and the field of `Filters`."""
DAYS = {"from": "first", "to": "last"}

Pairs = Iterable[tuple[str, str]]


def parsed(query: Pairs) -> Filters:
    """The filters of a query's names and values; unknown names and impossible days are ignored."""
    lists: dict[str, list[str]] = {name: [] for name in LISTS}
    days: dict[str, dt.date] = {}
    for name, value in query:
        if name in lists and value and "\0" not in value and value not in lists[name]:
            lists[name].append(value)
        elif name in DAYS:
            day = _day(value)
            if day:
                days[DAYS[name]] = day
    chosen = {LISTS[name]: tuple(values) for name, values in lists.items()}
    return replace(ALL, **chosen, **days)  # type: ignore[arg-type]


def address(filters: Filters) -> str:
    """The relative address of the page with these filters."""
    pairs = [(name, value) for name, field in LISTS.items() for value in getattr(filters, field)]
    days = [(name, getattr(filters, field)) for name, field in DAYS.items()]
    pairs += [(name, day.isoformat()) for name, day in days if day]
    return f"?{urlencode(pairs)}"


def without(filters: Filters, name: str, value: str) -> str:
    """The address without one value of one filter."""
    if name in DAYS:
        return address(replace(filters, **{DAYS[name]: None}))  # type: ignore[arg-type]
    kept = tuple(each for each in getattr(filters, LISTS[name]) if each != value)
    return address(replace(filters, **{LISTS[name]: kept}))  # type: ignore[arg-type]


def _day(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
