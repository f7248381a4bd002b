"""The merge of one staged table into its raw table: each key once, its newest version.

Newest: within one path, the later content wins; if two files contain the same key, the greater
order key (`_source_mtime`, `_source_file`, `_source_row`) wins: the file first seen later. Rows
whose data did not change keep their `_dlt_load_id`, so that downstream incremental models touch
only what changed. All of it, with the change log and the counts in the ledger, is one transaction.
"""

from __future__ import annotations

import psycopg2.errors
from psycopg2 import sql

from pipelines.consent.errors import LoadError
from pipelines.consent.loading.company_lists import note_lists
from pipelines.consent.loading.event_owners import set_aside_foreign
from pipelines.consent.loading.first_load import promote
from pipelines.consent.loading.indexes import create_indexes
from pipelines.consent.loading.staged_table import StagedTable
from pipelines.consent.names import COMPANIES, EVENTS, LOAD_ID, ORDER_KEY

# Files to merge; none if an earlier try of this job was committed and only its answer was lost.
# Locked: if this run has lost its lock, the next run waits here until the merge has ended.
_TO_MERGE = """
select path from {ledger}
where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
and rows_new is null
for update
"""

# Paths where the number of staged rows is not the number of good rows that were read.
_WRONG_COUNTS = """
with counts as (
    select _source_file, count(*) as staged from {staged}
    where _dlt_load_id = %(load_id)s group by 1
)
select path, {good_rows}, coalesce(staged, 0)
from {ledger} left join counts on _source_file = path
where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
and {good_rows} <> coalesce(staged, 0)
"""

_DELETE_REPEATED_COPIES = """
delete from {staged} where ctid in (
    select ctid from (
        select ctid,
            row_number() over (partition by _source_file, _source_row order by ctid) as copy
        from {staged} where _dlt_load_id = %(load_id)s
    ) as copies
    where copy > 1
)
"""

# Columns that another machine's deliveries added to the raw table and this machine does not know.
_TARGET_COLUMNS = """
select attname from pg_attribute
where attrelid = {target_name}::regclass and attnum > 0 and not attisdropped
order by attnum
"""

# Staged rows of the files to merge; rank 1 is the newest of its key. Only the columns that decide:
# the sort stays in memory, and the wide rows are read once, by ctid, when they are needed. Rows of
# a refused file are staged too, and are left out. Compared by bytes (collate "C"), which is faster,
# and equal on every server.
_RANK = """
create temporary table merge_rank on commit drop as
select ctid as staged_at, {key} as key, _source_mtime, _source_file,
    row_number() over newest_first as rank,
    {company} = last_value({company}) over (
        newest_first rows between unbounded preceding and unbounded following
    ) as is_of_first
from {staged}
where _dlt_load_id = %(load_id)s and _source_file in (
    select path from {ledger}
    where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
)
window newest_first as (
    partition by {key} collate "C"
    order by _source_mtime desc, _source_file collate "C" desc, _source_row desc
)
"""

_OUTCOME_IN_EMPTY_TABLE = """
create temporary table merge_outcome on commit drop as
select staged_at, _source_file, case when rank = 1 then 'new' else 'duplicate' end as outcome,
    false as is_of_other
from merge_rank
"""

# `d` is the raw row, `s` the staged one. The order key decides only between two paths: a file that
# is delivered again under its path may carry an older time stamp, and replaces its rows.
_OUTCOME = """
create temporary table merge_outcome on commit drop as
select r.staged_at, r._source_file,
    case
        when r.rank > 1 then 'duplicate'
        when d.{key} is null then 'new'
        when d._source_file <> r._source_file
            and (d._source_mtime, d._source_file collate "C")
                > (r._source_mtime, r._source_file collate "C") then 'duplicate'
        when ({theirs}) is distinct from ({ours}) then 'changed'
        else 'unchanged'
    end as outcome,
    d.{company} <> s.{company} as is_of_other
from merge_rank as r
left join {target} as d on d.{key} = r.key and r.rank = 1
left join {staged} as s on s.ctid = r.staged_at and d.{key} is not null
"""

# Whether every staged row goes in unchanged, so that the join with the outcomes can be saved.
_ALL_NEW = """
select not exists (select from merge_outcome where outcome <> 'new')
    and (select count(*) from merge_outcome) = (select count(*) from {staged})
"""

_INSERT_ALL = "insert into {target} ({columns}) select {values} from {staged} as s"
_INSERT_NEW = _INSERT_ALL + " join merge_outcome as o on o.staged_at = s.ctid and o.outcome = 'new'"

_UPDATE = """
update {target} as d set ({columns}) = row({values})
from merge_outcome as o join {staged} as s on s.ctid = o.staged_at
where o.outcome = {outcome} and d.{key} = s.{key} and ({theirs}) is distinct from ({values})
"""

# For the change log: the events that join the raw table, and the versions that leave it.
_JOIN_AND_LEAVE = """
select s.apikey, s.event_time, s._dlt_load_id, 1 as joined, 0 as gone
from merge_outcome as o join {staged} as s on s.ctid = o.staged_at
where o.outcome in ('new', 'changed')
union all
select d.apikey, d.event_time, d._dlt_load_id, 0 as joined, 1 as gone
from merge_outcome as o join {staged} as s on s.ctid = o.staged_at
join {target} as d on d.{key} = s.{key}
where o.outcome = 'changed'
"""

_COUNT = """
update {ledger} set (rows_new, rows_changed, rows_unchanged, rows_duplicate) = (
    select count(*) filter (where o.outcome = 'new'),
        count(*) filter (where o.outcome = 'changed'),
        count(*) filter (where o.outcome = 'unchanged'),
        count(*) filter (where o.outcome = 'duplicate')
    from merge_outcome as o where o._source_file = path
)
where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading'
"""


def merge(staged: StagedTable) -> None:
    """Merges the staged rows and writes the counts into the ledger.

    Raises:
        LoadError: the staged rows are not those that were read (another run emptied the staging
            table), or the raw table holds a key twice; nothing is changed.
    """
    if not staged.execute(_TO_MERGE):
        return
    if staged.table == COMPANIES:
        note_lists(staged)
    if promote(staged):
        return
    _verify(staged)
    target_columns = [name for (name,) in staged.execute(_TARGET_COLUMNS)]
    absent = [name for name in target_columns if name not in staged.columns]
    staged.execute("set local work_mem = '128MB'")
    _compare(staged, absent)
    if staged.table == EVENTS and set_aside_foreign(staged):
        staged.execute("drop table merge_rank, merge_outcome")
        _compare(staged, absent)
    all_new = staged.value(_ALL_NEW)
    if all_new:
        staged.log_changes()
    else:
        staged.log_changes(_JOIN_AND_LEAVE)
    staged.execute(
        _INSERT_ALL if all_new else _INSERT_NEW,
        columns=_list(staged.columns),
        values=_list(staged.columns, "s"),
    )
    if not all_new:
        # Changed rows get every column, the load id too. Unchanged ones get only the order key,
        # where a newer file now contains them: their load id stays, so models do not see them.
        for outcome, columns, nulls in (
            ("changed", staged.columns, absent),
            ("unchanged", list(ORDER_KEY), []),
        ):
            staged.execute(
                _UPDATE,
                outcome=sql.Literal(outcome),
                columns=_list([*columns, *nulls]),
                values=_list(columns, "s", nulls=len(nulls)),
                theirs=_list([*columns, *nulls], "d"),
            )
    try:
        create_indexes(staged.cursor, staged.dataset, staged.table, staged.key)
    except psycopg2.errors.UniqueViolation as error:
        # The index was dropped, and rows were added by hand: no file is to blame.
        raise LoadError(
            f"{staged.dataset}.{staged.table} holds a {staged.key} twice:"
            " python pipelines/consent_pipeline.py --full-refresh loads everything again."
        ) from error
    staged.execute(_COUNT)


def _compare(staged: StagedTable, absent: list[str]) -> None:
    """Ranks the staged rows and says what becomes of each, in two temporary tables."""
    staged.execute(_RANK)
    staged.execute("analyze merge_rank")
    if staged.value("select exists (select from {target})"):
        data = [c for c in staged.columns if c not in {*ORDER_KEY, LOAD_ID, staged.key}]
        theirs, ours = _list([*data, *absent], "d"), _list(data, "s", nulls=len(absent))
        staged.execute(_OUTCOME, theirs=theirs, ours=ours)
    else:
        staged.execute(_OUTCOME_IN_EMPTY_TABLE)
    staged.execute("analyze merge_outcome")


def _verify(staged: StagedTable) -> None:
    """Every row that was read is staged once; duplicates from a repeated copy are deleted."""
    wrong = staged.execute(_WRONG_COUNTS)
    if any(found > expected for _, expected, found in wrong):
        # A copy was committed, its answer was lost, and dlt repeated it.
        staged.execute(_DELETE_REPEATED_COPIES)
        wrong = staged.execute(_WRONG_COUNTS)
    if wrong:
        path, expected, found = wrong[0]
        raise LoadError(
            f"{path}: {expected} rows were read but {found} are staged, so nothing of this"
            " load was merged; another run used the staging tables. Run the load again."
        )


def _list(columns: list[str], alias: str | None = None, nulls: int = 0) -> sql.Composable:
    names = [sql.Identifier(alias, c) if alias else sql.Identifier(c) for c in columns]
    return sql.SQL(", ").join([*names, *[sql.SQL("null")] * nulls])
