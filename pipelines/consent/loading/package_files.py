"""Checked rows -> Parquet files of limited size, which dlt takes into its load package as they are.

dlt would write them too, but computes the table's schema anew for every batch and holds batches
back; and it cuts files by rows, where COPY's time goes with bytes. Wide rows are cut into several
files, so that two connections share the server's work of compressing them. The others are one file:
as the only one of its table, it can be copied without the WAL, which is worth more.
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

_FOLDER = "parts"

# Size in memory of the rows of one file, which one connection copies, where the rows are wide:
# larger than what Postgres leaves uncompressed.
PART_BYTES = 48 << 20
WIDE_ROW = 2_000
# And of one batch of the copy.
COPY_BATCH_BYTES = 4 << 20


def parts_folder(pipeline: dlt.Pipeline) -> Path:
    """Where a pipeline's parts are written, on the disk of its load packages: a link moves them."""
    return Path(pipeline.working_dir) / _FOLDER


class Parts:
    """The files of one resource, for use while dlt extracts it.

    Args:
        folder: exists; whoever made it removes it after the extraction.
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
        """Writes rows; yields the files that are thereby complete, marked for dlt to import."""
        if not set(rows.schema.names) <= set(self._schema.names):
            yield from self.close()
            self._schema = pa.unify_schemas([self._schema, rows.schema])
        if self._writer is None:
            self._writer = self._open()
        batch_rows = _batch_rows(rows)
        self._writer.write_table(self._complete(rows), batch_rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._bytes >= PART_BYTES and self._bytes >= WIDE_ROW * self._rows:
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

    def _open(self) -> pyarrow.parquet.ParquetWriter:
        self._path = self._folder / f"{uuid4().hex}.parquet"
        # Scratch that is read once, seconds later: dictionaries and statistics are not worth it.
        return pyarrow.parquet.ParquetWriter(
            self._path,
            self._schema,
            compression="none",
            use_dictionary=False,
            write_statistics=False,
        )

    def _complete(self, rows: pa.Table) -> pa.Table:
        """With the load id, and with nulls for columns that another file of the part added."""
        given = {LOAD_ID: pa.repeat(pa.scalar(self._load_id), rows.num_rows)}
        given |= {
            field.name: pa.nulls(rows.num_rows, field.type)
            for field in self._schema
            if field.name not in rows.schema.names
        }
        columns = [given[name] if name in given else rows[name] for name in self._schema.names]
        return pa.table(columns, schema=self._schema)


def _batch_rows(rows: pa.Table) -> int:
    """How many of these rows make a batch of the copy: they become a row group."""
    return max(1, int(COPY_BATCH_BYTES * rows.num_rows // max(1, rows.nbytes)))
