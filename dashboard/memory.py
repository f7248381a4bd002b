"""Parts of the page that were made before, by build of the models: a first view need not wait.

Every dbt build makes the marts anew, under new object ids; what was made from older ones is not
shown again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from dashboard.data import Marts
from dashboard.panels.view import View

KEPT = 32
"""Parts that are kept; each is a few hundred kilobytes."""

T = TypeVar("T")
_parts: OrderedDict[object, object] = OrderedDict()
_lock = threading.Lock()


def remembered(name: str, view: View, make: Callable[[View], T]) -> T:
    """What `make` gives for the view, from memory where the same was asked of the same build."""
    stamp = build(view.marts)  # connects first, so that the place is known
    key = (name, view.marts.place, stamp, view.filters)
    with _lock:
        if key in _parts:
            _parts.move_to_end(key)
            return _parts[key]  # type: ignore[return-value]
    made = make(view)
    with _lock:
        _parts[key] = made
        while len(_parts) > KEPT:
            _parts.popitem(last=False)
    return made


def build(marts: Marts) -> int:
    """A number that is another one after each build of the models."""
    found = marts.frame("""
        select coalesce(sum(c.oid::bigint), 0)::float8 as build
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = 'marts' and c.relkind in ('r', 'v')
    """)
    return int(found["build"][0])
