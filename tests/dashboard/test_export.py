"""Export of the marts: all rows in plain types, described, and nothing half-written."""

import csv
import datetime as dt
import re
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.export import __main__ as export
from dashboard.export import data_dictionary, file_formats
from dashboard.export.mart_rows import Batch
from database.address import Address
from sandbox.warehouse import Warehouse

FEW = ("company_hours", "company_overview", "delivery_coverage")
TYPES = {"key": "text", "is_new": "boolean", "rows": "int64", "rate": "double", "at": "timestamp"}
NOON = dt.datetime(2025, 9, 5, 12, 0, 0, 250_000, dt.UTC)
ROWS: list[Batch] = [
    [("=1+1", True, 7, 0.25, NOON), (None, None, None, None, None)],
    [("a, b\n\"c\"", False, -1, 1e-300, NOON.replace(year=1800))],
]  # fmt: skip


def run(wanted: str, folder: Path | str) -> int:
    return export.main(["--format", wanted, "--output", str(folder)])


@pytest.fixture
def few_marts(monkeypatch: pytest.MonkeyPatch) -> None:
    every = data_dictionary.marts()
    monkeypatch.setattr(
        data_dictionary, "marts", lambda: [mart for mart in every if mart.name in FEW]
    )


def test_every_mart_and_column_has_its_description(configured: Address, built: Warehouse) -> None:
    marts = {mart.name: mart for mart in data_dictionary.marts()}
    columns = built.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts'"
    )
    assert marts.keys() == {mart for mart, _ in columns}
    assert all(marts[mart].columns[column] for mart, column in columns)
    assert all("Grain: one row" in mart.description for mart in marts.values())
    assert "doc(" not in str(marts)


@pytest.mark.usefixtures("few_marts")
def test_parquet_in_plain_types(configured: Address, built: Warehouse, tmp_path: Path) -> None:
    assert run("Parquet", tmp_path / "new" / "folder") == 0
    folder = tmp_path / "new" / "folder"
    assert {f.name for f in folder.iterdir()} == {
        *(f"{mart}.parquet" for mart in FEW), "data_dictionary.csv"
    }  # fmt: skip
    plain = {pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.timestamp("us", tz="UTC")}
    for mart in FEW:
        table = pq.read_table(folder / f"{mart}.parquet")
        assert set(table.schema.types) <= plain
        [(count,)] = built.rows(f"select count(*) from marts.{mart}")
        assert table.num_rows == count
    overview = pq.read_table(folder / "company_overview.parquet").to_pylist()
    names = ("company_id", "event_count", "consent_rate", "is_time_credible")
    assert {tuple(row[name] for name in names) for row in overview} == set(
        built.rows(f"select {', '.join(names)} from marts.company_overview")
    )
    [(first,)] = built.rows("select min(event_date)::timestamp from marts.company_hours")
    days = pq.read_table(folder / "company_hours.parquet")["event_date"].to_pylist()
    assert min(days) == first.replace(tzinfo=dt.UTC)
    lines = list(csv.DictReader((folder / "data_dictionary.csv").open(newline="")))
    assert {line["mart"] for line in lines} == set(FEW)
    types = {(line["mart"], line["column"]): line["type"] for line in lines}
    assert types["company_hours", "event_date"] == "timestamp"


@pytest.mark.slow  # all marts, those with a row per event included
def test_every_mart_is_written(configured: Address, built: Warehouse, tmp_path: Path) -> None:
    assert run("csv", tmp_path) == 0
    marts = {mart.name for mart in data_dictionary.marts()}
    assert {file.stem for file in tmp_path.iterdir()} == marts | {"data_dictionary"}
    for mart in marts:
        [(count,)] = built.rows(f"select count(*) from marts.{mart}")
        with (tmp_path / f"{mart}.csv").open(newline="") as file:
            assert sum(1 for _ in csv.reader(file)) == count + 1, mart


@pytest.mark.usefixtures("few_marts")
def test_a_failure_leaves_the_earlier_files(
    configured: Address,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "company_hours.csv").write_text("earlier")

    def fails(file: Path, types: object, batches: object) -> None:
        if file.name.startswith("delivery"):
            raise OSError(28, "No space left on device")
        file.write_text("half")

    monkeypatch.setitem(file_formats.WRITERS, "csv", fails)
    assert run("csv", tmp_path) == 1
    assert "cannot be written: No space left on device" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["company_hours.csv"]
    assert (tmp_path / "company_hours.csv").read_text() == "earlier"


def test_marts_that_are_not_built_are_named(
    configured: Address,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = [mart for mart in data_dictionary.marts() if mart.name == "company_hours"]
    unknown = data_dictionary.Mart("company_moods", "", {})
    monkeypatch.setattr(data_dictionary, "marts", lambda: [*known, unknown])
    assert run("csv", tmp_path) == 1
    assert "Not built yet, so not exported: company_moods." in capsys.readouterr().err
    assert (tmp_path / "company_hours.csv").exists()


def test_without_marts_it_says_what_to_run(
    fresh_database: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("csv", tmp_path / "folder") == 1
    assert "make run loads input/ and builds them" in capsys.readouterr().err
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize(
    ("wanted", "folder", "says"),
    [
        ("", "x", "FORMAT must be parquet, csv or xlsx: make export"),
        ("pdf", "x", "not 'pdf'"),
        ("csv", "", "OUTPUT must name the folder"),
        ("csv", __file__, "is not one"),
    ],
)
def test_what_is_unclear_is_said(
    wanted: str, folder: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(wanted, folder) == 2
    assert says in capsys.readouterr().err


def test_a_file_of_each_format(tmp_path: Path) -> None:
    for name, write in file_formats.WRITERS.items():
        write(tmp_path / f"rows.{name}", TYPES, iter(ROWS))
    table = pq.read_table(tmp_path / "rows.parquet")
    assert [tuple(row.values()) for row in table.to_pylist()] == [r for b in ROWS for r in b]
    with (tmp_path / "rows.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            list(TYPES),
            ["=1+1", "true", "7", "0.25", "2025-09-05T12:00:00.250000Z"],
            [""] * 5,
            ['a, b\n"c"', "false", "-1", "1e-300", "1800-09-05T12:00:00.250000Z"],
        ]
    [sheet] = sheets(tmp_path / "rows.xlsx")
    assert "<f>" not in sheet and "=1+1" in sheet  # a text, not a formula
    assert "1800-09-05" in sheet


def test_a_large_mart_gets_several_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_formats, "SHEET_ROWS", 2)
    long = "x" * 40_000
    batches: list[Batch] = [[(long,), ("b",)], [("c",)]]
    file_formats.write_xlsx(tmp_path / "rows.xlsx", {"key": "text"}, batches)
    first, second = sheets(tmp_path / "rows.xlsx")
    assert file_formats.CUT in first and long not in first
    assert re.findall(r"<t[^>]*>(\w+)</t>", second) == ["key", "c"]
    file_formats.write_xlsx(tmp_path / "none.xlsx", {"key": "text"}, [])
    assert ["key" in sheet for sheet in sheets(tmp_path / "none.xlsx")] == [True]


def sheets(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as book:
        names = sorted(name for name in book.namelist() if "worksheets/sheet" in name)
        return [book.read(name).decode() for name in names]
