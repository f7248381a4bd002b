"""Retention: events that are older than `[consent] keep_days` leave the database.

This is dlt's configuration, so the variable CONSENT__KEEP_DAYS sets it too.

The age is counted from now by EVENT_TIME. A row of the quarantine without an EVENT_TIME that can be
read is as old as its file, by the time stamp with which the file was first seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg2 import sql

from pipelines.consent.checking.timestamps import parse_time
from pipelines.consent.errors import LoadError
from pipelines.consent.names import EVENTS, QUARANTINE
from pipelines.consent.persons.removal import Removal
from pipelines.consent.schema import identifier

SETTING = "consent.keep_days"

# Made only where there is a limit. A btree: deliveries need not come in the order of time.
_EXISTS = "select to_regclass(%(table)s) is not null"
_INDEX = "create index if not exists events_event_time_key on {events} (event_time)"
_OLD_EVENTS = "select exists (select from {events} where event_time < %(keep_from)s)"
_REJECTED = """
select ctid::text, raw_row, _source_mtime from {quarantine} where table_name = 'events'
"""


def keep_from(configured: Any, now: datetime | None = None) -> datetime | None:
    """The time from which on events are kept, by the setting; None if all are.

    Raises:
        LoadError: the setting is not a number of days.
    """
    if configured is None or configured == "":
        return None
    try:
        days = int(str(configured))
        if days < 1 or isinstance(configured, bool):
            raise ValueError
        return (now or datetime.now(UTC)) - timedelta(days=days)
    except (ValueError, OverflowError):
        raise LoadError(
            f"keep_days in section [consent] of dlt's configuration is {configured!r}: it must be a"
            " whole number of days, 1 or more; leave it out to keep everything."
        ) from None


@dataclass(frozen=True)
class Old:
    """What has expired: events before `keep_from`, if there are any, and rows of the quarantine."""

    keep_from: datetime
    has_events: bool
    rejected: list[str]


def find_old(connection: Any, dataset: str, keep: datetime) -> Old | None:
    """What has expired, None if nothing has."""
    names = {
        "events": sql.Identifier(dataset, EVENTS),
        "quarantine": sql.Identifier(dataset, QUARANTINE),
    }
    with connection, connection.cursor() as cursor:
        cursor.execute(_EXISTS, {"table": f'"{dataset}"."{EVENTS}"'})
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(sql.SQL(_INDEX).format(**names))
        cursor.execute(sql.SQL(_OLD_EVENTS).format(**names), {"keep_from": keep})
        has_events = cursor.fetchone()[0]
        cursor.execute(sql.SQL(_REJECTED).format(**names))
        rejected = list(_expired(cursor, keep))
    return Old(keep, has_events, rejected) if has_events or rejected else None


def expire(connection: Any, dataset: str, old: Old) -> int:
    """Removes what has expired, in one transaction; returns how many raw rows.

    Requires the locks of loads and builds.
    """
    with connection, connection.cursor() as cursor:
        removal = Removal(cursor, dataset)
        condition = sql.SQL("event_time < {}").format(sql.Literal(old.keep_from))
        removal.events(condition, f"expired {datetime.now(UTC).isoformat()}")
        ((events,),) = removal.execute("select count(*) from removed")
        removal.count("rows_expired", removal.quarantined(old.rejected), {})
    return int(events) + len(old.rejected)


def _expired(rows: Any, keep: datetime) -> Iterator[str]:
    for place, raw_row, file_time in rows:
        delivered = {identifier(k): v for k, v in orjson.loads(raw_row).items()}
        if (parse_time(str(delivered.get("event_time"))) or file_time) < keep:
            yield place
