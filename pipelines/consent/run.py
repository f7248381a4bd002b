"""A run from start to end: lock, recover, plan, load package by package, reconcile."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import closing
from pathlib import Path

import dlt
from dlt.common.exceptions import DltException

from database import datasets
from database.address import Address, connect, without_timeouts
from database.session_lock import KEEPALIVE
from pipelines.consent import change_log
from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import run_lock
from pipelines.consent.bookkeeping.outcome import Outcome
from pipelines.consent.bookkeeping.plan import make_plan
from pipelines.consent.bookkeeping.raw_layout import (
    bring_up,
    is_current,
    note_layout,
    refuse_newer,
)
from pipelines.consent.bookkeeping.raw_schemas import prepare
from pipelines.consent.bookkeeping.recovery import lacks_tables, recover
from pipelines.consent.discovery.file_kind import recognise
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.store import Store, files_of
from pipelines.consent.dry_run import dry_run
from pipelines.consent.errors import FileRefusedError, LoadError
from pipelines.consent.loading.destination import consent_postgres
from pipelines.consent.local_data import private_files, remove_loaded_packages
from pipelines.consent.names import LEDGER
from pipelines.consent.packages import Loader, explained, packages
from pipelines.consent.persons import register, retention
from pipelines.consent.persons.builds import builds_excluded
from pipelines.consent.persons.row_filter import RowFilter
from pipelines.consent.persons.row_rules import RowRules
from pipelines.consent.schema_export import export_schema
from pipelines.consent.spelled_keys import spell_keys
from pipelines.consent.terminal.progress import Progress

logger = logging.getLogger(__name__)

LISTING_SECONDS = 20
"""How old a store's listing may be when the run begins to work with it."""


def make_pipeline() -> dlt.Pipeline:
    """The dlt pipeline, on the server that dlt's configuration names, or the embedded one."""
    pipeline = dlt.pipeline(
        pipeline_name=datasets.PIPELINE_NAME,
        destination=consent_postgres(destination_name="postgres"),
        dataset_name=datasets.configured().given,
    )
    # It is applied now. dlt would apply it once more with each `drop()`.
    pipeline.config.dataset_name_layout = None
    return pipeline


def open_pipeline() -> dlt.Pipeline:
    """The pipeline; its working folder is replaced if a full disk or a crash left it damaged.

    Nothing is lost with the folder: the database holds the schema and the state.
    """
    try:
        return make_pipeline()
    except (ValueError, KeyError, TypeError, DltException):
        folder = Path(dlt.current.run_context().get_data_entity("pipelines"))
        logger.warning("dlt's working folder %s is damaged: it is replaced", folder)
        shutil.rmtree(folder / datasets.PIPELINE_NAME)
        return make_pipeline()


def run(
    address: Address, place: Path | Store, *, full_refresh: bool, progress: Progress
) -> Outcome:
    """Loads a delivery.

    Args:
        address: of the database; the same that dlt's configuration names.
        full_refresh: drop what is in the raw dataset, and dlt's state, first.

    Raises:
        LoadError: the run could not go on; what it had loaded until then stays loaded.
    """
    keep_from = retention.keep_from(dlt.config.get(retention.SETTING))
    found = files_of(place)  # before anything is touched: --input may be wrong
    found_at = time.monotonic()
    if full_refresh and not any(map(_is_recognised, found)):
        raise LoadError(f"{place} holds neither events nor companies: nothing was dropped.")
    names = datasets.configured()
    with (
        explained(),
        private_files(),
        run_lock(address, names.raw) as lock,
        closing(without_timeouts(connect(address, **KEEPALIVE))) as connection,
    ):
        ledger = Ledger(connection, names.raw)
        refuse_newer(ledger)
        pipeline = open_pipeline()
        remove_loaded_packages(pipeline)
        prepare(connection, names, empty=full_refresh)
        if full_refresh:
            pipeline.drop()
        ledger.ensure()
        bring_up(ledger)
        pipeline.sync_destination()
        change_log.bring_up(connection, names.raw)
        recover(pipeline, ledger)
        if not is_current(ledger):
            with builds_excluded(address, connection):
                spell_keys(connection, names.raw)
            note_layout(ledger)
        erased = register.read(connection)
        rules = RowRules(None if erased is None else RowFilter(erased), keep_from)
        expired = 0
        if keep_from is not None and (old := retention.find_old(connection, names.raw, keep_from)):
            with builds_excluded(address, connection):
                expired = retention.expire(connection, names.raw, old)
        # Waiting for the lock may have taken long. A store is not listed twice for nothing.
        if isinstance(place, Path) or time.monotonic() - found_at > LISTING_SECONDS:
            found = files_of(place)
        plan = make_plan(found, ledger, progress.inspecting)
        ledger.refuse(None, plan.refused_now)
        ledger.leave_out(plan.left_out_now)
        outcome = Outcome(names.raw, plan, expired=expired)
        progress.expect(plan.to_load)
        loader = Loader(pipeline, ledger, lock, progress, rules)
        # Without a file, an empty package creates the tables that dbt reads.
        for files in list(packages(plan.to_load)) or ([[]] if lacks_tables(ledger) else []):
            outcome.new_columns += loader.load(files)
        outcome.has_events = ledger.has_events()
        if plan.to_load:
            export_schema(pipeline)
        if paths := ledger.unreconciled():
            raise LoadError(
                f"the rows of {', '.join(paths)} do not add up in {names.raw}.{LEDGER}: this is"
                " a defect; python pipelines/consent_pipeline.py --full-refresh loads everything"
                " again"
            )
    return outcome


def check(place: Path | Store, progress: Progress) -> Outcome:
    """Reads a delivery as a load would, and writes nothing.

    Raises:
        LoadError: the delivery is not there, or a setting is wrong.
    """
    with explained():
        keep_from = retention.keep_from(dlt.config.get(retention.SETTING))
        return dry_run(place, datasets.configured().raw, keep_from, progress)


def _is_recognised(found: FoundFile) -> bool:
    try:
        return found.left_out is None and found.refusal is None and bool(recognise(found))
    except FileRefusedError:
        return False
