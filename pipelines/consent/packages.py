"""Files -> dlt load packages; a file whose rows the database refuses does not stop the others."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dlt

from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import RunLock
from pipelines.consent.bookkeeping.recovery import discard_packages, end_loads
from pipelines.consent.discovery.source_file import Delivery
from pipelines.consent.errors import DataError
from pipelines.consent.loading.package_files import parts_folder
from pipelines.consent.messages import explained
from pipelines.consent.names import FIELDS, SCHEMA_NAME
from pipelines.consent.schema import arrow_schema
from pipelines.consent.source import consent_source
from pipelines.consent.terminal.progress import Progress

logger = logging.getLogger(__name__)

# Input bytes that one load package may hold: bounds the disk that a load needs beside the
# database, and the work that a crash throws away.
PACKAGE_BYTES = 2 << 30


@dataclass
class Loader:
    """Loads packages of files, one after the other."""

    pipeline: dlt.Pipeline
    ledger: Ledger
    lock: RunLock
    progress: Progress

    def load(self, deliveries: list[Delivery]) -> list[str]:
        """Loads some files as one package; returns the columns that they added.

        A package that the database refuses is loaded by halves, until the file is found that
        is the cause; that one is refused.

        Raises:
            LoadError: the run cannot go on.
        """
        before = self._columns()
        try:
            with explained():
                self._load_once(deliveries)
        except DataError as error:
            # Without the lock, it may be another run that is in the way, and not the data.
            self.lock.assert_held()
            return self._load_apart(deliveries, str(error))
        return sorted(self._columns() - before)

    def _load_once(self, deliveries: list[Delivery]) -> None:
        with (
            self.progress.step("reading", deliveries),
            _emptied(parts_folder(self.pipeline)) as parts,
        ):
            self.pipeline.extract(
                consent_source(deliveries, parts),
                loader_file_format="parquet",
                max_parallel_items=2,
                workers=2,
            )
            self.pipeline.normalize()
        load_id = self.pipeline.list_normalized_load_packages()[-1]
        self.ledger.begin(load_id, deliveries)
        self.lock.assert_held()
        with self.progress.step("loading", deliveries):
            self.pipeline.load(workers=2)
        self.lock.assert_held()
        self.ledger.finish(load_id)
        _note_counts(deliveries, self.ledger.counts(load_id))

    def _load_apart(self, deliveries: list[Delivery], reason: str) -> list[str]:
        discard_packages(self.pipeline)
        end_loads(self.ledger)
        deliveries = [delivery for delivery in deliveries if delivery.refusal is None]
        for delivery in deliveries:
            delivery.start_again()
        if len(deliveries) == 1:
            deliveries[0].refuse_for_now(reason)
            self.ledger.refuse(None, deliveries)
            return []
        logger.warning("%s: loading the files by halves, to find which", reason)
        half = len(deliveries) // 2
        return self.load(deliveries[:half]) + self.load(deliveries[half:])

    def _columns(self) -> set[str]:
        """Names of the columns that the loaded tables have; those declared, before the first."""
        declared = {f"{table}.{name}" for table in FIELDS for name in arrow_schema(table).names}
        if SCHEMA_NAME not in self.pipeline.schemas:
            return declared
        tables = self.pipeline.schemas[SCHEMA_NAME].data_tables()
        return declared | {f"{t['name']}.{column}" for t in tables for column in t["columns"]}


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """The folder, empty; it is removed in the end. A run that was killed leaves files in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _note_counts(deliveries: list[Delivery], counts: dict[str, dict[str, int]]) -> None:
    for delivery in deliveries:
        if count := counts.get(delivery.file.path):
            delivery.rows_new = count["new"]
            delivery.rows_changed = count["changed"]
            delivery.rows_unchanged = count["unchanged"]
            delivery.rows_duplicate = count["duplicate"]


def packages(deliveries: list[Delivery]) -> Iterator[list[Delivery]]:
    """Groups of files for one load package each: one file, or several of limited size together."""
    group: list[Delivery] = []
    size = 0
    for delivery in deliveries:
        if group and size + delivery.file.size > PACKAGE_BYTES:
            yield group
            group, size = [], 0
        group.append(delivery)
        size += delivery.file.size
    if group:
        yield group
