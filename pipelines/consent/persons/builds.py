"""Keeps builds of the models out while rows leave what they read and write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from database.address import Address
from database.session_lock import session_lock

_SCHEMAS = "select distinct schemaname from pg_tables where tablename = 'fct_events' order by 1"


@contextmanager
def builds_excluded(address: Address, connection: Any) -> Iterator[None]:
    """Waits until no build works in the database, and keeps others out until the end.

    A build holds a lock of its target, whose schemas have its name in front (database/dbt.py).
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(_SCHEMAS)
        targets = [schema.removesuffix("marts").rstrip("_") for (schema,) in cursor]
    with ExitStack() as locks:
        for target in targets:
            waiting = f"a build works in {address.place}: waiting for it to end"
            locks.enter_context(session_lock(address, f"consent build {target}".rstrip(), waiting))
        yield
