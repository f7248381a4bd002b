"""Which values of a row load, and for which reason the others are rejected."""

from math import inf, nan
from pathlib import Path

import pyarrow as pa
import pytest

from tests.load.checking import reason, through_csv, through_parquet
from tests.load.deliveries import EVENT, event, events, parquet_table

OUT_OF_RANGE = "RATE out of range"


@pytest.mark.parametrize("name", ["EVENT_ID", "APIKEY", "TYPE"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_row_without_key_is_rejected(tmp_path: Path, name: str, value: str | None) -> None:
    assert reason(tmp_path, **{name: value}) == f"missing {name}"


def test_key_too_long_for_an_index_is_rejected(tmp_path: Path) -> None:
    assert reason(tmp_path, EVENT_ID="x" * 1001) == "EVENT_ID too long"
    assert reason(tmp_path, APIKEY="é" * 501) == "APIKEY too long"
    assert reason(tmp_path, EVENT_ID="x" * 1000) is None


@pytest.mark.parametrize(
    "text",
    [
        *["1", "1.0", "0.1000000015", "1e-3", " 0.5 ", ".5", "+1", "1.0000001", "0.000001"],
        *["0,1", "1,0", None, "NaN", "nan", "NULL", " null "],
    ],
)
def test_rate_in_range_loads(tmp_path: Path, text: str | None) -> None:
    assert reason(tmp_path, RATE=text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0.1",
        "1.000001",
        "2",
        "inf",
        "1e999",
        "1e-999",
        "1e-7",
        "x",
        "0x1",
        "1,5",
    ],
)
def test_rate_out_of_range_is_rejected(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, RATE=text) == OUT_OF_RANGE


def test_rate_is_kept_as_delivered(tmp_path: Path) -> None:
    ((row,), _) = through_csv(tmp_path, [event(RATE="0.1000000015")])
    assert row["rate"] == 0.1000000015


def test_rate_that_is_not_a_number_is_missing(tmp_path: Path) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(RATE=nan)])
        assert row["rate"] is None


@pytest.mark.parametrize("value", [inf, -inf, 0.0, -0.1, 1.1])
def test_rate_of_parquet_out_of_range_is_rejected(tmp_path: Path, value: float) -> None:
    valid, (row,) = through_parquet(tmp_path, [event("e1"), event("e2", RATE=value)])
    assert [v["event_id"] for v in valid] == ["e1"]
    assert (row["reason"], row["_source_row"]) == (OUT_OF_RANGE, 2)
    assert f'"RATE":"{value}"' in row["raw_row"] or f'"RATE":{value}' in row["raw_row"]


@pytest.mark.parametrize(
    ("text", "count"),
    [("10", 10), ("10.0", 10), ("10.", 10), ("+7", 7), (" 3 ", 3), ("0" * 30 + "12", 12)]
    + [("1e1", 10), ("1E+01", 10), ("1.5e1", 15), ("1.0e+2", 100), ("100e-1", 10)],
)
def test_whole_count_loads(tmp_path: Path, text: str, count: int) -> None:
    ((row,), _) = through_csv(tmp_path, [event(COUNT=text)])
    assert row["count"] == count


@pytest.mark.parametrize("text", ["1.5", "1e-1", "ten", "nan", "", None, "1 0", "0x10"])
def test_count_that_is_no_whole_number_is_rejected(tmp_path: Path, text: str | None) -> None:
    assert reason(tmp_path, COUNT=text) == "COUNT is not a whole number"


@pytest.mark.parametrize(
    "text", ["0", "-1", "-0", "1" + "0" * 18 + "1", "9" * 40, "9" * 40 + ".0", "1e300", "1e19"]
)
def test_count_out_of_range_is_rejected(tmp_path: Path, text: str) -> None:
    assert reason(tmp_path, COUNT=text) == "COUNT out of range"


@pytest.mark.parametrize("value", [0, -1, 2**62])
def test_count_of_parquet_out_of_range_is_rejected(tmp_path: Path, value: int) -> None:
    _, (row,) = through_parquet(tmp_path, [event(COUNT=value)])
    assert row["reason"] == "COUNT out of range"


@pytest.mark.parametrize(
    "text",
    ["\\N", "NULL", "null", "NaN", "nan", "None", "NaT", "<NA>", " NULL ", "  ", "\t", "\u00a0"],
)
def test_words_for_nothing_are_null_in_every_column(tmp_path: Path, text: str) -> None:
    names = set(EVENT) - {"EVENT_ID", "TYPE", "EVENT_TIME", "APIKEY", "COUNT"}
    types = dict.fromkeys(names, pa.string())
    given = [event(USER_ID="u", NOTE=text, **dict.fromkeys(names, text)), event("e2", NOTE="n")]
    for valid, rejected in (
        through_csv(tmp_path, given),
        through_parquet(tmp_path, given, types=types),
    ):
        assert {valid[0][name.lower()] for name in [*names, "NOTE"]} == {None}
        assert valid[1]["note"] == "n" and not rejected
    assert reason(tmp_path, EVENT_ID=text) == "missing EVENT_ID"


def test_na_is_nothing_where_it_cannot_be_namibia(tmp_path: Path) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(COUNTRY="NA", REGION="NA", DOMAIN="NA", CONSENT="NA")])
        assert (row["country"], row["region"], row["domain"], row["consent"]) == (
            *("NA", "NA"),
            *(None, None),
        )


@pytest.mark.parametrize(
    "text", ["n/a", "#N/A", "none", "Nullius", "Nonesuch", "true", "007", "\\n"]
)
def test_words_that_may_mean_something_are_data(tmp_path: Path, text: str) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(EVENT_ID=text, COUNTRY=text, DOMAIN=text)])
        assert (row["event_id"], row["country"], row["domain"]) == (text, text, text)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "@SUM(A1)", "-2", "'; drop table events; --", "%s", "{0}", "\\", "a\tb", "💶"],
)
def test_formula_and_sql_like_values_are_data(tmp_path: Path, text: str) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(EVENT_ID=text, DOMAIN=text)])
        assert (row["event_id"], row["domain"]) == (text, text)


def test_empty_text_is_null_in_both_formats(tmp_path: Path) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(
            tmp_path, [event(DOMAIN="", PARAMETERS="", WINDOW_START="", REGION=None)]
        )
        assert {row[n] for n in ("domain", "parameters", "window_start", "region")} == {None}


@pytest.mark.parametrize("name", ["EVENT_ID", "DOMAIN", "PARAMETERS", "COUNTRY"])
def test_nul_character_is_rejected(tmp_path: Path, name: str) -> None:
    for read in (through_csv, through_parquet):
        valid, (row,) = read(tmp_path, [event("e1"), event("e2") | {name: '"a\0b"'}])
        assert row["reason"] == "NUL character" and len(valid) == 1
        assert not any("\0" in str(value) for value in row.values())


def test_first_reason_is_given_and_every_row_goes_one_way(tmp_path: Path) -> None:
    rows = [
        event(f"e{i}", RATE="0" if i % 2 else "1", COUNT="x" if i % 3 else "1") for i in range(60)
    ]
    valid, rejected = through_csv(tmp_path, rows)
    assert sorted(r["_source_row"] for r in [*valid, *rejected]) == list(range(1, 61))
    assert rejected[0]["_source_row"] == 2 and rejected[0]["reason"] == OUT_OF_RANGE


def test_very_long_value_loads(tmp_path: Path) -> None:
    ((row,), _) = through_csv(tmp_path, [event(DOMAIN="x" * 1_000_000)])
    assert len(row["domain"]) == 1_000_000


def test_columns_that_are_all_null_load(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("RATE", "PARAMETERS", "WINDOW_START", "CONSENT", "REGION", "DOMAIN"))
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event() | nothing])
        assert row["rate"] is None and row["experiment"] is None


def test_slices_of_a_batch_are_checked_at_their_own_rows() -> None:
    from pipelines.consent.batches import Rows
    from pipelines.consent.checking.rows import RowChecker

    rows = [event(f"e{i}", PARAMETERS="{" if i == 7 else '{"i":' + str(i) + "}") for i in range(10)]
    table = parquet_table(rows, {"EXPERIMENT": pa.string()})
    batch = table.to_batches()[0].slice(5, 4)
    checked = RowChecker("events", "a", 0).check(Rows(batch, pa.array([6, 7, 8, 9])))
    assert checked.valid["EVENT_ID"].to_pylist() == ["e5", "e6", "e8"]
    assert [(r["_source_row"], r["event_id"]) for r in checked.rejected] == [(8, "e7")]


def test_quarantined_row_holds_what_was_delivered(tmp_path: Path) -> None:
    _, (row,) = through_csv(tmp_path, [event("e9", RATE="2", DOMAIN=None)])
    assert row["event_id"] == "e9" and row["apikey"] == "company-1"
    assert '"RATE":"2"' in row["raw_row"] and '"DOMAIN":null' in row["raw_row"]


def test_user_id_is_text_in_both_formats(tmp_path: Path) -> None:
    rows = [event(USER_ID="0042"), *events("e2", USER_ID=None)]
    for read in (through_csv, through_parquet):
        valid, _ = read(tmp_path, rows)
        assert [row["user_id"] for row in valid] == ["0042", None]
