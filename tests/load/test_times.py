"""Which texts are points in time, and which."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.consent.checking.timestamps import parse_time, parse_times
from tests.load.checking import reason, through_csv, through_parquet
from tests.load.deliveries import event, events

NINE = datetime(2025, 9, 5, 9, 52, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-09-05 09:52:16", NINE),
        ("2025-09-05 9:52:16", NINE),
        ("2025-09-05T09:52:16Z", NINE),
        ("2025-09-05t9:52:16z", NINE),
        ("2025-9-5 9:52:16", NINE),
        (" 2025-09-05 09:52:16 ", NINE),
        ("2025-09-05 09:52", NINE.replace(second=0)),
        ("2025-09-05 11:52:16+02:00", NINE),
        ("2025-09-05 07:22:16 -0230", NINE),
        ("2025-09-05 09:52:16.602", NINE + timedelta(milliseconds=602)),
        ("2025-09-05 9:52:16.6", NINE + timedelta(milliseconds=600)),
        ("2025-09-05 09:52:16.123456", NINE + timedelta(microseconds=123456)),
        ("2025-09-05 09:52:16.123456789Z", NINE + timedelta(microseconds=123456)),
        ("2025-09-05 11:52:16+02", NINE),
        ("2025-09-05 11:52:16.000+02", NINE),
        ("2025-09-05T11:52:16+0200", NINE),
        ("2025-09-05 09:52:16 UTC", NINE),
        ("2025-09-05 09:52:16.000000000 UTC", NINE),
        ("2025-09-05T09:52:16,602Z", NINE + timedelta(milliseconds=602)),
        ("20250905T095216Z", NINE),
        ("20250905T115216.5+0200", NINE + timedelta(milliseconds=500)),
        ("2025-W36-5T09:52:16Z", NINE),
        ("2025-248T09:52:16Z", NINE),
        ("2025-09-04T24:00:00", datetime(2025, 9, 5, tzinfo=UTC)),
        ("0001-01-01 00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2024-02-29 00:00:00", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_forms_of_a_time(text: str, time: datetime) -> None:
    assert parse_times(pa.array([text])).to_pylist() == [time]
    assert parse_time(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "2025-13-01 00:00:00",
        "2025-02-30 00:00:00",
        "2025-09-05 24:00:01",
        "2025-366T00:00:00",
        "2025-W54-1T00:00:00",
        "2025-09-05 23:59:60",
        "2025-09-05 09:60:00",
        "0000-01-01 00:00:00",
        "0001-01-01 00:00:00+14:00",
        "2025-09-05",
        "05/09/2025 09:52:16",
        "2025-09-05 09:52:16 Europe/Paris",
        "2025-09-05 09:52:16+25:00",
        "1757035936",
        "now",
        "infinity",
        "2025-09-05 09:52:16.",
        "２０２５-09-05 09:52:16",
    ],
)
def test_no_time_is_rejected(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, EVENT_TIME=text) == "EVENT_TIME is not a time"
    assert reason(tmp_path, WINDOW_START=text) == "WINDOW_START is not a time"


def test_event_time_is_required_and_window_start_is_not(tmp_path: Path) -> None:
    assert reason(tmp_path, EVENT_TIME="") == "EVENT_TIME is not a time"
    assert reason(tmp_path, WINDOW_START="") is None


def test_one_bad_time_spoils_no_other_of_its_batch(tmp_path: Path) -> None:
    rows = events("e1", "e2", "e3", "e4")
    rows[1] |= {"EVENT_TIME": "2025-02-30 00:00:00"}
    rows[2] |= {"EVENT_TIME": "2025-09-05T9:52:16Z"}
    valid, rejected = through_csv(tmp_path, rows)
    assert [row["event_id"] for row in valid] == ["e1", "e3", "e4"]
    assert valid[1]["event_time"] == NINE and len(rejected) == 1


@pytest.mark.parametrize(
    "forms",
    [
        ["2025-09-05 11:52:16+02", "2025-09-05 09:52:16 UTC", "2025-09-05T09:52:16"],
        ["2025-09-05T09:52:16.000000000Z", "2025-09-05 07:22:16-02:30", None],
        ["2025-09-05 11:52:16+0200", "2025-W36-5T09:52:16Z"],
    ],
)
def test_forms_may_be_mixed(forms: list[str | None]) -> None:
    assert parse_times(pa.array(forms)).to_pylist() == [form and NINE for form in forms]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris"])
def test_parquet_timestamps_of_every_unit_and_zone(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    types = {"EVENT_TIME": pa.timestamp(unit, tz=zone)}
    time = NINE if zone else NINE.replace(tzinfo=None)
    ((row,), _) = through_parquet(tmp_path, [event(EVENT_TIME=time)], types=types)
    assert row["event_time"] == NINE


@pytest.mark.parametrize("value", [2**62, -(2**62)])
def test_parquet_timestamp_beyond_the_years_is_rejected(tmp_path: Path, value: int) -> None:
    types = {"EVENT_TIME": pa.timestamp("us", tz="UTC")}
    _, (row,) = through_parquet(tmp_path, [event(EVENT_TIME=value)], types=types)
    assert row["reason"] == "EVENT_TIME is not a time"
