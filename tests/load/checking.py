"""Rows through a reader and the row checks, without a database."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.consent.batches import Rows
from pipelines.consent.checking.rows import RowChecker
from pipelines.consent.discovery.file_kind import FileKind, recognise
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.reading.csv import read_csv
from pipelines.consent.reading.parquet import read_parquet
from pipelines.consent.schema import check_columns, in_database_order
from tests.load.deliveries import EVENT, Folder, Row


def found(path: Path) -> FoundFile:
    """A file, as the discovery finds it."""
    stat = path.stat()
    return FoundFile(path.name, path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def recognised(path: Path) -> tuple[FoundFile, FileKind]:
    """A file and what it is."""
    file = found(path)
    return file, recognise(file)


def read(path: Path) -> tuple[list[Row], list[Row]]:
    """Loaded and rejected rows of a file, both with the names of the database."""
    file, kind = recognised(path)
    check_columns(kind.names)
    table = kind.table
    checker = RowChecker(table, path.name, 0)
    valid: list[Row] = []
    rejected: list[Row] = []
    pieces = (read_csv if kind.format == "csv" else read_parquet)(file, kind)
    for piece in pieces:
        if isinstance(piece, Rows):
            checked = checker.check(piece)
            valid += in_database_order(table, checked.valid).to_pylist()
            rejected += checked.rejected
        else:
            rejected += [checker.malformed(row) for row in piece]
    return valid, rejected


def through_csv(folder: Path, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Rows written as CSV and read."""
    return read(Folder(folder).csv("a", rows))


def through_parquet(folder: Path, rows: Any, **options: Any) -> tuple[list[Row], list[Row]]:
    """Rows (or an Arrow table) written as Parquet and read."""
    return read(Folder(folder).parquet("a", rows, **options))


def reason(folder: Path, **values: Any) -> str | None:
    """Why an event with these CSV texts is rejected; None where it is loaded."""
    valid, rejected = through_csv(folder, [EVENT | values])
    assert len(valid) + len(rejected) == 1
    return rejected[0]["reason"] if rejected else None
