"""How much memory the pages of a Parquet file unpack to, from their headers alone.

A page is the unit that a reader has to unpack whole, and a value that a dictionary or a prefix
repeats costs the file next to nothing: 82 KB can hold gigabytes. The file's own list of contents
does not tell, so the header of each large column's pages is read (Thrift's compact protocol).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.consent.errors import FileRefusedError

# Pages of all columns that are in memory at once.
PAGES_BYTES = 128 << 20

_HEADER_BYTES = 4 << 10
_LONGEST_HEADER = 1 << 20
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_OF_DICTIONARY, _OF_PREFIXES = (2, 8), 7
_WIDTHS = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}


@dataclass
class Page:
    """A page: whether it is the dictionary, its unpacked bytes, its values and their encoding."""

    is_dictionary: bool
    size: int
    values: int
    encoding: int


def rows_at_once(path: Path, file: pyarrow.parquet.ParquetFile, group: int, limit: int) -> int:
    """How many rows of a row group unpack to about `limit` bytes at most, wherever they begin.

    Raises:
        FileRefusedError: the pages that have to be in memory together unpack to too much.
    """
    metadata = file.metadata.row_group(group)
    rows = max(1, metadata.num_rows)
    a_row, at_once = 0.0, 0
    with path.open("rb") as stream:
        for number in range(metadata.num_columns):
            chunk = metadata.column(number)
            width = _WIDTHS.get(chunk.physical_type) or file.schema.column(number).length
            size = chunk.total_uncompressed_size
            if size * (1 if width else rows) <= limit // metadata.num_columns:
                a_row += width or size  # too small to matter, whatever its pages are like
                continue
            pages = list(_pages(stream, chunk))
            dictionary = max((page.size for page in pages if page.is_dictionary), default=0)
            at_once += dictionary + max(p.size for p in pages if not p.is_dictionary)
            if at_once > PAGES_BYTES:
                raise FileRefusedError(
                    f"column {chunk.path_in_schema} unpacks to more than is held in memory: pages"
                    f" of {at_once >> 20:,} MB, with those of the columns before it; the limit is"
                    f" {PAGES_BYTES >> 20} MB. Write the file with smaller pages or row groups"
                )
            if width:
                a_value: float = width
            elif prefixed := [page.size for page in pages if page.encoding == _OF_PREFIXES]:
                a_value = _longest(path, group, chunk, limit // max(prefixed))
            else:
                repeated = _longest_repeated(path, group, chunk, dictionary) if dictionary else 0
                a_value = max(_a_value(page, repeated) for page in pages)
            a_row += a_value * chunk.num_values / rows  # a list has several values
    return max(1, int(limit / max(a_row, 1)))


def _a_value(page: Page, repeated: int) -> float:
    """Bytes of an average value; of the longest one where a value can be repeated."""
    if page.is_dictionary or not page.values:
        return 0
    return repeated if page.encoding in _OF_DICTIONARY else page.size / page.values


def _longest_repeated(path: Path, group: int, chunk: Any, size: int) -> int:
    """Bytes of the longest value in a column's dictionary; `size`, its own, if it is nested."""
    first = next(_column(path, group, chunk, 1, read_dictionary=[chunk.path_in_schema]))
    return _length(first.dictionary) if pa.types.is_dictionary(first.type) else size


def _longest(path: Path, group: int, chunk: Any, rows: int) -> int:
    """Bytes of a column's longest value; reads all of them, a few at a time."""
    return max(map(_length, _column(path, group, chunk, max(1, rows))), default=0)


def _column(path: Path, group: int, chunk: Any, rows: int, **options: Any) -> Iterator[pa.Array]:
    with pyarrow.parquet.ParquetFile(
        path, pre_buffer=False, buffer_size=1 << 16, **options
    ) as file:
        names = [chunk.path_in_schema]
        for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=names):
            yield batch.column(0)


def _length(values: pa.Array) -> int:
    while pa.types.is_nested(values.type):
        (values,) = values.flatten() if pa.types.is_struct(values.type) else [values.flatten()]
    return int(pc.max(pc.binary_length(values)).as_py() or 0)


def _pages(stream: BinaryIO, chunk: Any) -> Iterator[Page]:
    """The pages of a column in a row group."""
    position = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        position = min(position, chunk.dictionary_page_offset)
    end = position + chunk.total_compressed_size
    while position < end:
        header, length = _header(stream, position)
        kind, size, packed = header[1], header[2], header[3]
        about = header.get({_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}.get(kind, 0), {})
        encoding = about.get(4 if kind == _DATA_V2 else 2, 0)
        yield Page(kind == _DICTIONARY, size, about.get(1, 0), encoding)
        position += length + packed


def _header(stream: BinaryIO, position: int) -> tuple[dict[int, Any], int]:
    """A page's header, and its length. It may hold the smallest and the largest value."""
    size = _HEADER_BYTES
    while True:
        stream.seek(position)
        data = stream.read(size)
        try:
            return _struct(data, 0)
        except IndexError:
            if len(data) < size or size >= _LONGEST_HEADER:
                raise FileRefusedError("not a whole Parquet file (a broken page)") from None
            size *= 16


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """A Thrift struct as its whole numbers and structs by field; and where it ends."""
    fields: dict[int, Any] = {}
    field = 0
    while (kind := data[at]) != 0:
        at += 1
        if kind >> 4:
            field += kind >> 4
        else:
            field, at = _number(data, at)
        fields[field], at = _value(data, at, kind & 15)
    return fields, at + 1


def _value(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (1, 2):  # true, false: the kind is the value
        return kind == 1, at
    if kind == 3:
        return data[at], at + 1
    if kind in (4, 5, 6):
        return _number(data, at)
    if kind == 7:
        return None, at + 8
    if kind == 8:
        length, at = _varint(data, at)
        return None, at + length
    if kind in (9, 10):
        size, of, at = data[at] >> 4, data[at] & 15, at + 1
        if size == 15:
            size, at = _varint(data, at)
        for _ in range(size):
            _, at = _value(data, at, of) if of not in (1, 2) else (None, at + 1)
        return None, at
    return _struct(data, at)


def _number(data: bytes, at: int) -> tuple[int, int]:
    coded, at = _varint(data, at)
    return (coded >> 1) ^ -(coded & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        found |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 128:
            return found, at
