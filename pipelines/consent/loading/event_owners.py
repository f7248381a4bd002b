"""Staged events whose EVENT_ID belongs to another company -> the quarantine.

The company that an event was first seen with keeps it. That is the one in the raw table, or else
the one of the smallest order key among the staged rows. A path whose new content has the event for
another company only has corrected it, and may replace what the same path brought before.
"""

from __future__ import annotations

from psycopg2 import sql

from pipelines.consent.loading.staged_table import StagedTable
from pipelines.consent.names import OTHER_COMPANY, QUARANTINE

# The comparison with the raw table has noted already where companies differ, so this looks at
# temporary tables only, and finds nothing in nearly every load.
_DIFFER = """
select exists (select from merge_rank where not is_of_first)
    or exists (select from merge_outcome where is_of_other)
"""

_FOREIGN = """
create temporary table merge_foreign on commit drop as
with contested as (
    select key from merge_rank where not is_of_first
    union
    select r.key from merge_rank as r
    join merge_outcome as o using (staged_at) where o.is_of_other
),
owners as (
    select r.key,
        case
            when d.apikey is null or (
                bool_or(r._source_file = d._source_file)
                and not bool_or(r._source_file = d._source_file and s.apikey = d.apikey)
            ) then min(s.apikey) filter (where r.is_of_first)
            else d.apikey
        end as apikey
    from contested
    join merge_rank as r using (key)
    join {staged} as s on s.ctid = r.staged_at
    left join {target} as d on d.{key} = r.key
    group by r.key, d.apikey
)
select r.staged_at, owners.apikey as owner
from owners
join merge_rank as r using (key)
join {staged} as s on s.ctid = r.staged_at
where s.apikey <> owners.apikey
"""

_QUARANTINE = """
insert into {quarantine} (
    _source_mtime, _source_file, _source_row, table_name, reason, detail, event_id, apikey, raw_row,
    _dlt_load_id
)
select s._source_mtime, s._source_file, s._source_row, %(table)s, {reason},
    'it is an event of ' || owner, s.event_id, s.apikey,
    (
        select json_object_agg(upper(name), value)::text
        from json_each(to_json(s)) as named (name, value) where left(name, 1) <> '_'
    ),
    s._dlt_load_id
from merge_foreign join {staged} as s on s.ctid = staged_at
"""

_COUNT = """
update {ledger} set rows_quarantined = rows_quarantined + found
from (
    select s._source_file, count(*) as found
    from merge_foreign join {staged} as s on s.ctid = staged_at group by 1
) as counts
where load_id = %(load_id)s and outcome = 'loading' and path = _source_file
"""

_TAKE_OUT = "delete from {staged} where ctid in (select staged_at from merge_foreign)"


def set_aside_foreign(staged: StagedTable) -> bool:
    """Moves such events to the quarantine, in the merge's transaction.

    Returns:
        Whether there were any; then the staged rows have to be ranked and compared again.
    """
    if not staged.value(_DIFFER):
        return False
    staged.execute(_FOREIGN)
    quarantine = sql.Identifier(staged.dataset, QUARANTINE)
    staged.execute(_QUARANTINE, quarantine=quarantine, reason=sql.Literal(OTHER_COMPANY))
    staged.execute(_COUNT)
    staged.execute(_TAKE_OUT)
    return True
