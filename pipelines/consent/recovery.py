"""What an earlier run, or a person, left behind, put right before a run starts.

The files are the queue and the ledger is the truth: a load package on disk is only scratch, and
is thrown away. (To finish it, as dlt would, is not safe: its staged rows may have been replaced
by another machine's run.) What its merges committed is kept, since a merge is atomic.
"""

from __future__ import annotations

import logging

import dlt

from pipelines.consent import settings
from pipelines.consent.ledger import Ledger

logger = logging.getLogger(__name__)


def recover(pipeline: dlt.Pipeline, ledger: Ledger) -> None:
    """Ends what was left unfinished. Requires the lock.

    Loads whose merges were committed are finished; other files of theirs are read again. Tables
    that were dropped by hand are made anew and their files read again.
    """
    if pipeline.has_pending_data:
        logger.warning("an earlier run was cut off: its files are read again where needed")
        pipeline.abort_packages()
        pipeline.load()
    if _missing(ledger, "_dlt_loads"):
        _forget_schema(ledger)
    else:
        _finish_merged(ledger)
    ledger.execute(
        "update {ledger} set outcome = 'interrupted', is_current = false, finished_at = now()"
        " where outcome = 'loading'"
    )
    _restore_dropped(ledger)


def _finish_merged(ledger: Ledger) -> None:
    """Finishes loads that were cut off after all their merges."""
    if _missing(ledger, settings.QUARANTINE):
        return
    for load_id, complete in ledger.execute(_MERGED):
        # Their rows are in the raw tables: downstream, a load counts once it is in _dlt_loads.
        ledger.execute(_TRUST, {"load_id": load_id, "schema": settings.SCHEMA_NAME})
        if complete:
            ledger.finish(load_id)


def _restore_dropped(ledger: Ledger) -> None:
    """Has the files of a dropped table read again, and dlt make the table anew."""
    for table in (settings.EVENTS, settings.COMPANIES, settings.QUARANTINE):
        if not _missing(ledger, table) or not ledger.known():
            continue
        logger.warning("%s.%s is gone: its files are read again", settings.DATASET_NAME, table)
        _forget_schema(ledger)
        ledger.execute(
            "update {ledger} set is_current = false, content_hash = null where is_current and"
            " (table_name = %(table)s"
            " or (%(table)s = 'events_quarantine' and rows_quarantined > 0))",
            {"table": table},
        )


def _missing(ledger: Ledger, table: str) -> bool:
    name = f'"{settings.DATASET_NAME}"."{table}"'
    return bool(ledger.execute("select to_regclass(%(name)s) is null", {"name": name})[0][0])


def _forget_schema(ledger: Ledger) -> None:
    """dlt creates tables only for a schema version that the database does not know."""
    if not _missing(ledger, "_dlt_version"):
        version = f'"{settings.DATASET_NAME}"."_dlt_version"'
        ledger.execute(f"delete from {version}")


_MERGED = """
select load_id, bool_and(rows_new is not null and rows_quarantined = (
    select count(*) from {quarantine} as q
    where q._dlt_load_id = l.load_id and q._source_file = l.path))
from {ledger} as l
where outcome = 'loading'
group by load_id
having bool_or(rows_new is not null)
"""

_TRUST = """
insert into {loads} (load_id, schema_name, status, inserted_at)
select %(load_id)s, %(schema)s, 0, now()
where not exists (select from {loads} where load_id = %(load_id)s)
"""
