"""What an earlier run, or a person, left behind is put right before a run starts.

The files are the queue and the ledger is the truth: a load package on disk is only scratch, and
is thrown away. (Finishing it, as dlt would, is not safe: another machine's run may have replaced
its staged rows.) What its merges committed is kept, since a merge is atomic.
"""

from __future__ import annotations

import logging

import dlt

from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.names import COMPANIES, EVENTS, QUARANTINE, SCHEMA_NAME

logger = logging.getLogger(__name__)

_TABLES = (EVENTS, COMPANIES, QUARANTINE)


def recover(pipeline: dlt.Pipeline, ledger: Ledger) -> None:
    """Ends what was left unfinished, and restores lost tables. Requires the lock.

    Loads whose merges were committed are finished; the files of other loads are read again, and
    so are those of tables that were dropped or emptied by hand.
    """
    if pipeline.has_pending_data:
        logger.warning("an earlier run was cut off: its files are read again where needed")
        discard_packages(pipeline)
    _restore_tables(pipeline, ledger)
    end_loads(ledger)


def lacks_tables(ledger: Ledger) -> bool:
    """Whether a table of the raw dataset is not there."""
    return any(_missing(ledger, table) for table in _TABLES)


def discard_packages(pipeline: dlt.Pipeline) -> None:
    """Throws away what is pending in dlt's working folder."""
    # Not abort_packages(): it writes to the database, and what it would restore there, schema and
    # state, is what the database has anyway.
    pipeline.drop()
    pipeline.sync_destination()


def end_loads(ledger: Ledger) -> None:
    """Settles every load that has not ended. Requires the lock."""
    # A run that lost its lock may still be merging: it holds these rows until it has committed.
    ledger.execute("select from {ledger} where outcome = 'loading' for update")
    if not _missing(ledger, QUARANTINE):
        for (load_id,) in ledger.execute(_MERGED):
            ledger.finish(load_id)
        ledger.execute(_CLEAR_QUARANTINE)
    ledger.execute(
        "update {ledger} set outcome = 'interrupted', is_current = false, finished_at = now()"
        " where outcome = 'loading'"
    )
    if not _missing(ledger, "_dlt_loads"):
        ledger.execute(_COMPLETE_LOADS, {"schema": SCHEMA_NAME})


def _restore_tables(pipeline: dlt.Pipeline, ledger: Ledger) -> None:
    """Has the files of lost tables read again, and dlt create the tables again."""
    if not ledger.known():
        return
    dropped = [t for t in (*_TABLES, "_dlt_loads") if _missing(ledger, t)]
    for table in _TABLES:
        # The quarantine may be empty, even if files brought rows for it.
        emptied = _EMPTIED.replace("{table}", f"{{{table}}}")
        if table in dropped or (
            table != QUARANTINE and ledger.execute(emptied, {"table": table})[0][0]
        ):
            logger.warning("%s.%s is gone: its files are read again", ledger.dataset, table)
            ledger.execute(_READ_AGAIN, {"table": table})
    if dropped:
        # dlt creates tables only for a schema version that the database does not know.
        if not _missing(ledger, "_dlt_version"):
            ledger.execute(f'delete from "{ledger.dataset}"."_dlt_version"')
        if SCHEMA_NAME in pipeline.schemas:
            pipeline.sync_schema(SCHEMA_NAME)


def _missing(ledger: Ledger, table: str) -> bool:
    name = f'"{ledger.dataset}"."{table}"'
    return bool(ledger.execute("select to_regclass(%(name)s) is null", {"name": name})[0][0])


# Loads whose merges and copies were all committed. Distinct: a copy may have been repeated.
_MERGED = """
select load_id
from {ledger} as l
where outcome = 'loading'
group by load_id
having bool_and(rows_new is not null and rows_quarantined = (
    select count(distinct _source_row) from {quarantine} as q
    where q._dlt_load_id = l.load_id and q._source_file = l.path))
"""

# Rows that a load brought into the quarantine before it was cut off, or after another run had ended
# it, because it went on without its lock; their files are read again.
_CLEAR_QUARANTINE = """
delete from {quarantine} as q using {ledger} as l
where l.load_id = q._dlt_load_id and (
    l.outcome = 'loading'
    or l.outcome = 'interrupted' and not l.is_current and l.path = q._source_file)
"""

# Models use rows whose load is in _dlt_loads: every load that merged something belongs there.
_COMPLETE_LOADS = """
insert into {loads} (load_id, schema_name, status, inserted_at)
select distinct load_id, %(schema)s, 0, now()
from {ledger} as l
where rows_new is not null and not exists (select from {loads} as k where k.load_id = l.load_id)
"""

# The rows stay current, so that the path keeps its order key, but no longer count as loaded.
_READ_AGAIN = """
update {ledger} set outcome = 'interrupted'
where is_current and outcome = 'loaded'
and (table_name = %(table)s or (%(table)s = 'events_quarantine' and rows_quarantined > 0))
"""

_EMPTIED = """
select not exists (select from {table}) and exists (
    select from {ledger} where is_current and outcome = 'loaded' and table_name = %(table)s
    and {good_rows} > 0)
"""
