"""A run from start to end: lock, recover, plan, load package by package, reconcile."""

from __future__ import annotations

import logging
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import dlt
from dlt.common.exceptions import DltException

from database.address import Address, connect
from database.home import PROJECT_ROOT, consent_home
from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import KEEPALIVE, run_lock
from pipelines.consent.bookkeeping.plan import Plan, make_plan
from pipelines.consent.bookkeeping.recovery import recover
from pipelines.consent.discovery.input_folder import find, ignored
from pipelines.consent.errors import LoadError
from pipelines.consent.loading.destination import consent_postgres
from pipelines.consent.messages import explained
from pipelines.consent.names import DATASET_NAME, LEDGER, PIPELINE_NAME
from pipelines.consent.packages import Loader, packages
from pipelines.consent.schema_export import export_schema
from pipelines.consent.terminal.progress import Progress

logger = logging.getLogger(__name__)

_LOST = "it is gone, and so are its rows with the table that was dropped; deliver it again"


@dataclass
class Outcome:
    """What a run did: the plan with the counts in it, and what the person should know."""

    plan: Plan
    ignored: list[str] = field(default_factory=list)
    new_columns: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Path and reason of every file that is not loaded, new or known."""
        now = [d for d in [*self.plan.refused_now, *self.plan.to_load] if d.refusal is not None]
        refused = [(d.file.path, d.refusal or "") for d in now]
        refused += [(f.path, reason) for f, reason in self.plan.refused_before]
        return sorted(refused + [(path, _LOST) for path in self.plan.lost])


def make_pipeline() -> dlt.Pipeline:
    """The dlt pipeline, on the server that dlt's configuration names, or the embedded one."""
    return dlt.pipeline(
        pipeline_name=PIPELINE_NAME,
        destination=consent_postgres(destination_name="postgres"),
        dataset_name=DATASET_NAME,
    )


def _open_pipeline() -> dlt.Pipeline:
    """The pipeline, its working folder made anew if a full disk or a crash left it damaged."""
    try:
        return make_pipeline()
    except (ValueError, KeyError, TypeError, DltException):
        folder = Path(dlt.current.run_context().get_data_entity("pipelines"))
        logger.warning("dlt's working folder %s is damaged: it is made anew", folder)
        shutil.rmtree(folder / PIPELINE_NAME)
        return make_pipeline()


def run(address: Address, input_dir: Path, *, full_refresh: bool, progress: Progress) -> Outcome:
    """Loads a delivery.

    Args:
        address: of the database; the same that dlt's configuration names.
        full_refresh: drop the raw dataset and dlt's state first.

    Raises:
        LoadError: the run could not go on; what it had loaded until then stays loaded.
    """
    find(input_dir)  # before anything is touched: --input may be wrong
    with (
        explained(),
        run_lock(address, DATASET_NAME) as lock,
        closing(connect(address, **KEEPALIVE)) as connection,
    ):
        ledger = Ledger(connection)
        pipeline = _open_pipeline()
        if full_refresh:
            _drop(pipeline, ledger)
        ledger.ensure()
        pipeline.sync_destination()
        recover(pipeline, ledger)
        # Looked for once no other run is at it: a wait may have been long.
        plan = make_plan(find(input_dir), ledger, progress.inspecting)
        ledger.refuse(None, plan.refused_now)
        outcome = Outcome(plan, ignored(input_dir))
        loader = Loader(pipeline, ledger, lock, progress)
        for deliveries in packages(plan.to_load):
            outcome.new_columns += loader.load(deliveries)
        if plan.to_load:
            _export(pipeline)
        _reconcile(ledger)
    return outcome


def _export(pipeline: dlt.Pipeline) -> None:
    folder = _schema_folder()
    try:
        export_schema(pipeline, folder)
    except OSError as error:
        logger.warning("the schema was not exported to %s (%s)", folder, error.strerror)


def _schema_folder() -> Path:
    home = consent_home()
    is_default = home == PROJECT_ROOT / ".data"
    return PROJECT_ROOT / "pipelines" / "schemas" if is_default else home / "schemas"


def _drop(pipeline: dlt.Pipeline, ledger: Ledger) -> None:
    """Drops what was loaded and dlt's state; dbt's views on it go too, until it builds."""
    for dataset in (DATASET_NAME, f"{DATASET_NAME}_staging"):
        ledger.execute(f'drop schema if exists "{dataset}" cascade')
    pipeline.drop()


def _reconcile(ledger: Ledger) -> None:
    if paths := ledger.unreconciled():
        raise LoadError(
            f"the rows of {', '.join(paths)} do not add up in {DATASET_NAME}."
            f"{LEDGER}: this is a defect; python pipelines/consent_pipeline.py"
            " --full-refresh loads everything again"
        )
