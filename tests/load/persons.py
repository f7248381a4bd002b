"""Searching a database for an id, as a person would who wants to know what is left of it."""

from collections.abc import Callable
from typing import Any

Rows = Callable[[str], list[tuple[Any, ...]]]

TABLES = """
select format('%I.%I', nspname, relname)
from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p', 'm', 'v') and nspname not like 'pg\\_%'
    and nspname <> 'information_schema'
order by 1
"""


def places_of(sql: Rows, *texts: str) -> list[str]:
    """Tables and views, in any schema, of which a column holds one of the texts in any case."""
    found = []
    for (table,) in sql(TABLES):
        looked_for = " or ".join(
            f"position(lower('{text}') in lower(t::text)) > 0" for text in texts
        )
        if sql(f"select 1 from {table} as t where {looked_for} limit 1"):
            found.append(table)
    return found
