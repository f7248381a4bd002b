"""A Parquet file -> record batches of declared columns, their rows numbered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.consent.batches import Rows, check_columns
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.names import TIMESTAMP

# Larger batches are hardly faster and cost memory.
PARQUET_BATCH_ROWS = 4_000


def read_parquet(path: Path, fields: dict[str, pa.DataType]) -> Iterator[Rows]:
    """Yields batches of a Parquet file, its declared columns cast to text or their declared type.

    Raises:
        FileRefusedError: not a Parquet file, truncated, columns missing or named twice, or a
            column that does not cast losslessly (named with both types).
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            check_columns(file.schema_arrow.names, fields)
            seen = 0
            for batch in file.iter_batches(batch_size=PARQUET_BATCH_ROWS):
                numbers = np.arange(seen + 1, seen + 1 + batch.num_rows, dtype=np.int64)
                seen += batch.num_rows
                yield Rows(_cast(batch, fields), pa.array(numbers))
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # Arrow's own have none
            raise FileRefusedError(f"cannot be read ({error.strerror})", for_now=True) from error
        raise FileRefusedError(f"not a whole Parquet file ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]


def _cast(batch: pa.RecordBatch, fields: dict[str, pa.DataType]) -> pa.RecordBatch:
    columns = [
        _cast_column(batch.column(name), name, fields.get(name, pa.string()))
        for name in batch.schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _cast_column(column: pa.Array, name: str, declared: pa.DataType) -> pa.Array:
    """A column as text where it came as text and rows are checked, else in its declared type."""
    found = column.type
    text = _is_text(found)
    try:
        if text and (declared == TIMESTAMP or declared == pa.string()):
            return _empty_as_null(_utf8(column.cast(pa.string()), name))
        if declared == TIMESTAMP and pa.types.is_timestamp(found) and found.tz is None:
            column = column.cast(pa.timestamp(found.unit, tz="UTC"))
        elif not (text or _may_cast(found, declared)):
            raise pa.ArrowInvalid("another kind of value")
        return _lossless(column, declared)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileRefusedError(
            f"column {name} is {found} and does not cast losslessly to {declared}"
        ) from error


def _utf8(column: pa.StringArray, name: str) -> pa.StringArray:
    """The column; Parquet's writers do not all see to it that text is UTF-8, and readers neither.

    Raises:
        FileRefusedError: it is not.
    """
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise FileRefusedError(f"column {name} holds text that is not UTF-8") from error
    return column


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def _may_cast(found: pa.DataType, declared: pa.DataType) -> bool:
    """Casts that keep the meaning: not every one that Arrow offers does (a number as a time)."""
    number = pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    if pa.types.is_null(found):
        return True
    if declared == TIMESTAMP:
        return bool(pa.types.is_timestamp(found) or pa.types.is_date(found))
    if declared == pa.string():
        return bool(number or pa.types.is_boolean(found) or pa.types.is_temporal(found))
    return bool(number)


def _lossless(column: pa.Array, declared: pa.DataType) -> pa.Array:
    cast = column.cast(declared, safe=True)
    compared = not (pa.types.is_floating(column.type) or pa.types.is_null(column.type))
    if pa.types.is_floating(declared) and compared:
        back = cast.cast(column.type, safe=True)
        if not _is_text(column.type) and not back.equals(column):
            raise pa.ArrowInvalid("rounded")
    return cast


def _empty_as_null(column: pa.StringArray) -> pa.StringArray:
    """Empty text is null, as in CSV, where the two cannot be told apart."""
    empty = pc.equal(pc.binary_length(column), 0)
    if not pc.any(empty).as_py():
        return column
    return pc.if_else(empty, pa.scalar(None, pa.string()), column)
