"""A first load: the staged table, where every row of it is new, becomes the raw table itself.

Writing the rows a second time, from the staging to the raw table, is most of what a first load
costs beyond the copy. The unique index, which has to be made anyway, tells whether a key is staged
twice; then, and in every other case, the usual merge follows.
"""

from __future__ import annotations

import psycopg2.errors

from pipelines.consent.loading.indexes import create_indexes
from pipelines.consent.loading.staged_table import StagedTable

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
            select coalesce(sum({good_rows}), 0) as expected from {ledger}
            where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
        ) as loading
        group by expected
    )
    -- the same columns: another machine may have added some to the raw table
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
    # dlt expects the staging table at the next load.
    "create table {staged} (like {target})",
    "update {ledger} set rows_new = {good_rows}, rows_changed = 0,"
    " rows_unchanged = 0, rows_duplicate = 0 where load_id = %(load_id)s"
    " and table_name = %(table)s and outcome = 'loading'",
)


def promote(staged: StagedTable) -> bool:
    """Makes the staged table the raw one, if the raw one is empty and no key is staged twice.

    If as many rows are staged as were read, they are the rows that were read: if one copy job had
    run twice and another not at all, keys would be there twice.

    Returns:
        Whether it did, counts in the ledger included; if not, nothing is changed.
    """
    if not staged.value(_SUITABLE):
        return False
    # A violated index would abort the merge's whole transaction.
    staged.execute("savepoint promotion")
    try:
        create_indexes(staged.cursor, staged.staging, staged.table, staged.key)
    except psycopg2.errors.UniqueViolation:
        staged.execute("rollback to savepoint promotion")
        return False
    staged.log_changes()
    for statement in _SWAP:
        staged.execute(statement)
    return True
