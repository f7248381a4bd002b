"""The change log `event_changes`: which events joined the raw table and which left it.

One row for each load (or erasure), company, UTC day, and load of the events concerned. A load that
changes an event takes its old version from one row and adds the new one to another. The models
start from what is new here, so whatever adds events to the raw table, changes or deletes them
writes here in the same transaction.

The rows of a company, day and load in the raw table are always the sum of `rows_joined` minus that
of `rows_left`.
"""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

from pipelines.consent.names import CHANGES, EVENTS

_DDL = """
create table if not exists {log} (
    load_id text not null,
    company_id text not null,
    event_date date not null,
    row_load_id text not null,
    rows_joined bigint not null,
    rows_left bigint not null,
    changed_at timestamp with time zone not null default now(),
    primary key (load_id, company_id, event_date, row_load_id)
)
"""

# The company as the models know it, which is the macro `clean_key`.
_COMPANY = """
case when octet_length(apikey) > 200 and octet_length(trim(apikey)) > 200
    then left(trim(apikey), 40) || '…' || md5(trim(apikey)) else trim(apikey) end
"""

# Grouped by what is delivered first: there are few such groups, and many events.
_WRITE = (
    """
insert into {log} (load_id, company_id, event_date, row_load_id, rows_joined, rows_left)
select {load_id}, """
    + _COMPANY
    + """, event_date, row_load_id, sum(joined), sum(gone)
from (
    select apikey, cast(event_time at time zone 'UTC' as date) as event_date,
        _dlt_load_id as row_load_id, sum(joined) as joined, sum(gone) as gone
    from ({changes}) as changed
    group by 1, 2, 3
) as grouped
group by 1, 2, 3, 4
"""
)

_ROWS_THAT_ARE_THERE = (
    "select apikey, event_time, _dlt_load_id, 1 as joined, 0 as gone from {events}"
)

# Somebody emptied the table, or dropped it.
_ALL_LEFT = """
insert into {log} (load_id, company_id, event_date, row_load_id, rows_joined, rows_left)
select 'emptied before ' || now(), company_id, event_date, row_load_id,
    0, sum(rows_joined - rows_left)
from {log}
group by company_id, event_date, row_load_id
having sum(rows_joined - rows_left) > 0
"""


def write(
    cursor: Any, dataset: str, changes: sql.Composable, load_id: sql.Composable | None = None
) -> None:
    """Adds changes to the log, in the transaction that makes them.

    Args:
        changes: a query for `apikey`, `event_time`, `_dlt_load_id` of events, with the columns
            `joined` and `gone`, each 0 or 1.
        load_id: a literal for the load or the erasure; by default the load of each event.
    """
    cursor.execute(
        sql.SQL(_WRITE).format(
            log=sql.Identifier(dataset, CHANGES),
            changes=changes,
            load_id=load_id or sql.Identifier("row_load_id"),
        )
    )


def bring_up(connection: Any, dataset: str) -> None:
    """Has the log agree with a raw table that an earlier version, or a person, has changed.

    A log without rows is filled from the table. Requires the lock; one transaction.
    """
    names = {
        "log": sql.Identifier(dataset, CHANGES),
        "events": sql.Identifier(dataset, EVENTS),
    }
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL(_DDL).format(**names))
        cursor.execute("select to_regclass(%s) is not null", (f'"{dataset}"."{EVENTS}"',))
        if not cursor.fetchone()[0] or not _has_rows(cursor, names["events"]):
            cursor.execute(sql.SQL(_ALL_LEFT).format(**names))
        elif not _has_rows(cursor, names["log"]):
            write(cursor, dataset, sql.SQL(_ROWS_THAT_ARE_THERE).format(**names))


def _has_rows(cursor: Any, table: sql.Composable) -> bool:
    cursor.execute(sql.SQL("select exists (select from {})").format(table))
    return bool(cursor.fetchone()[0])
