"""Small deliveries: rows -> CSV or Parquet files in the layout of an input folder."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from pipelines.consent.names import EVENT_FIELDS

Row = dict[str, Any]

EVENT: Row = {
    "EVENT_ID": "e1",
    "TYPE": "consent.given",
    "RATE": "0.1000000015",
    "PARAMETERS": '{\n  "action": "click"\n}',
    "EVENT_TIME": "2025-09-05 01:14:29.602",
    "WINDOW_START": "2025-09-05 01:00:00.000",
    "APIKEY": "company-1",
    "CONSENT": "full opt-in",
    "COUNT": "10",
    "EXPERIMENT": None,
    "SDK_TYPE": "web",
    "DOMAIN": "example.org",
    "DEPLOYMENT_ID": "d1",
    "COUNTRY": '"ES"',
    "REGION": '"CM"',
    "BROWSER_FAMILY": "Firefox",
    "DEVICE_TYPE": "phablet",
}
COMPANY: Row = {
    "PUBLIC_API_KEY": "company-1",
    "INDUSTRY_BACK": "Media > News",
    "INDUSTRY_FRONT": "Media",
    "HQ_COUNTRY": None,
}
PARQUET_TYPES = {"RATE": pa.float64(), "COUNT": pa.int64(), "EXPERIMENT": pa.float64()}

# A first time stamp for paths; days are added to it.
START_NS = 1_757_000_000 * 10**9
DAY_NS = 86_400 * 10**9


def event(event_id: str = "e1", **values: Any) -> Row:
    """A valid event as its CSV texts, but for the given values."""
    return EVENT | {"EVENT_ID": event_id} | values


def events(*ids: str, **values: Any) -> list[Row]:
    """Several of them."""
    return [event(i, **values) for i in ids]


def csv_bytes(rows: Sequence[Mapping[str, Any]], columns: Iterable[str] | None = None) -> bytes:
    """Rows as CSV with a header; quotes doubled, null and '' as the empty field."""
    names = list(columns or (rows[0] if rows else EVENT))
    lines: list[Sequence[object]] = [names, *([row.get(name) for name in names] for row in rows)]
    return "".join(",".join(map(_field, line)) + "\n" for line in lines).encode()


def _field(value: object) -> str:
    # Not the csv module: it leaves a carriage return unquoted.
    text = "" if value is None else str(value)
    quoted = any(mark in text for mark in '",\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text


def parquet_table(
    rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType] | None = None
) -> pa.Table:
    """Rows as Arrow: RATE as double, COUNT as int64, EXPERIMENT as null doubles, the rest text."""
    known = {**PARQUET_TYPES, **(types or {})}
    names = list(rows[0] if rows else EVENT)
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name not in (types or {}) and name in ("RATE", "COUNT"):
            convert = float if name == "RATE" else int
            values = [None if value is None or value == "" else convert(value) for value in values]
        columns[name] = pa.array(values, known.get(name, pa.string()))
    return pa.table(columns)


def parquet_bytes(
    rows: Sequence[Mapping[str, Any]] | pa.Table, types: Mapping[str, pa.DataType] | None = None
) -> bytes:
    """Rows as a Parquet file."""
    table = rows if isinstance(rows, pa.Table) else parquet_table(rows, types)
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    return bytes(sink.getvalue().to_pybytes())


class Folder:
    """An input folder. `day` sets a file's time stamp: days after `START_NS`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "events" / "csv").mkdir(parents=True, exist_ok=True)

    def write(self, path: str, content: bytes, day: float | None = None) -> Path:
        """A file of any content."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if day is not None:
            stamp = START_NS + int(day * DAY_NS)
            os.utime(file, ns=(stamp, stamp))
        return file

    def csv(self, name: str, rows: Sequence[Mapping[str, Any]], day: float | None = None) -> Path:
        """An events file."""
        return self.write(f"events/csv/{name}.csv", csv_bytes(rows), day)

    def parquet(
        self,
        name: str,
        rows: Sequence[Mapping[str, Any]] | pa.Table,
        day: float | None = None,
        types: Mapping[str, pa.DataType] | None = None,
    ) -> Path:
        """An events file."""
        return self.write(f"events/parquet/{name}.parquet", parquet_bytes(rows, types), day)

    def companies(self, rows: Sequence[Mapping[str, Any]], day: float | None = None) -> Path:
        """The company file."""
        path = "country_and_industry/industry and country.csv"
        return self.write(path, csv_bytes(rows, COMPANY), day)


DATA_COLUMNS = ", ".join(name.lower() for name in EVENT_FIELDS)
