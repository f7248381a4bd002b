"""What a file is, and how it is read: told from its content, never from its name or folder.

The one place where a file becomes events or companies, in CSV or Parquet: magic numbers first, then
the header. What had to be assumed is listed, for the report and the ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet

from pipelines.consent.discovery.csv_dialect import (
    Dialect,
    candidates,
    with_columns_of_rows,
    with_quoting,
)
from pipelines.consent.discovery.header import Header, best_header, mapped
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.errors import FileRefusedError

# As much of a file as is looked at.
HEAD_BYTES = 1 << 20

PARQUET_MAGIC = b"PAR1"
_COMPRESSIONS: dict[str, re.Pattern[bytes]] = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL),
    "bz2": re.compile(rb"BZh[1-9]"),
}
_NOT_READ: dict[bytes, str] = {
    b"PARE": "a Parquet file with an encrypted footer",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\xfd7zXZ\x00": "a file compressed with xz",
    b"\x04\x22\x4d\x18": "a file compressed with lz4",
    b"\xff\x06\x00\x00sNaPpY": "a file compressed with snappy",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a rar archive",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF document",
    b"{": "JSON",
    b"[": "JSON",
    b"<": "XML or HTML",
}
_PARTITION = re.compile(r"([^=/]+)=([^/]*)")
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class FileKind:
    """How a file is read.

    `columns` has the name of every column in the raw table by its position, None for one that is
    left out; `partitions` are columns whose value is the same in every row. `dialect` is that of a
    CSV file.
    """

    table: str
    format: str
    columns: tuple[str | None, ...]
    partitions: tuple[tuple[str, str | None], ...] = ()
    compression: str | None = None
    dialect: Dialect = Dialect()
    assumptions: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of every row."""
        return [name for name in self.columns if name is not None] + [p[0] for p in self.partitions]


def recognise(found: FoundFile) -> FileKind:
    """What a file is.

    Raises:
        FileRefusedError: it is neither events nor companies, or cannot be read.
    """
    start = b""
    try:
        with found.open() as stream:
            start = stream.read(16)
            if start.startswith(PARQUET_MAGIC):
                stream.seek(0)
                return _parquet(found, pyarrow.parquet.read_schema(stream).names)
            compression = _compression(start)
            stream.seek(0)
            plain = pa.CompressedInputStream(stream, compression) if compression else stream
            head = plain.read(HEAD_BYTES)
            if head.startswith(PARQUET_MAGIC) or (compression and _compression(head)):
                what = "a Parquet file" if head.startswith(PARQUET_MAGIC) else "a compressed file"
                raise FileRefusedError(f"{what} compressed with {compression}: unpack it once")
            return _csv(found, head, compression, is_whole=len(head) < HEAD_BYTES)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FileRefusedError(
            unreadable(error, start[:4]), for_now=getattr(error, "errno", None) is not None
        ) from error


def unreadable(error: Exception, magic: bytes = b"") -> str:
    """Why Arrow or the system cannot read a file, as a sentence."""
    if isinstance(error, OSError) and error.errno:  # Arrow's own have none
        return f"cannot be read ({error.strerror})"
    first_line = str(error).splitlines()[0][:120]
    if "Truncated compressed stream" in first_line:
        return "its compressed data ends too early: it was cut off"
    if compression := _compression(magic):
        return f"its {compression} data is damaged ({first_line})"
    return f"not a whole Parquet file ({first_line})"


def _compression(start: bytes) -> str | None:
    return next((name for name, magic in _COMPRESSIONS.items() if magic.match(start)), None)


def _parquet(found: FoundFile, names: list[str]) -> FileKind:
    header = mapped(names, _partitions(found))
    _refuse_unless_whole(header, "")
    return FileKind(
        header.table, "parquet", header.columns, header.partitions, assumptions=header.assumptions
    )


def _csv(found: FoundFile, head: bytes, compression: str | None, *, is_whole: bool) -> FileKind:
    for magic, what in _NOT_READ.items():
        if head.lstrip(b"\xef\xbb\xbf \r\n\t" if len(magic) == 1 else b"").startswith(magic):
            raise FileRefusedError(f"{what}: events and companies are read from CSV and Parquet")
    dialects = candidates(head, is_whole=is_whole)
    partitions = _partitions(found)
    dialect, header = best_header([(d, mapped(d.names, partitions)) for d in dialects])
    if not any(dialect.names):
        raise FileRefusedError("empty: it has no header")
    _refuse_unless_whole(header, dialect.assumption)
    if all(name.strip().startswith("'") for name in dialect.names):
        raise FileRefusedError("its values are in single quotes; CSV files have double ones")
    dialect = with_quoting(dialect, head, is_whole=is_whole)
    dialect = with_columns_of_rows(dialect, head, is_whole=is_whole)
    if dialect.differ:
        header = mapped(dialect.names, partitions)
    assumptions = [f"compressed with {compression}"] if compression else []
    assumptions += [*dialect.assumptions, *header.assumptions]
    return FileKind(
        header.table,
        "csv",
        header.columns,
        header.partitions,
        compression,
        dialect,
        tuple(assumptions),
    )


def _refuse_unless_whole(header: Header, found: str) -> None:
    found = f"{found}; " if found else ""
    if not header.matched:
        raise FileRefusedError(
            f"{found}neither events nor companies: none of their columns is in its header"
        )
    if header.missing:
        raise FileRefusedError(f"{found}missing columns: {', '.join(header.missing)}")


def _partitions(found: FoundFile) -> list[tuple[str, str | None]]:
    """Columns that the folders of a file name, as `dt=2025-09-05` does."""
    folders = found.path.split("/")[:-1]
    pairs = [match.groups() for folder in folders if (match := _PARTITION.fullmatch(folder))]
    return [(unquote(n), None if v == _NO_PARTITION else unquote(v)) for n, v in pairs]
