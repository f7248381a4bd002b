"""How much memory the pages of a Parquet file unpack to, from their headers alone.

A page is the unit that a reader has to unpack whole, and a value that a dictionary or a prefix
repeats costs the file next to nothing: 82 KB can hold gigabytes. The file's own list of contents
does not tell, so the header of each large column's pages is read.

Both are in Thrift's compact protocol. Refused: pyarrow's metadata of a column, which ends the
process where the list of contents is broken in certain ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.errors import FileRefusedError

# Pages of all columns that are in memory at once.
PAGES_BYTES = 128 << 20

_HEADER_BYTES = 4 << 10
_LONGEST_HEADER = 1 << 20
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_OF_DICTIONARY, _OF_PREFIXES = (2, 8), 7
# By physical type: boolean, 32 bits, 64 bits, 96 bits, float, double.
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}
BROKEN = (
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    OverflowError,
    RecursionError,
)


@dataclass
class Page:
    """A page: whether it is the dictionary, its unpacked bytes, its values and their encoding."""

    is_dictionary: bool
    size: int
    values: int
    encoding: int


@dataclass
class Chunk:
    """A column in a row group: its place in the file, its unpacked bytes, and its values.

    `width` is the size of a value, 0 where it varies.
    """

    name: str
    width: int
    begin: int
    end: int
    size: int
    values: int


def rows_at_once(found: FoundFile, file: pyarrow.parquet.ParquetFile, limit: int) -> Iterator[int]:
    """How many rows of each row group unpack to about `limit` bytes at most, wherever they begin.

    A row group is looked at when it is its turn, so that an object's blocks are fetched once.

    Raises:
        FileRefusedError: the pages that have to be in memory together unpack to too much, or the
            file's list of contents is broken.
    """
    try:
        with found.open() as stream:
            for group, (chunks, rows) in enumerate(_row_groups(stream, file)):
                row = _a_row(stream, found, group, chunks, rows, limit)
                yield max(1, int(limit / max(row, 1)))
    except BROKEN:
        raise FileRefusedError("not a whole Parquet file (its contents are broken)") from None


def _row_groups(
    stream: pa.NativeFile, file: pyarrow.parquet.ParquetFile
) -> Iterator[tuple[list[Chunk], int]]:
    """The columns of each row group, and its number of rows."""
    stream.seek(-8, 2)
    length = int.from_bytes(stream.read(4), "little")
    stream.seek(-8 - length, 2)
    contents, _ = _struct(stream.read(length), 0)
    for group in contents[4]:
        chunks = []
        for number, column in enumerate(group[1]):
            about, schema = column[3], file.schema.column(number)
            name = ".".join(part.decode() for part in about[3])
            if name != schema.path:
                raise ValueError(name)
            begin = min(about[9], about.get(11) or about[9])
            width = _WIDTHS.get(about[1]) or max(0, schema.length)
            chunks.append(Chunk(name, width, begin, begin + about[7], about[6], about[5]))
        yield chunks, max(1, group[3])


def _a_row(
    stream: pa.NativeFile, found: FoundFile, group: int, chunks: list[Chunk], rows: int, limit: int
) -> float:
    """Bytes of a row: of the longest one where values are repeated, else of an average one."""
    a_row, at_once = 0.0, 0
    for chunk in chunks:
        if chunk.size * (1 if chunk.width else rows) <= limit // len(chunks):
            a_row += chunk.width or chunk.size  # too small to matter, whatever its pages are like
            continue
        pages = list(_pages(stream, chunk))
        data = [page for page in pages if not page.is_dictionary]
        dictionary = max((page.size for page in pages if page.is_dictionary), default=0)
        at_once += dictionary + max((page.size for page in data), default=0)
        if at_once > PAGES_BYTES:
            raise FileRefusedError(
                f"column {chunk.name} unpacks to more than is held in memory: pages of"
                f" {at_once >> 20:,} MB, with those of the columns before it; the limit is"
                f" {PAGES_BYTES >> 20} MB. Write the file with smaller pages or row groups"
            )
        if chunk.width:
            a_value: float = chunk.width
        elif prefixed := [page.size for page in data if page.encoding == _OF_PREFIXES]:
            a_value = _longest(found, group, chunk, limit // max(prefixed))
        else:
            repeated = _longest_repeated(found, group, chunk, dictionary) if dictionary else 0
            a_value = max((_a_value(page, repeated) for page in data), default=0)
        a_row += a_value * chunk.values / rows  # a list has several values
    return a_row


def _a_value(page: Page, repeated: int) -> float:
    """Bytes of an average value; of the longest one where a value can be repeated."""
    if page.encoding in _OF_DICTIONARY:
        return repeated
    return page.size / page.values if page.values else 0


def _longest_repeated(found: FoundFile, group: int, chunk: Chunk, size: int) -> int:
    """Bytes of the longest value in a column's dictionary; `size`, its own, if it is nested."""
    first = next(_column(found, group, chunk, 1, read_dictionary=[chunk.name]), None)
    if first is None or not pa.types.is_dictionary(first.type):
        return size
    return _length(first.dictionary)


def _longest(found: FoundFile, group: int, chunk: Chunk, rows: int) -> int:
    """Bytes of a column's longest value; reads all of them, a few at a time."""
    return max(map(_length, _column(found, group, chunk, max(1, rows))), default=0)


def _column(
    found: FoundFile, group: int, chunk: Chunk, rows: int, **options: Any
) -> Iterator[pa.Array]:
    with (
        found.open() as stream,
        pyarrow.parquet.ParquetFile(
            stream, pre_buffer=False, buffer_size=1 << 16, **options
        ) as file,
    ):
        for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=[chunk.name]):
            yield batch.column(0)


def _length(values: pa.Array) -> int:
    while pa.types.is_nested(values.type):
        (values,) = values.flatten() if pa.types.is_struct(values.type) else [values.flatten()]
    return int(pc.max(pc.binary_length(values)).as_py() or 0)


def _pages(stream: pa.NativeFile, chunk: Chunk) -> Iterator[Page]:
    """The pages of a column in a row group."""
    position = chunk.begin
    while position < chunk.end:
        header, length = _header(stream, position)
        kind, size, packed = header[1], header[2], header[3]
        about = header.get({_DATA: 5, _DICTIONARY: 7, _DATA_V2: 8}.get(kind, 0), {})
        encoding = about.get(4 if kind == _DATA_V2 else 2, 0)
        if size < 0 or packed < 0:
            raise ValueError(size, packed)
        yield Page(kind == _DICTIONARY, size, about.get(1, 0), encoding)
        position += length + packed


def _header(stream: pa.NativeFile, position: int) -> tuple[dict[int, Any], int]:
    """A page's header, and its length. It may hold the smallest and the largest value."""
    size = _HEADER_BYTES
    while True:
        stream.seek(position)
        data = stream.read(size)
        try:
            return _struct(data, 0)
        except IndexError:
            if len(data) < size or size >= _LONGEST_HEADER:
                raise
            size *= 16


def _struct(data: bytes, at: int) -> tuple[dict[int, Any], int]:
    """A Thrift struct as its values by field, and where it ends.

    Raises:
        IndexError: the data ends within it.
    """
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
        return data[at : at + length], at + length
    if kind in (9, 10):
        return _list(data, at)
    return _struct(data, at)


def _list(data: bytes, at: int) -> tuple[list[Any], int]:
    size, kind, at = data[at] >> 4, data[at] & 15, at + 1
    if size == 15:
        size, at = _varint(data, at)
    values = []
    for _ in range(size):
        value, at = (data[at] == 1, at + 1) if kind in (1, 2) else _value(data, at, kind)
        values.append(value)
        if at > len(data):
            raise IndexError(at)
    return values, at


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
