"""Cache of page parts, keyed by filters and dbt build, so that a first view need not wait."""

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
    """A number that changes with every dbt build, whatever part of the models it was of.

    A build replaces rows within the relations, so it is made of the server's counters of written
    rows, and of the relations' object ids (oid) for a server whose counters were reset.
    """
    query = """
        select coalesce(sum(c.oid::bigint + pg_stat_get_tuples_inserted(c.oid)
            + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid)), 0)::float8
            as build_id
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = any(%(schemas)s) and c.relkind in ('r', 'v')
    """
    schemas = [layer(name) for name in ("staging", "intermediate", "marts")]
    return int(marts.frame(query, {"schemas": schemas})["build_id"][0])
