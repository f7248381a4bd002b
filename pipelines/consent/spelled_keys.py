"""Keys of rows that an earlier version loaded -> the spelling that the load gives them today.

A row whose key is spelled otherwise leaves the database and joins it again, as a load would have
it: models and change log follow. Where two rows become one, the newest version stays.
"""

from __future__ import annotations

import time
from typing import Any

from psycopg2 import sql
from psycopg2.extras import execute_values

from pipelines.consent import change_log
from pipelines.consent.checking.keys import UUID_SHAPE, company_key
from pipelines.consent.names import COMPANIES, COMPANY_LISTS, EVENTS, SCHEMA_NAME
from pipelines.consent.persons.conditions import BLANKS
from pipelines.consent.persons.removal import Removal
from pipelines.consent.persons.row_filter import USER_COLUMN

_TRIMMED = "btrim({column}, {blanks})"
_EVENT_KEY = (
    "case when " + _TRIMMED + " ~ {uuid} then lower(" + _TRIMMED + ") else " + _TRIMMED + " end"
)
_COMPANIES = "create temporary table spelled (found text primary key, company text) on commit drop"

# With every row that has one of their new keys.
_RESPELLED = """
create temporary table respelled on commit drop as
select events.* from {events} as events
where {event_key} in (
    select {event_key} from {events} as events
    left join spelled on found = apikey
    where {event_key} <> event_id or company is not null {or_user}
)
"""
_SPELL = """
update respelled as events set event_id = {event_key},
    apikey = coalesce((select company from spelled where found = apikey), apikey),
    _dlt_load_id = {load_id} {and_user}
"""
_OLDER = """
delete from {rows} where ctid in (
    select ctid from (
        select ctid, row_number() over (
            partition by {key}
            order by _source_mtime desc, _source_file collate "C" desc, _source_row desc
        ) as rank
        from {rows}
    ) as ranked
    where rank > 1
)
"""
_JOINED = "select apikey, event_time, _dlt_load_id, 1 as joined, 0 as gone from respelled"
_COMPLETE = """
insert into {loads} (load_id, schema_name, status, inserted_at)
values ({load_id}, {schema}, 0, now())
"""
# The newest of those that become one company stays; the others go first, for the unique index.
_OLDER_COMPANIES = """
delete from {companies} where ctid in (
    select ctid from (
        select companies.ctid, row_number() over (
            partition by coalesce(company, public_api_key)
            order by _source_mtime desc, _source_file collate "C" desc, _source_row desc
        ) as rank
        from {companies} as companies left join spelled on found = public_api_key
    ) as ranked
    where rank > 1
)
"""
_SPELL_COMPANIES = """
update {table} set public_api_key = company from spelled where found = public_api_key
"""


def spell_keys(connection: Any, dataset: str) -> None:
    """Spells the keys of all rows, in one transaction. Requires the locks of loads and builds."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", (f'"{dataset}"."{EVENTS}"',))
        if not cursor.fetchone()[0]:
            return
        removal = Removal(cursor, dataset)
        tables = {"companies": COMPANIES, "lists": COMPANY_LISTS, "loads": "_dlt_loads"}
        names = {name: sql.Identifier(dataset, table) for name, table in tables.items()}
        _note_companies(removal, names)
        load_id = sql.Literal(str(time.time()))
        columns = "select attname from pg_attribute where attrelid = {raw}::regclass"
        raw = sql.Literal(f'"{dataset}"."{EVENTS}"')
        has_users = (USER_COLUMN,) in removal.execute(columns, raw=raw)
        user_key = _key("user_id")
        removal.execute(
            _RESPELLED,
            event_key=_key("event_id"),
            or_user=sql.SQL("or {} <> user_id" if has_users else "").format(user_key),
        )
        removal.cursor.execute("select exists (select from respelled)")
        if removal.cursor.fetchone()[0]:
            chosen = sql.SQL("event_id in (select event_id from respelled)")
            removal.events(chosen, f"keys spelled {time.time()}")
            removal.execute(
                _SPELL,
                event_key=_key("event_id"),
                load_id=load_id,
                and_user=sql.SQL(", user_id = {}" if has_users else "").format(user_key),
            )
            removal.execute(_OLDER, rows=sql.SQL("respelled"), key=sql.SQL("event_id"))
            removal.execute("insert into {events} select * from respelled")
            change_log.write(cursor, dataset, sql.SQL(_JOINED), load_id)
            removal.execute(_COMPLETE, load_id=load_id, schema=sql.Literal(SCHEMA_NAME), **names)
        removal.execute(_OLDER_COMPANIES, **names)
        for table in ("companies", "lists"):
            removal.execute(_SPELL_COMPANIES, table=names[table])


def _note_companies(removal: Removal, names: dict[str, sql.Identifier]) -> None:
    """Fills the table of company keys that are spelled otherwise."""
    found = removal.execute(
        "select apikey from {events} union select public_api_key from {companies}"
        " union select public_api_key from {lists}",
        **names,
    )
    other = [(key, company_key(key)) for (key,) in found if key and key != company_key(key)]
    removal.execute(_COMPANIES)
    execute_values(removal.cursor, "insert into spelled values %s", other)


def _key(column: str) -> sql.Composable:
    return sql.SQL(_EVENT_KEY).format(
        column=sql.Identifier("events", column),
        blanks=sql.Literal(BLANKS),
        uuid=sql.Literal(UUID_SHAPE),
    )
