"""The schemas of the raw dataset: made where they are missing, emptied for `--full-refresh`."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

from database.datasets import Datasets
from pipelines.consent.errors import LoadError

# What may be said to the person is quoted as Postgres wants it.
_RIGHTS = """
select
    wanted.name,
    quote_ident(wanted.name),
    pg_namespace.oid is not null,
    case when pg_namespace.oid is null then has_database_privilege(current_database(), 'CREATE')
        else has_schema_privilege(pg_namespace.oid, 'CREATE')
        and has_schema_privilege(pg_namespace.oid, 'USAGE') end,
    quote_ident(current_user),
    quote_ident(current_database())
from unnest(%s) as wanted (name)
left join pg_namespace on pg_namespace.nspname = wanted.name
"""

_RELATIONS = """
select nspname, relname, case relkind
    when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
    when 'f' then 'foreign table' else 'table' end
from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
where nspname = any(%s) and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
"""


def prepare(connection: Any, datasets: Datasets, *, empty: bool) -> None:
    """Creates the raw and the staging schema where they are missing, in one transaction.

    Args:
        empty: drops what is in them, and what depends on that: dbt's views, until dbt builds. The
            schemas stay, with their grants, so a role needs no right to create others.

    Raises:
        LoadError: the role lacks a right; nothing is changed.
    """
    names = [datasets.raw, datasets.staging]
    with connection, connection.cursor() as cursor:
        cursor.execute(_RIGHTS, (names,))
        found = cursor.fetchall()
        for _, quoted, exists, is_allowed, user, database in found:
            if not is_allowed:
                raise LoadError(_missing_right(quoted, user, database, exists=exists))
        if empty:
            cursor.execute(_RELATIONS, (names,))
            for schema, relation, kind in cursor.fetchall():
                # It may have gone with one that it depends on.
                drop = sql.SQL("drop {} if exists {} cascade")
                cursor.execute(drop.format(sql.SQL(kind), sql.Identifier(schema, relation)))
        for name, _, exists, *_ in found:
            if not exists:
                cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))


def _missing_right(name: str, user: str, database: str, *, exists: bool) -> str:
    if exists:
        return (
            f"the user {user} may not create tables in the schema {name}; this gives the right:"
            f" ALTER SCHEMA {name} OWNER TO {user} (or GRANT USAGE, CREATE ON SCHEMA {name} TO"
            f" {user})"
        )
    return (
        f"the schema {name} is missing, and the user {user} may not create schemas in the database"
        f" {database}; this gives the right: GRANT CREATE ON DATABASE {database} TO {user} (or an"
        f" administrator creates it: CREATE SCHEMA {name} AUTHORIZATION {user})"
    )
