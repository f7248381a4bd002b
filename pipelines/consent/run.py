"""A run from start to end: lock, recover, plan, load package by package, reconcile."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import dlt
from dlt.pipeline.exceptions import PipelineStepFailed

from database.address import Address, connect
from database.home import PROJECT_ROOT, consent_home
from pipelines.consent import consent_source, settings
from pipelines.consent.delivery import Delivery
from pipelines.consent.destination import consent_postgres
from pipelines.consent.errors import LoadError
from pipelines.consent.files import find, ignored
from pipelines.consent.ledger import Ledger
from pipelines.consent.lock import RunLock, run_lock
from pipelines.consent.plan import Plan, make_plan, packages
from pipelines.consent.progress import Progress
from pipelines.consent.recovery import recover
from pipelines.consent.schema_export import export_schema

logger = logging.getLogger(__name__)


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
        return sorted(refused + [(f.path, reason) for f, reason in self.plan.refused_before])


def make_pipeline() -> dlt.Pipeline:
    """The dlt pipeline, on the server that dlt's configuration names, or the embedded one."""
    return dlt.pipeline(
        pipeline_name=settings.PIPELINE_NAME,
        destination=consent_postgres(destination_name="postgres"),
        dataset_name=settings.DATASET_NAME,
    )


def run(address: Address, input_dir: Path, *, full_refresh: bool, progress: Progress) -> Outcome:
    """Loads a delivery.

    Args:
        address: of the database; the same that dlt's configuration names.
        full_refresh: drop the raw dataset and dlt's state first.

    Raises:
        LoadError: the run could not go on; what it had loaded until then stays loaded.
    """
    files = find(input_dir)
    with run_lock(address, settings.DATASET_NAME) as lock, closing(connect(address)) as connection:
        ledger = Ledger(connection)
        pipeline = make_pipeline()
        if full_refresh:
            _drop(pipeline, ledger)
        ledger.ensure()
        pipeline.sync_destination()
        recover(pipeline, ledger)
        plan = make_plan(files, ledger, progress.inspecting)
        ledger.refuse(None, plan.refused_now)
        outcome = Outcome(plan, ignored(input_dir))
        for deliveries in packages(plan.to_load):
            outcome.new_columns += _load(pipeline, ledger, lock, deliveries, progress)
        if plan.to_load:
            export_schema(pipeline, _schema_folder())
        _reconcile(ledger)
    return outcome


def _schema_folder() -> Path:
    home = consent_home()
    is_default = home == PROJECT_ROOT / ".data"
    return PROJECT_ROOT / "pipelines" / "schemas" if is_default else home / "schemas"


def _drop(pipeline: dlt.Pipeline, ledger: Ledger) -> None:
    """Drops what was loaded and dlt's state; dbt's views on it go too, until it builds."""
    for dataset in (settings.DATASET_NAME, f"{settings.DATASET_NAME}_staging"):
        ledger.execute(f'drop schema if exists "{dataset}" cascade')
    pipeline.drop()


def _load(
    pipeline: dlt.Pipeline,
    ledger: Ledger,
    lock: RunLock,
    deliveries: list[Delivery],
    progress: Progress,
) -> list[str]:
    """Loads some files as one package; returns the columns that they added."""
    before = _columns(pipeline)
    try:
        with progress.step("reading", deliveries):
            pipeline.extract(
                consent_source(deliveries),
                loader_file_format="parquet",
                max_parallel_items=2,
                workers=2,
            )
            pipeline.normalize()
        load_id = pipeline.list_normalized_load_packages()[-1]
        ledger.begin(load_id, deliveries)
        lock.assert_held()
        with progress.step("loading", deliveries):
            pipeline.load(workers=2)
    except PipelineStepFailed as error:
        raise LoadError(_reason(error)) from error
    lock.assert_held()
    ledger.finish(load_id)
    _note_counts(deliveries, ledger.counts(load_id))
    return sorted(_columns(pipeline) - before) if before else []


def _columns(pipeline: dlt.Pipeline) -> set[str]:
    """Names of the columns that the loaded tables have."""
    if settings.SCHEMA_NAME not in pipeline.schemas:
        return set()
    tables = pipeline.schemas[settings.SCHEMA_NAME].data_tables()
    return {f"{table['name']}.{column}" for table in tables for column in table["columns"]}


def _note_counts(deliveries: list[Delivery], counts: dict[str, dict[str, int]]) -> None:
    for delivery in deliveries:
        if count := counts.get(delivery.file.path):
            delivery.rows_new = count["new"]
            delivery.rows_changed = count["changed"]
            delivery.rows_unchanged = count["unchanged"]
            delivery.rows_duplicate = count["duplicate"]


def _reason(error: PipelineStepFailed) -> str:
    """The cause in one line: the class of a database's error, never the values in its text."""
    cause: BaseException = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        if isinstance(cause, LoadError):
            return str(cause)
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment]
    if isinstance(cause, LoadError):
        return str(cause)
    return (
        f"the {error.step} step failed ({type(cause).__name__}); nothing is lost:"
        " run the load again once the cause is gone"
    )


def _reconcile(ledger: Ledger) -> None:
    if paths := ledger.unreconciled():
        raise LoadError(
            f"the rows of {', '.join(paths)} do not add up in {settings.DATASET_NAME}."
            f"{settings.LEDGER}: this is a defect; python pipelines/consent_pipeline.py"
            " --full-refresh loads everything again"
        )
