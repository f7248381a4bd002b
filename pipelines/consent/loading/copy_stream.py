"""A Parquet file of a load package -> COPY, in Postgres' binary format.

The rows are encoded one batch ahead, in a second thread: the server takes longer to write a batch
than this process takes to encode it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pyarrow as pa
import pyarrow.parquet
from psycopg2 import sql

from pipelines.consent.loading.binary_copy import HEADER, TRAILER, encode
from pipelines.consent.read_ahead import ahead

# What is written without the WAL must be on disk at the commit: it is sent there on the way.
_FLUSH_EARLY = """
select set_config(name, max_val, true) from pg_settings where name = 'backend_flush_after'
"""

# What libpq is given at a time.
_SEND_BYTES = 1 << 20


def copy_file(cursor: Any, table: sql.Identifier, path: Path, *, replace: bool) -> None:
    """Copies a file's rows into a table, within the caller's transaction.

    Args:
        replace: empties the table first, in the same transaction. Then the server can write the
            rows frozen, so that the first reader need not visit every page, and, at
            `wal_level = minimal`, without the WAL: half of what it would write.

    Raises:
        psycopg2.Error: the server's reason.
        OSError, pyarrow.ArrowException: the file cannot be read.
    """
    with pyarrow.parquet.ParquetFile(path, pre_buffer=True) as file:
        columns = sql.SQL(", ").join(map(sql.Identifier, file.schema_arrow.names))
        if replace:
            cursor.execute(_FLUSH_EARLY)
            cursor.execute(sql.SQL("truncate {}").format(table))
        statement = sql.SQL("copy {} ({}) from stdin with (format binary{})").format(
            table, columns, sql.SQL(", freeze" if replace else "")
        )
        with closing(ahead(_encoded(file))) as chunks:
            stream = _Stream(chunks)
            try:
                cursor.copy_expert(statement, stream, size=_SEND_BYTES)
            except psycopg2.Error:
                if stream.error is not None:
                    raise stream.error from None
                raise


def _encoded(file: pyarrow.parquet.ParquetFile) -> Iterator[memoryview]:
    """The stream of COPY; one row group at a time is in memory."""
    # Where dlt itself writes the load id, it is a dictionary: copied as text.
    schema = pa.schema(
        [
            field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
            for field in file.schema_arrow
        ]
    )
    yield memoryview(HEADER)
    for number in range(file.num_row_groups):
        # Only in this thread: the other core has the other connection's.
        for batch in file.read_row_group(number, use_threads=False).to_batches():
            yield encode(batch.cast(schema))
    yield memoryview(TRAILER)


class _Stream:
    """The file that psycopg2 reads from.

    psycopg2 reports an error of the reading as a cancelled statement; `error` keeps the real one.
    """

    def __init__(self, chunks: Iterator[memoryview]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")
        self.error: Exception | None = None

    def read(self, size: int) -> bytes:
        """At most that many of the next bytes; none at the end."""
        try:
            while not self._rest and (chunk := next(self._chunks, None)) is not None:
                self._rest = chunk
        except Exception as error:
            self.error = error
            raise
        sent, self._rest = self._rest[:size], self._rest[size:]
        return bytes(sent)
