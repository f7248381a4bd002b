"""A first load: the staged table, where every row of it is new, becomes the raw table itself.

Writing the rows a second time, from the staging to the raw table, is most of what a first load
costs beyond the copy. The unique index, which has to be made anyway, tells whether a key is there
twice; then, and in every other case, the merge goes its usual way.
"""

from __future__ import annotations

from typing import Any

import psycopg2.errors
from psycopg2 import sql

from pipelines.consent.names import LEDGER, LOAD_ID

_SUITABLE = """
select not exists (select from {target})
    -- a view, a grant, a trigger or a constraint on the raw table would be lost with it
    and not exists (
        select from pg_depend where refobjid = {target_name}::regclass and deptype = 'n'
    )
    and not exists (
        select from pg_constraint where contype <> 'n'
        and {target_name}::regclass in (conrelid, confrelid)
    )
    and (
        select relacl is null and not relhastriggers from pg_class
        where oid = {target_name}::regclass
    )
    -- rows of a file that was refused half-way are staged too, and another run may have been here
    and (
        select count(*) = expected
            and count(case when _dlt_load_id = %(load_id)s then 1 end) = expected
        from {staged}
        cross join (
            select coalesce(sum(rows_read - rows_quarantined), 0) as expected from {ledger}
            where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
        ) as loading
        group by expected
    )
    and (
        select array_agg((attname, atttypid)::text order by attname) from pg_attribute
        where attrelid = {target_name}::regclass and attnum > 0 and not attisdropped
    ) = (
        select array_agg((attname, atttypid)::text order by attname) from pg_attribute
        where attrelid = {staged_name}::regclass and attnum > 0 and not attisdropped
    )
"""

_SWAP = (
    "drop table {target}",
    "alter table {staged} set schema {dataset}",
    "create table {staged} (like {target})",
    "update {ledger} set rows_new = rows_read - rows_quarantined, rows_changed = 0,"
    " rows_unchanged = 0, rows_duplicate = 0 where load_id = %(load_id)s"
    " and table_name = %(table)s and outcome = 'loading'",
)


def promote(cursor: Any, dataset: str, staging: str, table: str, key: str, load_id: str) -> bool:
    """Makes the staged table the raw one, if the raw one is empty and no key is staged twice.

    That as many rows are staged as were read is enough to know that they are those: had a copy job
    run twice in the place of another, their keys would be there twice.

    Returns:
        Whether it did, counts in the ledger included; if not, nothing is changed.
    """
    names = _names(dataset, staging, table)
    parameters = {"load_id": load_id, "table": table}
    cursor.execute(sql.SQL(_SUITABLE).format(**names), parameters)
    if not cursor.fetchone()[0]:
        return False
    cursor.execute("savepoint promotion")
    try:
        create_indexes(cursor, staging, table, key)
    except psycopg2.errors.UniqueViolation:
        cursor.execute("rollback to savepoint promotion")
        return False
    for statement in _SWAP:
        cursor.execute(sql.SQL(statement).format(**names), parameters)
    return True


def create_indexes(cursor: Any, dataset: str, table: str, key: str) -> None:
    """The unique index on the key, and one on the load id, by which models find what is new.

    Made after the rows of a first load: a sort is cheaper than as many insertions. Load ids grow
    with time, as rows are appended, so a range index finds them at a hundredth of the size.
    """
    for column, kind, method in (
        (key, "unique index", "btree"),
        (LOAD_ID, "index", "brin"),
    ):
        cursor.execute(
            sql.SQL(
                "create {kind} if not exists {name} on {table} using {method} ({column})"
            ).format(
                kind=sql.SQL(kind),
                name=sql.Identifier(f"{table}_{column}_key"),
                table=sql.Identifier(dataset, table),
                method=sql.SQL(method),
                column=sql.Identifier(column),
            )
        )


def _names(dataset: str, staging: str, table: str) -> dict[str, sql.Composable]:
    return {
        "dataset": sql.Identifier(dataset),
        "target": sql.Identifier(dataset, table),
        "target_name": sql.Literal(f'"{dataset}"."{table}"'),
        "staged": sql.Identifier(staging, table),
        "staged_name": sql.Literal(f'"{staging}"."{table}"'),
        "ledger": sql.Identifier(dataset, LEDGER),
    }
