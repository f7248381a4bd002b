"""A Parquet file -> record batches of declared columns, their rows numbered.

Columns have types: one that does not cast losslessly refuses the file, since nobody can know what
was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.consent.batches import Rows
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import TIMESTAMP
from pipelines.consent.reading.parquet_pages import rows_at_once

# Larger batches are hardly faster and cost memory. Repeated values take next to nothing in a file,
# so a batch is bounded by what it unpacks to, too.
PARQUET_BATCH_ROWS = 4_000
PARQUET_BATCH_BYTES = 16 << 20

# In CSV, a row cannot be larger either.
VALUE_BYTES = 4 << 20


def read_parquet(
    path: Path, check_columns: Callable[[list[str]], None], fields: dict[str, pa.DataType]
) -> Iterator[Rows]:
    """Yields batches of a Parquet file, its columns cast to text or their declared type.

    Args:
        check_columns: refuses the file by the names of its columns.
        fields: the declared types by column; columns that are not in it become text.

    Raises:
        FileRefusedError: not a Parquet file, truncated, not the right columns, a column that does
            not cast losslessly (named with both types), or what does not fit into memory.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            check_columns(file.schema_arrow.names)
            seen = 0
            for batch in _batches(path, file):
                names = batch.schema.names
                columns = [
                    _cast(batch.column(name), name, fields.get(name, pa.string())) for name in names
                ]
                numbers = np.arange(seen + 1, seen + 1 + batch.num_rows, dtype=np.int64)
                seen += batch.num_rows
                yield Rows(pa.RecordBatch.from_arrays(columns, names=names), pa.array(numbers))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno:  # Arrow's own have none
            raise FileRefusedError(f"cannot be read ({error.strerror})", for_now=True) from error
        first_line = str(error).splitlines()[0][:120]
        raise FileRefusedError(f"not a whole Parquet file ({first_line})") from error


def _batches(path: Path, file: pyarrow.parquet.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Batches of at most so many rows, of so many bytes; one row group may be cut more finely."""
    for group, rows in enumerate(rows_at_once(path, file, PARQUET_BATCH_BYTES)):
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


def _cast(column: pa.Array, name: str, declared: pa.DataType) -> pa.Array:
    """A column in its declared type; text that is checked row by row later stays text.

    Raises:
        FileRefusedError: it does not cast losslessly, or holds text that is not UTF-8.
    """
    found = column.type
    is_text = _is_text(found)
    try:
        if is_text and declared in (TIMESTAMP, pa.string()):
            column = column.cast(pa.string())
            try:
                # Not every writer of Parquet makes sure that text is UTF-8, nor does Arrow.
                column.validate(full=True)
            except pa.ArrowInvalid as error:
                raise FileRefusedError(f"column {name} holds text that is not UTF-8") from error
            # Empty text is null, as in CSV, where the two cannot be told apart.
            lengths = pc.binary_length(column)
            if (longest := pc.max(lengths).as_py() or 0) > VALUE_BYTES:
                raise FileRefusedError(
                    f"column {name} holds a value of {longest / (1 << 20):,.1f} MB; the limit is"
                    f" {VALUE_BYTES >> 20} MB"
                )
            empty = pc.equal(lengths, 0)
            if not pc.any(empty).as_py():
                return column
            return pc.if_else(empty, pa.scalar(None, pa.string()), column)
        if declared == TIMESTAMP and pa.types.is_timestamp(found) and found.tz is None:
            column = column.cast(pa.timestamp(found.unit, tz="UTC"))
        elif not (is_text or _keeps_meaning(found, declared)):
            raise pa.ArrowInvalid("another kind of value")
        cast = column.cast(declared, safe=True)
        # Arrow's safe cast rounds large integers and decimals to doubles without an error.
        exact = is_text or pa.types.is_floating(found) or pa.types.is_null(found)
        may_be_rounded = pa.types.is_floating(declared) and not exact
        if may_be_rounded and not cast.cast(column.type, safe=True).equals(column):
            raise pa.ArrowInvalid("rounded")
        return cast
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileRefusedError(
            f"column {name} is {found} and does not cast losslessly to {declared}"
        ) from error


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


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
