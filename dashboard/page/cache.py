"""Cache of page parts and frames, keyed by filters and dbt build: a first view need not wait."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from dashboard.panels.selection import Selection
from dashboard.queries.filters import ALL, Filters
from dashboard.queries.marts import Marts
from database.datasets import layer

MAX_SECTIONS, MAX_SELECTIONS = 64, 8
"""The least recently used goes first. A section is a few hundred kilobytes; a selection, whose
frames a filter's rooms share, a few megabytes."""

T = TypeVar("T")


class _Kept:
    """The newest entries, by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[object, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The entry of a key, made now if there is none."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]  # type: ignore[return-value]
        # Made outside the lock: a slow part must not hold up other visitors. Two of them may make
        # the same part at the same time, which costs time but gives the same result.
        made = make()
        with self._lock:
            self._entries[key] = made
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        return made


_sections = _Kept(MAX_SECTIONS)
_selections = _Kept(MAX_SELECTIONS)


def selection(marts: Marts, filters: Filters = ALL) -> Selection:
    """The selection of the filters, with the frames that were read for it since the last build."""
    # build_id connects first: the address in `place` is empty until then.
    build = build_id(marts)
    return of_build(marts, build, filters)


def of_build(marts: Marts, build: int, filters: Filters = ALL) -> Selection:
    """The same for a build that is known."""

    def make() -> Selection:
        made = Selection(marts, filters, build)
        if filters != ALL:
            made.companies = of_build(marts, build).companies
        return made

    return _selections.get((marts.place, build, filters), make)


def cached(name: str, selection: Selection, make: Callable[[Selection], T]) -> T:
    """What `make` returns for the selection, computed once per name, filters and dbt build."""
    key = (name, selection.marts.place, selection.build, selection.filters)
    return _sections.get(key, lambda: make(selection))


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
