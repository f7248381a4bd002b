"""One file -> record batches of declared columns, numbered rows; the two formats meet here.

CSV values stay text, so that a value which does not cast is one row's matter (`checks`). Parquet
columns have a type of their own: one that does not cast losslessly refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from pipelines.consent import settings
from pipelines.consent.errors import FileRefusedError
from pipelines.consent.schema import identifier


@dataclass
class Rows:
    """A piece of a file: declared and additional columns, and each row's number (from 1)."""

    batch: pa.RecordBatch
    numbers: pa.Int64Array


@dataclass
class MalformedRow:
    """A CSV record with too few or too many fields; its text, and its number (from 1)."""

    number: int
    text: str
    expected: int
    actual: int


@dataclass
class CsvFile:
    """A CSV file being read: iterate over it, then look at `malformed`."""

    path: Path
    fields: dict[str, pa.DataType]
    malformed: list[MalformedRow] = field(default_factory=list)

    def __iter__(self) -> Iterator[Rows]:
        """Yields text columns, empty as null.

        Raises:
            FileRefusedError: not UTF-8, columns missing or named twice, a row over the block size.
        """
        check_columns(_csv_header(self.path), self.fields)
        self._seen = 0
        try:
            for batch in self._open():
                yield Rows(batch, self._number(batch.num_rows))
        except pa.ArrowInvalid as error:
            raise FileRefusedError(_csv_reason(str(error))) from error

    def _open(self) -> pyarrow.csv.CSVStreamingReader:
        names = _csv_header(self.path)
        return pyarrow.csv.open_csv(
            self.path,
            read_options=pyarrow.csv.ReadOptions(block_size=settings.CSV_BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=self._note_malformed
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                # Only the empty field is null: NA is Namibia, and a name can be Null.
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    def _note_malformed(self, row: pyarrow.csv.InvalidRow) -> str:
        # Arrow counts the header as row 1.
        self.malformed.append(
            MalformedRow(row.number - 1, row.text, row.expected_columns, row.actual_columns)
        )
        return "skip"

    def _number(self, count: int) -> pa.Int64Array:
        """Numbers of the next `count` well-formed rows: those of malformed rows are left out."""
        taken = {row.number for row in self.malformed if row.number > self._seen}
        numbers = np.arange(self._seen + 1, self._seen + 1 + count + len(taken), dtype=np.int64)
        if taken:
            numbers = numbers[~np.isin(numbers, sorted(taken))]
        numbers = numbers[:count]
        if count:
            self._seen = int(numbers[-1])
        return pa.array(numbers)


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
            for batch in file.iter_batches(batch_size=settings.PARQUET_BATCH_ROWS):
                numbers = np.arange(seen + 1, seen + 1 + batch.num_rows, dtype=np.int64)
                seen += batch.num_rows
                yield Rows(_cast(batch, fields), pa.array(numbers))
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefusedError(f"not a whole Parquet file ({_first_line(error)})") from error


def check_columns(names: list[str], fields: dict[str, pa.DataType]) -> None:
    """Refuses a file without the declared columns, or whose names are not distinct.

    Raises:
        FileRefusedError: names the columns.
    """
    missing = [name for name in fields if name not in names]
    if missing:
        raise FileRefusedError(f"missing columns: {', '.join(missing)}")
    folded = [identifier(name) for name in names]
    reserved = [*settings.ORDER_KEY, settings.LOAD_ID]
    taken = sorted({n for n in folded if folded.count(n) > 1 or n in reserved or not n})
    if taken:
        raise FileRefusedError(f"columns named twice or reserved: {', '.join(taken)}")


def _csv_header(path: Path) -> list[str]:
    options = pyarrow.csv.ParseOptions(
        newlines_in_values=True, invalid_row_handler=lambda _: "skip"
    )
    try:
        with pyarrow.csv.open_csv(path, parse_options=options) as reader:
            return list(reader.schema.names)
    except pa.ArrowInvalid as error:
        raise FileRefusedError(_csv_reason(str(error))) from error


def _csv_reason(message: str) -> str:
    if "UTF" in message.upper() or "encoding" in message:
        return "another encoding: CSV files are read as UTF-8"
    if "straddling" in message:
        megabytes = settings.CSV_BLOCK_BYTES >> 20
        return f"a row larger than {megabytes} MB, or a broken quote"
    return "not a CSV file that can be read"


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
        if text and (declared == settings.TIMESTAMP or declared == pa.string()):
            return _empty_as_null(column.cast(pa.string()))
        if declared == settings.TIMESTAMP and pa.types.is_timestamp(found) and found.tz is None:
            column = column.cast(pa.timestamp(found.unit, tz="UTC"))
        elif not (text or _may_cast(found, declared)):
            raise pa.ArrowInvalid("another kind of value")
        return _lossless(column, declared)
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


def _may_cast(found: pa.DataType, declared: pa.DataType) -> bool:
    """Casts that keep the meaning: not every one that Arrow offers does (a number as a time)."""
    number = pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    if pa.types.is_null(found):
        return True
    if declared == settings.TIMESTAMP:
        return bool(pa.types.is_timestamp(found) or pa.types.is_date(found))
    if declared == pa.string():
        return bool(number or pa.types.is_boolean(found) or pa.types.is_temporal(found))
    return bool(number)


def _lossless(column: pa.Array, declared: pa.DataType) -> pa.Array:
    cast = column.cast(declared, safe=True)
    if pa.types.is_floating(declared) and not pa.types.is_floating(column.type):
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
