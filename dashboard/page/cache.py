"""Cache of rendered page parts, keyed by dbt build, so that a first view need not wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from dashboard.panels.selection import Selection
from dashboard.queries.marts import Marts
from database.datasets import layer

MAX_ENTRIES = 32
"""The least recently used entry goes first; each is a few hundred kilobytes."""

T = TypeVar("T")
_entries: OrderedDict[object, object] = OrderedDict()
_lock = threading.Lock()


def cached(name: str, selection: Selection, make: Callable[[Selection], T]) -> T:
    """What `make` returns for the selection, computed once per name, filters and dbt build."""
    # build_id connects first: the address in `place` is empty until then.
    build = build_id(selection.marts)
    key = (name, selection.marts.place, build, selection.filters)
    with _lock:
        if key in _entries:
            _entries.move_to_end(key)
            return _entries[key]  # type: ignore[return-value]
    # Made outside the lock: a slow part must not hold up other visitors. Two of them may make the
    # same part at the same time, which costs time but gives the same result.
    made = make(selection)
    with _lock:
        _entries[key] = made
        while len(_entries) > MAX_ENTRIES:
            _entries.popitem(last=False)
    return made


def build_id(marts: Marts) -> int:
    """A number that changes with every dbt build.

    dbt replaces each mart under a new object id (oid), so the sum of these ids differs after each
    build. A time stamp would need a table that dbt writes last, and would miss `dbt run --select`.
    """
    query = """
        select coalesce(sum(c.oid::bigint), 0)::float8 as build_id
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = %(schema)s and c.relkind in ('r', 'v')
    """
    found = marts.frame(query, {"schema": layer("marts")})
    return int(found["build_id"][0])
