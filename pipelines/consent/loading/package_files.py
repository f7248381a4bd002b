"""Checked rows -> Parquet files of limited size, which dlt imports into its load package unchanged.

dlt would write them too. But it computes the table's schema again for every batch, holds batches
back, and cuts files by rows, where the time of COPY goes with bytes. Wide rows are cut into several
files, so that two connections share the server's work of compressing them. All other rows of a
resource are one file: if it is the only one of its table, it can be copied without the WAL, which
is worth more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import dlt
import pyarrow as pa
import pyarrow.parquet
from dlt.common.storages.load_package import load_package_state

from pipelines.consent.names import LOAD_ID

# Size in memory of the rows of one file, where the rows are wide: Postgres compresses values over
# 2 KB. One connection copies one file.
FILE_BYTES = 48 << 20
WIDE_ROW = 2_000
# Size in memory of one batch of the copy.
COPY_BATCH_BYTES = 4 << 20


def scratch_folder(pipeline: dlt.Pipeline) -> Path:
    """Where a pipeline's files are written: on the disk of its packages, so dlt only links them."""
    return Path(pipeline.working_dir) / "parts"


class PackageFiles:
    """The files of one resource, for use while dlt extracts it.

    Args:
        folder: exists; the caller removes it after the extraction.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._load_id: str = load_package_state()["load_id"]
        self._writer: pyarrow.parquet.ParquetWriter | None = None
        self._path = folder
        self._schema = pa.schema([])
        self._rows = self._bytes = 0

    @property
    def begun(self) -> bool:
        """Whether there is or was a file."""
        return len(self._schema) > 0

    def write(self, rows: pa.Table) -> Iterator[Any]:
        """Writes rows; yields the files that this completes, marked for dlt to import."""
        if not set(rows.schema.names) <= set(self._schema.names):
            # A source file added a column: the file that is open cannot take it.
            yield from self.close()
            self._schema = pa.unify_schemas([self._schema, rows.schema])
        if self._writer is None:
            self._path = self._folder / f"{uuid4().hex}.parquet"
            # The file is read once, seconds later: dictionaries and statistics are not worth it.
            self._writer = pyarrow.parquet.ParquetWriter(
                self._path,
                self._schema,
                compression="none",
                use_dictionary=False,
                write_statistics=False,
            )
        given = {LOAD_ID: pa.repeat(pa.scalar(self._load_id), rows.num_rows)}
        given |= {  # columns that an earlier source file added
            field.name: pa.nulls(rows.num_rows, field.type)
            for field in self._schema
            if field.name not in rows.schema.names
        }
        columns = [given[name] if name in given else rows[name] for name in self._schema.names]
        # A batch of the copy is a row group.
        batch_rows = max(1, int(COPY_BATCH_BYTES * rows.num_rows // max(1, rows.nbytes)))
        self._writer.write_table(pa.table(columns, schema=self._schema), batch_rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._bytes >= FILE_BYTES and self._bytes >= WIDE_ROW * self._rows:
            yield from self.close()

    def close(self) -> Iterator[Any]:
        """Ends the file that is being written, if there is one, and yields it."""
        if self._writer is None:
            return
        self._writer.close()
        yield dlt.mark.with_file_import(
            str(self._path), "parquet", self._rows, self._schema.empty_table()
        )
        self._writer, self._rows, self._bytes = None, 0, 0
