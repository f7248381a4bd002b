"""Raw tables as the loader leaves them, without the loader: rows -> consent_raw.

The dbt tests need states that no delivery brings about on demand (an event that moves to
another day, a load that is not finished, a dataset made anew), so they write them directly.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extras import execute_values

from pipelines.consent import change_log
from pipelines.consent.bookkeeping.raw_layout import LAYOUT

EVENT_COLUMNS = (
    "event_id type rate parameters event_time window_start apikey consent count experiment sdk_type"
    " domain deployment_id country region browser_family device_type user_id _source_file"
    " _source_row _source_mtime _dlt_load_id"
).split()
MTIME = datetime(2025, 9, 6, tzinfo=UTC)

DDL = """
drop schema if exists consent_raw cascade;
create schema consent_raw;
create table consent_raw.events (
    event_id varchar not null unique, type varchar, rate double precision, parameters varchar,
    event_time timestamptz not null, window_start timestamptz, apikey varchar not null,
    consent varchar, count bigint, experiment varchar, sdk_type varchar, domain varchar,
    deployment_id varchar, country varchar, region varchar, browser_family varchar,
    device_type varchar,
    {user_id} _source_file varchar, _source_row bigint, _source_mtime timestamptz,
    _dlt_load_id varchar(64));
create index on consent_raw.events (_dlt_load_id);
create table consent_raw.companies (
    public_api_key text not null unique, industry_back text, industry_front text, hq_country text,
    _source_file text, _source_row bigint, _source_mtime timestamptz, _dlt_load_id text);
create table consent_raw.events_quarantine (
    _source_file text, _source_row bigint, reason text, detail text, event_id text, apikey text,
    raw_row text, table_name text, _source_mtime timestamptz, _dlt_load_id text);
create table consent_raw.load_files (
    path text, table_name text, format text, size_bytes bigint, content_hash text,
    mtime timestamptz, first_mtime timestamptz, rows_read bigint, rows_new bigint,
    rows_changed bigint, rows_unchanged bigint, rows_duplicate bigint, rows_quarantined bigint,
    rows_erased bigint default 0, rows_expired bigint default 0, rows_decoded bigint default 0,
    load_id text, first_seen_at timestamptz, started_at timestamptz, finished_at timestamptz,
    outcome text, reason text, is_current boolean, vanished_at timestamptz);
create table consent_raw.company_lists (path text, public_api_key text);
create table consent_raw._dlt_loads (
    load_id text, schema_name text, status bigint, inserted_at timestamptz,
    schema_version_hash text);
"""

CHANGES = (
    "select apikey, event_time, _dlt_load_id, {} as joined, {} as gone"
    " from consent_raw.events where event_id = any({})"
)

HAS_USER_ID = """
select 1 from information_schema.columns
where table_schema = 'consent_raw' and table_name = 'events' and column_name = 'user_id'
"""


def create(dsn: str, user_id: bool = True) -> None:
    """Drop the dataset and make its empty tables, with or without the column `user_id`."""
    _execute(dsn, DDL.format(user_id="user_id varchar," if user_id else ""))
    _execute(dsn, f"comment on table consent_raw.load_files is 'layout {LAYOUT}'")
    with closing(psycopg2.connect(dsn)) as connection:
        change_log.bring_up(connection, "consent_raw")


def event(event_id: str, **values: Any) -> dict[str, Any]:
    """One raw event: usual values, replaced by those given; `parameters` may be a dict."""
    row: dict[str, Any] = {name: None for name in EVENT_COLUMNS}
    row |= {
        "event_id": event_id, "type": "pageview", "rate": 1.0, "count": 1, "apikey": "a",
        "event_time": "2025-09-05 01:00:00Z", "consent": "empty", "sdk_type": "sdk-web",
        "domain": "d.org", "deployment_id": "n", "country": '"FR"', "browser_family": "Chrome",
        "device_type": "desktop", "_source_file": "f.csv", "_source_mtime": MTIME,
    }  # fmt: skip
    row |= values
    if isinstance(row["parameters"], dict):
        row["parameters"] = json.dumps(row["parameters"])
    return row


def load(dsn: str, load_id: str, events: Iterable[dict[str, Any]], finished: bool = True) -> None:
    """Merge `events` on event_id under `load_id`; unfinished loads are not in _dlt_loads."""
    events = list(events)
    has_user_id = bool(_execute(dsn, HAS_USER_ID))
    names = [name for name in EVENT_COLUMNS if has_user_id or name != "user_id"]
    rows = [tuple({**row, "_dlt_load_id": load_id}[name] for name in names) for row in events]
    ids = [row["event_id"] for row in events]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        _log(cursor, load_id, ids, joined=False)
        execute_values(
            cursor,
            f"insert into consent_raw.events ({', '.join(names)}) values %s"
            f" on conflict (event_id) do update set {updates}",
            rows,
            page_size=1000,
        )
        _log(cursor, load_id, ids, joined=True)
    connection.close()
    if finished:
        finish(dsn, load_id)


def _log(cursor: Any, load_id: str, ids: list[str], joined: bool) -> None:
    """Writes to the change log that these events join, or leave, as they are now."""
    numbers = (sql.Literal(int(joined)), sql.Literal(int(not joined)))
    changes = sql.SQL(CHANGES).format(*numbers, sql.Literal(ids))
    change_log.write(cursor, "consent_raw", changes, sql.Literal(load_id))


def finish(dsn: str, load_id: str) -> None:
    """Record a load as complete."""
    _execute(
        dsn, "insert into consent_raw._dlt_loads values (%s, 'consent', 0, now(), 'h')", load_id
    )


def add_user_id(dsn: str) -> None:
    """What dlt does when the first delivery with USER_ID comes."""
    _execute(dsn, "alter table consent_raw.events add column user_id varchar")


def companies(dsn: str, rows: Iterable[tuple[str, str | None, str | None, str | None]]) -> None:
    """Replace the companies: (public_api_key, industry_back, industry_front, hq_country)."""
    _execute(dsn, "truncate consent_raw.companies, consent_raw.company_lists")
    _execute(dsn, "delete from consent_raw.load_files where path = 'c.csv'")
    _execute(
        dsn,
        "insert into consent_raw.load_files (path, table_name, outcome, is_current)"
        " values ('c.csv', 'companies', 'loaded', true)",
    )
    for number, row in enumerate(rows, start=1):
        _execute(
            dsn,
            "insert into consent_raw.companies values (%s, %s, %s, %s, 'c.csv', %s, %s, '1')",
            *row,
            number,
            MTIME,
        )  # noqa: E501
        _execute(dsn, "insert into consent_raw.company_lists values ('c.csv', %s)", row[0])


def _execute(dsn: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        result = cursor.fetchall() if cursor.description else []
    connection.close()
    return result
