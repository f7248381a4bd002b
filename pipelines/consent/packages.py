"""Source files -> dlt load packages; a file whose rows the database refuses stops no other file."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dlt
import psycopg2
from dlt.common.exceptions import DltException

from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.bookkeeping.lock import RunLock
from pipelines.consent.bookkeeping.recovery import discard_packages, end_loads
from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.errors import DataError
from pipelines.consent.loading.package_files import scratch_folder
from pipelines.consent.local_data import remove_loaded_packages, remove_trace
from pipelines.consent.messages import explain
from pipelines.consent.names import FIELDS, OTHER_COMPANY, SCHEMA_NAME
from pipelines.consent.persons.row_rules import RowRules
from pipelines.consent.schema import arrow_schema
from pipelines.consent.source import consent_source
from pipelines.consent.terminal.progress import Progress

logger = logging.getLogger(__name__)

# Input bytes that one load package may hold: bounds the disk that a load needs outside
# the database, and the work that a crash throws away.
PACKAGE_BYTES = 2 << 30


@contextmanager
def explained() -> Iterator[None]:
    """Turns every foreseeable error into a `LoadError` (or a `KeyboardInterrupt`): `explain`."""
    try:
        yield
    except (psycopg2.Error, OSError, DltException, MemoryError) as error:
        raise explain(error) from error


def packages(files: list[SourceFile]) -> Iterator[list[SourceFile]]:
    """Groups of files for one load package each: one file, or several of limited size together."""
    group: list[SourceFile] = []
    size = 0
    for file in files:
        if group and size + file.found.size > PACKAGE_BYTES:
            yield group
            group, size = [], 0
        group.append(file)
        size += file.found.size
    if group:
        yield group


@dataclass
class Loader:
    """Loads packages of files, one after the other."""

    pipeline: dlt.Pipeline
    ledger: Ledger
    lock: RunLock
    progress: Progress
    rules: RowRules = field(default_factory=RowRules)

    def load(self, files: list[SourceFile]) -> list[str]:
        """Loads some files as one package; returns the columns that they added.

        A package that the database refuses is loaded by halves, until the file is found that
        is the cause; that file is refused.

        Raises:
            LoadError: the run cannot go on.
        """
        before = self._columns()
        try:
            with explained():
                try:
                    self._load_once(files)
                except BaseException:
                    remove_trace(self.pipeline)
                    raise
        except DataError as error:
            # Without the lock, another run may be the cause, and not the data.
            self.lock.assert_held()
            discard_packages(self.pipeline)
            end_loads(self.ledger)
            files = [file for file in files if file.refusal is None]
            for file in files:
                file.start_again()
            if len(files) == 1:
                files[0].refuse_for_now(str(error))
                self.ledger.refuse(None, files)
                return []
            logger.warning("%s: loading the files by halves, to find which", error)
            half = len(files) // 2
            return self.load(files[:half]) + self.load(files[half:])
        return sorted(self._columns() - before)

    def _load_once(self, files: list[SourceFile]) -> None:
        scratch = scratch_folder(self.pipeline)
        shutil.rmtree(scratch, ignore_errors=True)  # a run that was killed leaves files in it
        scratch.mkdir()
        try:
            with self.progress.step("reading", files):
                self.pipeline.extract(
                    consent_source(files, scratch, self.rules),
                    loader_file_format="parquet",
                    max_parallel_items=2,
                    workers=2,
                )
                self.pipeline.normalize()
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        load_id = self.pipeline.list_normalized_load_packages()[-1]
        self.ledger.begin(load_id, files)
        self.lock.assert_held()
        with self.progress.step("loading", files):
            self.pipeline.load(workers=2)
        remove_loaded_packages(self.pipeline)
        # Another run may have ended this load meanwhile; then its files are read again.
        self.lock.assert_held()
        self.ledger.finish(load_id)
        counts = self.ledger.counts(load_id)
        foreign = self.ledger.foreign(load_id)
        for file in files:
            file.counts = counts.get(file.path, {})
            if file.path in foreign:
                file.rejections[OTHER_COMPANY] = foreign[file.path]

    def _columns(self) -> set[str]:
        """Names of the columns that the loaded tables have; before the first load, the declared."""
        declared = {f"{table}.{name}" for table in FIELDS for name in arrow_schema(table).names}
        if SCHEMA_NAME not in self.pipeline.schemas:
            return declared
        tables = self.pipeline.schemas[SCHEMA_NAME].data_tables()
        return declared | {f"{t['name']}.{column}" for t in tables for column in t["columns"]}
