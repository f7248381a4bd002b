"""Rows -> the bytes of Postgres' binary COPY, a batch at a time and without a loop over its rows.

The format (Postgres' manual, COPY, Binary Format): a header; per row the number of its columns and
per column four bytes of length, -1 for null, and the value, all big-endian; a trailer. The pieces
of a row are columns of Arrow's, which joins them; lengths and values of fixed size that follow each
other are one piece.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.consent.arrow_text import bytes_of, offsets_of

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_NULL, _EIGHT = -1, 8
_LENGTH, _INTEGER, _FLOAT = np.dtype(">i4"), np.dtype(">i8"), np.dtype(">f8")
# Postgres counts microseconds from 2000 on, Arrow from 1970 on.
_EPOCH = 946_684_800 * 1_000_000


def encode(batch: pa.RecordBatch) -> memoryview:
    """The rows of a batch, between header and trailer.

    Args:
        batch: columns of text, 64-bit integers, doubles, and microseconds in UTC.

    Raises:
        TypeError: a column of another type.
    """
    pieces = _Pieces(batch.num_rows)
    pieces.fixed(np.full(batch.num_rows, batch.num_columns, ">i2"))
    for column in batch.columns:
        if pa.types.is_string(column.type):
            _text(pieces, column)
        else:
            _number(pieces, column)
    return pieces.joined()


def _text(pieces: _Pieces, column: pa.StringArray) -> None:
    pieces.fixed(np.where(_valid(column), np.diff(offsets_of(column)), _NULL).astype(_LENGTH))
    if column.null_count < len(column):
        pieces.variable(column.cast(pa.binary()))


def _number(pieces: _Pieces, column: pa.Array) -> None:
    values = _big_endian(column)
    pieces.fixed(np.where(_valid(column), _EIGHT, _NULL).astype(_LENGTH))
    if column.null_count == 0:
        pieces.fixed(values)
    else:
        pieces.variable(_binary(values, column.is_valid()))


def _big_endian(column: pa.Array) -> npt.NDArray[np.generic]:
    """A column's values; where it is null, some."""
    if pa.types.is_floating(column.type):
        return np.asarray(column.fill_null(0.0)).astype(_FLOAT)
    if column.type == pa.timestamp("us", tz="UTC"):
        return (np.asarray(column.cast(pa.int64()).fill_null(_EPOCH)) - _EPOCH).astype(_INTEGER)
    if column.type == pa.int64():
        return np.asarray(column.fill_null(0)).astype(_INTEGER)
    raise TypeError(f"no rule to copy {column.type}")


def _valid(column: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def _binary(values: npt.NDArray[np.generic], valid: pa.BooleanArray | None = None) -> pa.Array:
    """Values of fixed size as an Arrow column of their bytes; null where they are not `valid`."""
    count, size = len(values), values.dtype.itemsize
    offsets = np.arange(0, (count + 1) * size, size, dtype=np.int32)
    data = pa.py_buffer(np.ascontiguousarray(values).view(np.uint8))
    column = pa.BinaryArray.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), data])
    return column if valid is None else pc.if_else(valid, column, pa.scalar(None, pa.binary()))


class _Pieces:
    """The pieces of every row, in order."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._columns: list[pa.Array] = []
        self._pending: list[npt.NDArray[np.generic]] = []

    def fixed(self, values: npt.NDArray[np.generic]) -> None:
        """Adds a value of the same size to each row."""
        self._pending.append(values)

    def variable(self, column: pa.BinaryArray) -> None:
        """Adds some bytes to each row, none where the column is null."""
        self._flush()
        self._columns.append(column)

    def joined(self) -> memoryview:
        """All rows, one after the other."""
        self._flush()
        rows = pc.binary_join_element_wise(
            *self._columns,
            pa.scalar(b"", pa.binary()),
            null_handling="replace",
            null_replacement="",
        )
        return bytes_of(rows)[: offsets_of(rows)[-1]].data

    def _flush(self) -> None:
        """What is pending, side by side, becomes one piece."""
        if not self._pending:
            return
        names = [str(number) for number in range(len(self._pending))]
        types = [(name, part.dtype) for name, part in zip(names, self._pending, strict=True)]
        together = np.empty(self._rows, dtype=types)
        for name, part in zip(names, self._pending, strict=True):
            together[name] = part
        self._columns.append(_binary(together))
        self._pending = []
