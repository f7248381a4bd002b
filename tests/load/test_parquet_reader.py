"""Parquet files: columns of other types load where nothing is lost, else the file is refused."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.consent.errors import FileRefusedError
from tests.load.checking import read, through_parquet
from tests.load.deliveries import EVENT, Folder, event, events, parquet_table


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
        ("RATE", pa.array(["a half"])),
        ("RATE", pa.array([True])),
        ("RATE", pa.array([2**60 + 1])),
        ("RATE", pa.array([datetime(2025, 1, 1)])),
        ("COUNT", pa.array([1.5])),
        ("COUNT", pa.array([2**63], pa.uint64())),
        ("COUNT", pa.array(["1.5"])),
        ("COUNT", pa.array([Decimal("1.50")], pa.decimal128(9, 2))),
        ("COUNT", pa.array([float("nan")])),
        ("EVENT_TIME", pa.array([1_757_035_936])),
        ("EVENT_TIME", pa.array([1], pa.timestamp("ns"))),
        ("EVENT_TIME", pa.array([1.5])),
        ("PARAMETERS", pa.array([{"action": "click"}])),
        ("DOMAIN", pa.array([b"bytes"])),
        ("DOMAIN", pa.array([{"a": 1}])),
    ],
    ids=str,
)
def test_types_that_do_not_cast_losslessly_refuse_the_file(
    tmp_path: Path, name: str, array: pa.Array
) -> None:
    message = refusal(tmp_path, name, array)
    assert message.startswith(f"column {name} is {array.type} and does not cast losslessly to ")


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


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.99])
def test_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = Folder(tmp_path).parquet("a", events(*map(str, range(100))))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(FileRefusedError, match="not a whole Parquet file"):
        read(path)


def test_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = Folder(tmp_path).write("a.parquet", b"EVENT_ID,TYPE\n" * 10)
    with pytest.raises(FileRefusedError, match="not a whole Parquet file"):
        read(path)


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
