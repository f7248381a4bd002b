"""A Parquet file -> record batches of declared columns, their rows numbered.

A column whose type has another meaning than the declared one refuses the file. A value that does
not fit goes on as text, so that the checks reject its row, as they would in CSV.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.consent.batches import Rows
from pipelines.consent.discovery.file_kind import FileKind, unreadable
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import FIELDS, TIMESTAMP
from pipelines.consent.reading.columns import with_names
from pipelines.consent.reading.parquet_pages import rows_at_once
from pipelines.consent.reading.parquet_text import as_text

# Larger batches are hardly faster and cost memory. Repeated values take next to nothing in a file,
# so a batch is bounded by what it unpacks to, too.
PARQUET_BATCH_ROWS = 4_000
PARQUET_BATCH_BYTES = 16 << 20

# In CSV, a row cannot be larger either.
VALUE_BYTES = 4 << 20


def read_parquet(found: FoundFile, kind: FileKind) -> Iterator[Rows]:
    """Yields batches of a Parquet file, its columns as text or in their declared type.

    Raises:
        FileRefusedError: not a Parquet file, truncated, a column of another kind (named with both
            types), or what does not fit into memory.
    """
    fields = FIELDS[kind.table]
    try:
        with found.open() as stream, pyarrow.parquet.ParquetFile(stream) as file:
            seen = 0
            for delivered in _batches(found, file):
                batch = with_names(delivered, kind)
                names = batch.schema.names
                columns = [
                    _typed(batch.column(name), name, fields.get(name, pa.string()))
                    for name in names
                ]
                numbers = np.arange(seen + 1, seen + 1 + batch.num_rows, dtype=np.int64)
                seen += batch.num_rows
                yield Rows(pa.RecordBatch.from_arrays(columns, names=names), pa.array(numbers))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        for_now = isinstance(error, OSError) and bool(error.errno)  # Arrow's own have none
        raise FileRefusedError(unreadable(error), for_now=for_now) from error


def _batches(found: FoundFile, file: pyarrow.parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Batches of at most so many rows, of so many bytes; one row group may be cut more finely."""
    for group, rows in enumerate(rows_at_once(found, file, PARQUET_BATCH_BYTES)):
        held: list[pa.RecordBatch] = []
        size = min(PARQUET_BATCH_ROWS, rows)
        for batch in file.iter_batches(batch_size=size, row_groups=[group]):
            together = [*held, batch]
            if held and (
                sum(piece.num_rows for piece in together) > PARQUET_BATCH_ROWS
                or sum(piece.nbytes for piece in together) > PARQUET_BATCH_BYTES
            ):
                yield pa.concat_batches(held)
                together = [batch]
            held = together
        if held:
            yield pa.concat_batches(held)


def _typed(column: pa.Array, name: str, declared: pa.DataType) -> pa.Array:
    """A column in its declared type, or as text that the checks parse row by row.

    Raises:
        FileRefusedError: its values are of another kind, or text that is not UTF-8.
    """
    found = column.type
    if text := as_text(column, name):
        return _bounded(text, name)
    if not _keeps_meaning(found, declared):
        raise FileRefusedError(f"column {name} is {found}, which is not read as {declared}")
    if declared == TIMESTAMP and pa.types.is_timestamp(found):
        if found.tz is None:
            column = column.cast(pa.timestamp(found.unit, tz="UTC"))
        # Digits below the microsecond are cut off, as in text.
        return _cast(column, declared, safe=found.unit != "ns")
    if declared == pa.float64() and pa.types.is_decimal(found):
        return column.cast(pa.string())  # the nearest number is that of the digits
    return _cast(column, declared, safe=declared != pa.float64())


def _cast(column: pa.Array, declared: pa.DataType, *, safe: bool) -> pa.Array:
    try:
        return column.cast(declared, safe=safe)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column.cast(pa.string())


def _bounded(text: pa.StringArray, name: str) -> pa.StringArray:
    """Text with empty ones as null, as in CSV, where the two cannot be told apart.

    Raises:
        FileRefusedError: a value is too large.
    """
    lengths = pc.binary_length(text)
    if (longest := pc.max(lengths).as_py() or 0) > VALUE_BYTES:
        raise FileRefusedError(
            f"column {name} holds a value of {longest / (1 << 20):,.1f} MB; the limit is"
            f" {VALUE_BYTES >> 20} MB"
        )
    empty = pc.equal(lengths, 0)
    if not pc.any(empty).as_py():
        return text
    return pc.if_else(empty, pa.scalar(None, pa.string()), text)


def _keeps_meaning(found: pa.DataType, declared: pa.DataType) -> bool:
    """Whether a cast keeps the meaning: some that Arrow offers do not (a number as a time)."""
    number = pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    if pa.types.is_null(found):
        return True
    if declared == TIMESTAMP:
        return bool(pa.types.is_timestamp(found) or pa.types.is_date(found))
    if declared == pa.string():
        return bool(number or pa.types.is_boolean(found) or pa.types.is_temporal(found))
    return bool(number)
