"""What a file is follows from its content: every form of the same rows gives the same table."""

import bz2
import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.consent.errors import FileRefusedError
from tests.load.checking import found, read, recognised
from tests.load.conftest import Loader
from tests.load.deliveries import (
    COMPANY,
    DATA_COLUMNS,
    EVENT,
    Folder,
    Row,
    csv_bytes,
    event,
    events,
    parquet_table,
)

ROWS = [
    event("e1", PARAMETERS='{"a": "b \\"c\\" d\\n", "w": "C:\\\\x"}', RATE="0.5"),
    event("e2", PARAMETERS="[1, 2]", DOMAIN="a;b\tc|d,e", RATE="1.0"),
    event("e3", PARAMETERS=None, DOMAIN="café.example", RATE=None),
]
PLAIN = csv_bytes(ROWS)


def separated(separator: str, header: Callable[[str], str] = str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([[header(name) for name in EVENT], *(row.values() for row in ROWS)])
    return text.getvalue().encode()


def backslashed(rows: list[Row], quoting: Any = csv.QUOTE_ALL) -> bytes:
    """As Spark writes it, or pandas."""
    text = io.StringIO()
    writer = csv.writer(
        text, doublequote=False, escapechar="\\", lineterminator="\n", quoting=quoting
    )
    writer.writerows([list(EVENT), *(row.values() for row in rows)])
    return text.getvalue().encode()


def only_quotes_backslashed() -> bytes:
    """Backslashes before quotes only, where no value has one of its own."""
    rows = [row | {"PARAMETERS": '{"a": "b\\n"}'} for row in ROWS]
    values = [[(v or "").replace('"', '\\"') for v in row.values()] for row in rows]
    lines = ['"' + '","'.join(line) + '"' for line in [list(EVENT), *values]]
    return "\n".join(lines).encode()


FORMS: dict[str, tuple[bytes, str]] = {
    "plain": (PLAIN, ""),
    "mark": (b"\xef\xbb\xbf" + PLAIN, ""),
    "gzip": (gzip.compress(PLAIN), "compressed with gzip"),
    "gzip in members": (gzip.compress(PLAIN[:99]) + gzip.compress(PLAIN[99:]), "gzip"),
    "bz2": (bz2.compress(PLAIN), "compressed with bz2"),
    "zstd": (pa.compress(PLAIN, "zstd", asbytes=True), "compressed with zstd"),
    "UTF-16": (PLAIN.decode().encode("utf-16"), "encoded in UTF-16"),
    "UTF-16, big end": (b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"), "encoded in UTF-16"),
    "UTF-32": (PLAIN.decode().encode("utf-32"), "encoded in UTF-32"),
    "semicolons": (separated(";"), "separated by semicolons"),
    "tabs": (separated("\t"), "separated by tabs"),
    "bars": (separated("|"), "separated by vertical bars"),
    "Excel": (b"\xef\xbb\xbfsep=;\r\n" + separated(";"), "first line names the separator"),
    "Excel, commas": (b"sep=,\n" + PLAIN, "its first line names the separator"),
    "Excel, Unicode text": (
        separated("\t").decode().encode("utf-16"),
        "encoded in UTF-16; separated by tabs",
    ),
    "lower case": (separated(",", str.lower), "event_id as EVENT_ID"),
    "blanks": (separated(",", lambda n: n.replace("_", " ").title()), "Event Id as EVENT_ID"),
    "padded": (separated(",", lambda n: f" {n} "), ""),
    "quoted": (PLAIN.replace(b"EVENT_ID,TYPE", b'"EVENT_ID","TYPE"'), ""),
    "camel case": (
        separated(",", lambda n: n.title().replace("_", "")),
        "EventId as EVENT_ID",
    ),
    "Spark's quotes": (backslashed(ROWS), "quotes in its values follow backslashes"),
    "pandas' quotes": (
        backslashed(ROWS, csv.QUOTE_MINIMAL),
        "quotes in its values follow backslashes",
    ),
    "gzip, semicolons": (gzip.compress(separated(";")), "compressed with gzip; separated by"),
}


def loaded(path: Path) -> list[Row]:
    valid, rejected = read(path)
    assert not rejected
    return valid


@pytest.mark.parametrize(("content", "assumed"), FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, content: bytes, assumed: str) -> None:
    path = tmp_path / "x.any"
    path.write_bytes(PLAIN)
    expected = loaded(path)
    path.write_bytes(content)
    assert loaded(path) == expected
    _, kind = recognised(path)
    said = "; ".join(kind.assumptions)
    assert assumed in said and bool(assumed) == bool(said)


def test_backslashes_that_are_not_doubled_stay(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(only_quotes_backslashed())
    assert {row["parameters"] for row in loaded(path)} == {'{"a": "b\\n"}'}


@pytest.mark.parametrize("form", ["Spark", "pandas", "UTF-16", "Excel", "gzip", "bz2"])
def test_rows_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    from pipelines.consent.reading import csv as reader

    monkeypatch.setattr(reader, "CSV_BLOCK_BYTES", 2000)
    rows = [
        row | {"EVENT_ID": f"{number} {row['EVENT_ID']}"} for number in range(60) for row in ROWS
    ]
    content = {
        "Spark": backslashed(rows),
        "pandas": backslashed(rows, csv.QUOTE_MINIMAL),
        "UTF-16": csv_bytes(rows).decode().encode("utf-16"),
        "Excel": b"sep=,\n" + csv_bytes(rows),
        "gzip": gzip.compress(csv_bytes(rows)),
        "bz2": bz2.compress(csv_bytes(rows)),
    }
    path = tmp_path / "x.csv"
    path.write_bytes(content[form])
    delivered = [(row["EVENT_ID"], row["PARAMETERS"]) for row in rows]
    assert [(row["event_id"], row["parameters"]) for row in loaded(path)] == delivered


def test_values_that_are_not_quoted(tmp_path: Path) -> None:
    """As Hive and psql's COPY write them."""
    rows = [event("e1", PARAMETERS='{"a": 1}'), event("e2", PARAMETERS='["x"]')]
    lines = [list(EVENT), *(list(row.values()) for row in rows)]
    path = tmp_path / "x"
    path.write_bytes("\n".join("\t".join(v or "" for v in line) for line in lines).encode())
    assert [row["parameters"] for row in loaded(path)] == ['{"a": 1}', '["x"]']
    assert "its values are not quoted" in recognised(path)[1].assumptions


def test_columns_without_a_name_are_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for header, value in ((b",EVENT_ID", b"0,e"), (b"Unnamed: 0,EVENT_ID", b"7,e")):
        content = csv_bytes(events("e1", "e2")).replace(b"EVENT_ID", header)
        path.write_bytes(content.replace(b"\ne", b"\n" + value))
        assert [row["event_id"] for row in loaded(path)] == ["e1", "e2"]
        assert recognised(path)[1].assumptions == ("column 1 has no name and is left out",)
    path.write_bytes(csv_bytes(events("e1")).replace(b"\n", b",\n"))
    assert [row["event_id"] for row in read(path)[0] + read(path)[1]] == ["e1"]
    assert recognised(path)[1].assumptions == ("column 18 has no name and is left out",)


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_rows_with_one_field_more_or_fewer_than_the_header(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    """A separator ends each row or the header only; R numbers the rows without a name."""
    path = tmp_path / "x.csv"
    rows = events("e1", "e2", PARAMETERS="{}")
    header, first, second, _ = csv_bytes(rows).decode().split("\n")
    found = {
        "column 18 has no name and is left out": [header, f"{first},", f"{second},"],
        "column 1 has no name and is left out": [header, f'"1",{first}', f'"2",{second}'],
        "differ by a nameless column": [f"{header},", first, second],
    }
    for assumed, lines in found.items():
        path.write_bytes(packed("\n".join(lines).encode()))
        valid, rejected = read(path)
        assert [(row["event_id"], row["_source_row"]) for row in valid] == [("e1", 1), ("e2", 2)]
        assert not rejected and assumed in "; ".join(recognised(path)[1].assumptions)


def test_header_that_fits_some_rows_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    header, first, second, _ = csv_bytes(events("e1", "e2", PARAMETERS="{}")).decode().split("\n")
    path.write_bytes("\n".join([header, f"{first},", second, "a,b"]).encode())
    valid, rejected = read(path)
    assert [row["event_id"] for row in valid] == ["e2"]
    assert [row["_source_row"] for row in rejected] == [1, 3]


def test_numbers_of_malformed_rows_below_a_header_of_another_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.consent.discovery import csv_dialect

    monkeypatch.setattr(csv_dialect, "_ROWS_COMPARED", 2)
    path = tmp_path / "x.csv"
    lines = csv_bytes(events("e1", "e2", "e3", PARAMETERS="{}")).decode().split("\n")
    path.write_bytes("\n".join([lines[0], *(f"{line}," for line in lines[1:3]), "a,b"]).encode())
    valid, rejected = read(path)
    assert [row["_source_row"] for row in valid] == [1, 2]
    assert [(row["_source_row"], row["reason"]) for row in rejected] == [
        (3, "wrong number of fields")
    ]


def test_index_of_pandas_in_parquet_is_left_out(tmp_path: Path) -> None:
    table = parquet_table(events("e1")).append_column("__index_level_0__", pa.array([5]))
    path = Folder(tmp_path).parquet("a", table)
    ((row,), _) = read(path)
    assert "__index_level_0__" not in row and "_index_level_0_" not in "".join(row)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PLAIN.decode().encode("cp1252"), "another encoding"),
        (b"PK\x03\x04" + PLAIN, "a zip archive or an Excel workbook"),
        (b"Obj\x01" + PLAIN, "an Avro file"),
        (b'[{"EVENT_ID": 1}]', "JSON: events and companies are read from CSV and Parquet"),
        (b"\xfd7zXZ\x00" + PLAIN, "compressed with xz"),
        (gzip.compress(gzip.compress(PLAIN)), "a compressed file compressed with gzip"),
        (gzip.compress(b"PAR1" + PLAIN), "a Parquet file compressed with gzip"),
        (gzip.compress(PLAIN)[:-9], "its compressed data ends too early: it was cut off"),
        (bz2.compress(PLAIN)[:-9], "its compressed data ends too early: it was cut off"),
        (PLAIN.split(b"\n", 1)[1], "neither events nor companies"),
        (separated(";").replace(b"RATE;", b""), "separated by semicolons; missing columns: RATE"),
        (PLAIN.replace(b"RATE", b"Count"), "missing columns: RATE"),
        (b"'" + PLAIN.replace(b",", b"','"), "its values are in single quotes"),
        (gzip.compress(PLAIN) + b"garbage", "its gzip data is damaged"),
        (b"\xef\xbb\xbf\n\n", "empty: it has no header"),
        (gzip.compress(b""), "empty: it has no header"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_read_is_refused_with_what_it_is(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefusedError, match=reason):
        read(path)


def test_file_of_many_members_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = csv_bytes(events(*(f"e{n}" for n in range(300)))).splitlines(keepends=True)
    path.write_bytes(b"".join(map(gzip.compress, lines)))
    assert len(loaded(path)) == 300


def test_folders_name_columns(loader: Loader) -> None:
    rows = [{k: v for k, v in event(i).items() if k != "COUNTRY"} for i in ("e1", "e2")]
    for row, country in zip(rows, ("FR", "__HIVE_DEFAULT_PARTITION__"), strict=True):
        folder = f"x.parquet/dt=2025-09-05/Country={country}"
        loader.input.write(f"{folder}/part-0", csv_bytes([row]))
    said = loader.load().text
    assert "columns of its folders: dt, COUNTRY" in said
    assert loader.sql("select event_id, country, dt from events order by 1") == [
        ("e1", "FR", "2025-09-05"),
        ("e2", None, "2025-09-05"),
    ]


def test_csv_compressed_csv_and_parquet_give_the_same_table(loader: Loader) -> None:
    rows = [event(f"e{n}", PARAMETERS=f'{{"n": {n}}}', RATE="0.5") for n in range(50)]
    columns = f"select {DATA_COLUMNS} from events order by event_id"
    tables = []
    parquet = loader.input.parquet("a", rows).read_bytes()
    for content in (csv_bytes(rows), gzip.compress(csv_bytes(rows)), parquet):
        (loader.input.root / "events/parquet/a.parquet").write_bytes(content)
        loader.load("--full-refresh")
        tables.append(loader.sql(columns))
    assert len(tables[0]) == 50 and tables[0] == tables[1] == tables[2]


def test_files_anywhere_and_of_any_name_are_read(loader: Loader) -> None:
    loader.input.write("Events/CSV/a", csv_bytes(events("e1")))
    loader.input.write("companies/b.txt", csv_bytes([COMPANY]))
    loader.input.write("c.CSV.GZ", gzip.compress(csv_bytes([COMPANY | {"PUBLIC_API_KEY": "c2"}])))
    parquet = loader.input.parquet("d", events("e2", RATE=0.5))
    parquet.rename(loader.input.root / "d.csv")
    said = loader.load().text
    assert "Assumed: c.CSV.GZ: compressed with gzip" in said
    assert loader.ids() == ["e1", "e2"]
    assert loader.column("select public_api_key from companies order by 1") == ["c2", "company-1"]
    kinds = "select table_name, format, assumptions from load_files order by path"
    assert loader.sql(kinds) == [
        ("events", "csv", ""),
        ("companies", "csv", "compressed with gzip"),
        ("companies", "csv", ""),
        ("events", "parquet", ""),
    ]


def test_companies_in_parquet(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    names = list(COMPANY)
    table = pa.table({name: pa.array([COMPANY[name]], pa.string()) for name in names})
    loader.input.parquet("companies", table)
    loader.load()
    assert loader.column("select public_api_key from companies") == ["company-1"]


def test_file_of_which_no_row_is_loaded_is_an_error_until_it_is_delivered_again(
    loader: Loader,
) -> None:
    loader.input.csv("a", events("e1"))
    loader.input.csv("b", events("e2", COUNT="x"))
    for _ in range(2):
        result = loader.run()
        assert result.code == 1
        assert "Not loaded: events/csv/b.csv: every row was rejected" in result.text
    loader.input.csv("b", events("e2"))
    loader.load()


def test_header_alone_is_loaded_and_an_empty_folder_is_an_error(loader: Loader) -> None:
    result = loader.run()
    assert result.code == 1 and "No event file was found" in result.text
    loader.input.write("a.csv", csv_bytes(events("e1")).splitlines()[0])
    assert "1 files loaded" in loader.load().text
    loader.load()


def test_left_out_files_have_their_row_and_their_line(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.input.write("events/csv/_SUCCESS", b"")
    loader.input.write("events/csv/_temporary/0/a.csv", csv_bytes(events("e2")))
    for _ in range(2):
        said = loader.load().text
        assert "Left out: events/csv/_SUCCESS: its name begins with" in said
    assert loader.outcomes() == {
        "events/csv/a.csv": "loaded",
        "events/csv/_SUCCESS": "left out",
        "events/csv/_temporary": "left out",
    }
    assert loader.value("select count(*) from load_files") == 3 and loader.ids() == ["e1"]


def test_full_refresh_drops_nothing_for_a_folder_without_a_delivery(loader: Loader) -> None:
    path = loader.input.csv("a", events("e1"))
    loader.load()
    path.rename(loader.input.root / "_a.csv")
    result = loader.run("--full-refresh")
    assert result.code == 2 and "nothing was dropped" in result.text
    assert loader.ids() == ["e1"] and not found(loader.input.root / "_a.csv").refusal
