"""Writers of one table's file: batches of rows -> Parquet, CSV or Excel."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from dashboard.export.mart_rows import Batch

ARROW = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "text": pa.string(),
}
SHEET_ROWS = 1_048_575
"""Rows below the heading that a sheet of Excel takes; the others go to further sheets."""
CELL_LETTERS = 32_767
"""Letters that a cell of Excel takes."""
CUT = " … (cut)"

Types = dict[str, str]
"""Column -> plain type (`mart_rows.PLAIN`)."""


def write_parquet(file: Path, types: Types, batches: Iterable[Batch]) -> None:
    """Writes a Parquet file; a batch becomes a row group."""
    schema = pa.schema([(name, ARROW[kind]) for name, kind in types.items()])
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            columns = zip(*batch, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def write_csv(file: Path, types: Types, batches: Iterable[Batch]) -> None:
    """Writes a CSV file with a heading, in UTF-8; a missing value is an empty cell."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(types)
        for batch in batches:
            writer.writerows([_text(value) for value in row] for row in batch)


def write_xlsx(file: Path, types: Types, batches: Iterable[Batch]) -> None:
    """Writes an Excel file, row by row.

    Texts are never formulas, and are cut where a cell takes no more. Times are UTC; those before
    1901, which Excel does not know, and what is not a finite number are texts.
    """
    # The folder for sheets that are not finished is that of the file: the machine's may be small.
    options = {"constant_memory": True, "tmpdir": str(file.parent)}
    with xlsxwriter.Workbook(str(file), options) as book:
        heading = book.add_format({"bold": True})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        sheet, place = None, SHEET_ROWS
        for row in chain.from_iterable(batches):
            if place == SHEET_ROWS:
                sheet, place = _sheet(book, types, heading), 0
            place += 1
            for column, value in enumerate(row):
                _write_cell(sheet, place, column, value, time)
        if sheet is None:
            _sheet(book, types, heading)


def _sheet(book: Any, types: Types, heading: Any) -> Any:
    """A further sheet, with the heading."""
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(types):
        sheet.write_string(0, column, name, heading)
    return sheet


def _write_cell(sheet: Any, row: int, column: int, value: object, time: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, dt.datetime) and value.year >= 1901:
        sheet.write_datetime(row, column, value.replace(tzinfo=None), time)
    elif isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        sheet.write_number(row, column, value)
    else:
        text = str(value)
        is_long = len(text) > CELL_LETTERS
        sheet.write_string(row, column, text[: CELL_LETTERS - len(CUT)] + CUT if is_long else text)


def _text(value: object) -> object:
    """How a value is written in CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


WRITERS: dict[str, Callable[[Path, Types, Iterable[Batch]], None]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "xlsx": write_xlsx,
}
"""The formats, by the names that files end with."""
