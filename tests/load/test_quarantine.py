"""Rejected rows: where they are found, and what clears them."""

import json

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, csv_bytes, event

BAD = {"RATE": "7"}


def test_rejected_row_is_kept_with_file_number_and_reason(loader: Loader) -> None:
    loader.input.csv("a", [event("e1"), event("e2", **BAD), event("e3", COUNT="ten")])
    result = loader.load()
    assert "events_quarantine" in result.text
    assert loader.ids() == ["e1"]
    assert loader.quarantine() == [
        ("events/csv/a.csv", 2, "RATE out of range"),
        ("events/csv/a.csv", 3, "COUNT is not a whole number"),
    ]
    raw = loader.value("select raw_row from events_quarantine where event_id = 'e2'")
    assert json.loads(raw)["RATE"] == "7" and json.loads(raw)["COUNTRY"] == '"ES"'
    assert loader.column("select distinct _dlt_load_id from events_quarantine") == loader.column(
        "select load_id from load_files"
    )


def test_malformed_record_is_kept_with_its_text(loader: Loader) -> None:
    loader.input.write("events/csv/a.csv", csv_bytes([event("e1")]) + b"e2,too,few\n")
    loader.load()
    assert loader.quarantine() == [("events/csv/a.csv", 2, "wrong number of fields")]
    assert "e2,too,few" in loader.value("select raw_row from events_quarantine")


def test_corrected_file_clears_its_rows(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", **BAD), event("e2", **BAD)])
    loader.load(code=1)
    loader.input.csv("a", [event("e1"), event("e2", **BAD)])
    loader.load()
    assert loader.ids() == ["e1"]
    assert loader.quarantine() == [("events/csv/a.csv", 2, "RATE out of range")]


def test_row_corrected_by_another_file_is_cleared(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", **BAD), event("e2", **BAD)], day=1)
    loader.load(code=1)
    loader.input.parquet("b", [event("e1")], day=2)
    loader.load(code=1)
    assert loader.ids() == ["e1"]
    assert loader.column("select event_id from events_quarantine") == ["e2"]


def test_row_corrected_by_a_file_with_an_older_time_stamp_is_cleared(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", **BAD)], day=5)
    loader.load(code=1)
    loader.input.csv("b", [event("e1")], day=1)
    loader.load(code=1)
    assert loader.ids() == ["e1"] and loader.quarantine() == []


def test_good_and_bad_version_in_two_files_of_one_load(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", **BAD), event("e2")], day=1)
    loader.input.csv("b", [event("e1"), event("e2", **BAD)], day=2)
    loader.load()
    assert loader.ids() == ["e1", "e2"]
    assert loader.column("select event_id from events_quarantine") == ["e2"]


def test_good_and_bad_version_in_one_file_are_both_there(loader: Loader) -> None:
    loader.input.csv("a", [event("e1"), event("e1", **BAD)])
    loader.load()
    assert loader.ids() == ["e1"] and len(loader.quarantine()) == 1


def test_unchanged_quarantine_stays_as_it_is(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", **BAD)])
    loader.load(code=1)
    before = loader.sql("select * from events_quarantine")
    loader.load(code=1)
    loader.input.csv("b", [event("e2")])
    loader.load(code=1)
    assert loader.sql("select * from events_quarantine") == before


def test_company_without_a_key_is_rejected(loader: Loader) -> None:
    loader.input.companies([COMPANY, COMPANY | {"PUBLIC_API_KEY": ""}])
    loader.load(code=1)
    assert loader.sql("select table_name, reason from events_quarantine") == [
        ("companies", "missing PUBLIC_API_KEY")
    ]


def test_file_whose_rows_are_all_bad_stays_to_be_delivered_again(loader: Loader) -> None:
    loader.input.csv("a", [event(f"e{i}", **BAD) for i in range(50)])
    loader.load(code=1)
    assert loader.ids() == [] and len(loader.quarantine()) == 50
    text = loader.load(code=1).text
    assert "1 unchanged" in text
    assert "Not loaded: events/csv/a.csv: every row was rejected; deliver it again" in text


def test_report_says_per_file_why_rows_were_rejected(loader: Loader) -> None:
    rows = [event("e1"), event("e2", **BAD), event("", COUNT="1"), event("e4", **BAD)]
    loader.input.csv("a", rows)
    text = loader.load().text
    assert "events/csv/a.csv: RATE out of range, in 2 rows, the first one 2" in text
    assert "events/csv/a.csv: missing EVENT_ID, in row 3" in text


def test_report_of_many_rejections_is_cut_short_and_says_so(loader: Loader) -> None:
    for number in range(25):
        loader.input.csv(f"f{number}", [event(f"e{number}", **BAD)])
    text = loader.load(code=1).text
    assert text.count("Rejected: ") == 20 and "and 5 more such lines" in text
