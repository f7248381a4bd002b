"""What holds of the raw dataset at the end of every run, whatever happened before."""

from pipelines.consent.names import KEYS
from tests.load.conftest import Loader

# Groups on which the change log and the raw table do not agree.
LOG_DIFFERS = """
select company_id, event_date, row_load_id, sum(number) from (
    select company_id, event_date, row_load_id, rows_joined - rows_left as number
    from event_changes
    union all
    select trim(apikey), cast(event_time at time zone 'UTC' as date), _dlt_load_id, -1
    from events
) as both_sides
group by 1, 2, 3
having sum(number) <> 0
"""


def assert_sound(loader: Loader) -> None:
    """Keys are unique, every row's load is one to trust, and nothing is left half-done."""
    for table in ("events", "companies"):
        key = KEYS[table].lower()
        assert loader.value(f"select count(*) - count(distinct {key}) from {table}") == 0
        loads = f"select _dlt_load_id from {table} except select load_id from _dlt_loads"
        assert loader.column(loads) == []
    assert loader.column("select path from load_files where outcome = 'loading'") == []
    unreconciled = (
        "select path from load_files where outcome = 'loaded' and rows_read is distinct from"
        " rows_new + rows_changed + rows_unchanged + rows_duplicate + rows_quarantined"
        " + rows_erased + rows_expired"
    )
    assert loader.column(unreconciled) == []
    several = "select path from load_files where is_current group by 1 having count(*) > 1"
    assert loader.column(several) == []
    duplicates = "select load_id from _dlt_loads group by 1 having count(*) > 1"
    assert loader.column(duplicates) == []
    assert loader.sql(LOG_DIFFERS) == []
