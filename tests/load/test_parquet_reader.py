"""Parquet files: columns of other types load; a value that does not fit costs its row."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from pipelines.consent.errors import FileRefusedError
from tests.load.checking import read, through_parquet
from tests.load.deliveries import EVENT, Folder, csv_bytes, event, events, parquet_table

KEY = UUID("0a000000-0000-4000-8000-00000000000a")
UUIDS = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([KEY.bytes], pa.binary(16)))
JSONS = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": 1}']))
MAPS = pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))
SECOND_MICRO = datetime(1970, 1, 1, microsecond=1, tzinfo=UTC)


def column(folder: Path, name: str, array: pa.Array) -> list[Any]:
    """What is loaded of a column that has these values."""
    rows = events(*(f"e{i}" for i in range(len(array))))
    table = parquet_table(rows)
    table = table.set_column(table.schema.get_field_index(name), name, array)
    valid, rejected = through_parquet(folder, table)
    assert not rejected
    return [row[name.lower()] for row in valid]


def refusal(folder: Path, name: str, array: pa.Array) -> str:
    with pytest.raises(FileRefusedError) as error:
        column(folder, name, array)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "array", "expected"),
    [
        ("RATE", pa.array([0.5, 1.0], pa.float32()), [0.5, 1.0]),
        ("RATE", pa.array([Decimal("0.25")], pa.decimal128(9, 4)), [0.25]),
        ("RATE", pa.array([1, None], pa.int8()), [1.0, None]),
        ("RATE", pa.array(["0.5", "1"]), [0.5, 1.0]),
        ("RATE", pa.array([None], pa.null()), [None]),
        ("COUNT", pa.array([10.0, 3.0]), [10, 3]),
        ("COUNT", pa.array([7], pa.uint16()), [7]),
        ("COUNT", pa.array([Decimal("10.00")], pa.decimal128(9, 2)), [10]),
        ("COUNT", pa.array(["12"]), [12]),
        ("EVENT_ID", pa.array([12, 13]), ["12", "13"]),
        ("EVENT_ID", pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        ("EVENT_ID", UUIDS, [str(KEY)]),
        ("EVENT_ID", pa.array([b"a"]), ["a"]),
        ("EVENT_ID", pa.array([b"a"], pa.binary(1)), ["a"]),
        ("EVENT_ID", pa.array([b"a", b"b"]).dictionary_encode(), ["a", "b"]),
        ("RATE", pa.array([Decimal("0.1"), None], pa.decimal128(38, 18)), [0.1, None]),
        ("RATE", pa.array([0.1, float("nan")]), [0.1, None]),
        ("COUNT", pa.array([Decimal(10)], pa.decimal128(38, 0)), [10]),
        ("EVENT_TIME", pa.array([1_001], pa.timestamp("ns", "Europe/Paris")), [SECOND_MICRO]),
        ("PARAMETERS", JSONS, ['{"a": 1}']),
        ("PARAMETERS", pa.array([{"a": [1, None]}, None]), ['{"a":[1,null]}', None]),
        ("DOMAIN", pa.array([["x", "y"], []]), ['["x","y"]', "[]"]),
        ("DOMAIN", MAPS, ['{"k":1}']),
        ("DOMAIN", pa.array([b"caf\xc3\xa9", b""], pa.large_binary()), ["café", None]),
        ("DOMAIN", pa.array(["a", ""], pa.large_string()), ["a", None]),
        ("DOMAIN", pa.array(["a", None], pa.string_view()), ["a", None]),
        ("DOMAIN", pa.array([True]), ["true"]),
        ("EXPERIMENT", pa.array(["arm-a"]), ["arm-a"]),
        ("EXPERIMENT", pa.array([None], pa.null()), [None]),
        ("PARAMETERS", pa.array(["{}", ""], pa.large_string()), ["{}", None]),
    ],
    ids=str,
)
def test_types_that_lose_nothing_load(
    tmp_path: Path, name: str, array: pa.Array, expected: list[Any]
) -> None:
    assert column(tmp_path, name, array) == expected


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("RATE", pa.array([True])),
        ("RATE", pa.array([datetime(2025, 1, 1)])),
        ("COUNT", pa.array([datetime(2025, 1, 1)])),
        ("EVENT_TIME", pa.array([1_757_035_936])),
        ("EVENT_TIME", pa.array([1.5])),
    ],
    ids=str,
)
def test_types_of_another_meaning_refuse_the_file(
    tmp_path: Path, name: str, array: pa.Array
) -> None:
    message = refusal(tmp_path, name, array)
    assert message.startswith(f"column {name} is {array.type}, which is not read as ")


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("RATE", pa.array([1, 2**60 + 1]), "RATE out of range"),
        ("RATE", pa.array(["0.5", "a half"]), "RATE out of range"),
        ("RATE", pa.array([0.5, float("inf")]), "RATE out of range"),
        ("COUNT", pa.array([10, 1.5]), "COUNT is not a whole number"),
        ("COUNT", pa.array([10, 2**63], pa.uint64()), "COUNT out of range"),
        ("COUNT", pa.array([10, 1e300]), "COUNT out of range"),
        ("COUNT", pa.array(["10", "1.5"]), "COUNT is not a whole number"),
        (
            "COUNT",
            pa.array([Decimal("10.00"), Decimal("1.50")], pa.decimal128(9, 2)),
            "COUNT is not a whole number",
        ),
        ("COUNT", pa.array([10, float("nan")]), "COUNT is not a whole number"),
        ("EVENT_TIME", pa.array([1, 10**11 * 5], pa.timestamp("s")), "EVENT_TIME is not a time"),
    ],
    ids=str,
)
def test_value_that_does_not_fit_costs_its_row(
    tmp_path: Path, name: str, array: pa.Array, reason: str
) -> None:
    table = parquet_table(events("e1", "e2"))
    table = table.set_column(table.schema.get_field_index(name), name, array)
    valid, rejected = through_parquet(tmp_path, table)
    assert [row["event_id"] for row in valid] == ["e1"]
    assert [(row["event_id"], row["reason"]) for row in rejected] == [("e2", reason)]


def test_date_is_midnight(tmp_path: Path) -> None:
    (time,) = column(tmp_path, "EVENT_TIME", pa.array([date(2025, 9, 5)]))
    assert time.isoformat() == "2025-09-05T00:00:00+00:00"


def test_nanoseconds_that_are_whole_microseconds_load(tmp_path: Path) -> None:
    (time,) = column(tmp_path, "EVENT_TIME", pa.array([1_000], pa.timestamp("ns", "UTC")))
    assert time.microsecond == 1


def test_text_that_is_not_utf_8_refuses_the_file(tmp_path: Path) -> None:
    bad = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"caf\xe9"[1:])
    )
    assert refusal(tmp_path, "DOMAIN", bad) == "column DOMAIN holds text that is not UTF-8"


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = Folder(tmp_path).parquet("a", events(*map(str, range(100))))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(FileRefusedError, match="not a whole Parquet file"):
        read(path)


def test_what_a_file_is_does_not_follow_from_its_name(tmp_path: Path) -> None:
    valid, _ = read(Folder(tmp_path).write("a.parquet", csv_bytes(events("e1"))))
    assert [row["event_id"] for row in valid] == ["e1"]


def test_missing_column_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="missing columns: COUNT, DOMAIN"):
        through_parquet(tmp_path, parquet_table([EVENT]).drop_columns(["COUNT", "DOMAIN"]))


def test_column_named_twice_refuses_the_file(tmp_path: Path) -> None:
    table = parquet_table([EVENT]).append_column("Event Id", pa.array(["x"]))
    with pytest.raises(FileRefusedError, match="named twice or reserved: event_id"):
        through_parquet(tmp_path, table)


def test_rows_are_numbered_across_batches_and_row_groups(tmp_path: Path) -> None:
    rows = [event(f"e{i}") for i in range(1, 9001)]
    valid, _ = through_parquet(tmp_path, rows)
    assert all(row["event_id"] == f"e{row['_source_row']}" for row in valid)
    assert len(valid) == 9000


def test_file_without_rows_loads(tmp_path: Path) -> None:
    assert through_parquet(tmp_path, parquet_table([EVENT]).slice(0, 0)) == ([], [])
