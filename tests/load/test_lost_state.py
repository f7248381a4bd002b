"""State lost or spoilt by hand: the next run ends in the right state."""

import shutil
from pathlib import Path
from typing import Any

import dlt
import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, event, events
from tests.load.soundness import assert_sound

TABLES = (
    "events",
    "companies",
    "events_quarantine",
    "load_files",
    "_dlt_version",
    "_dlt_loads",
    "_dlt_pipeline_state",
)


def deliver(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", CONSENT="old"), event("bad", RATE="7")], day=1)
    loader.input.parquet("b", [event("e1", CONSENT="new"), event("e2", USER_ID="u2")][:1], day=2)
    loader.input.csv("c", events("e2", USER_ID="u2"), day=3)
    loader.input.companies([COMPANY], day=1)


def state(loader: Loader) -> list[Any]:
    """Everything that must be as before; load ids may be new where rows had to be read again."""
    return [
        loader.sql(
            "select event_id, consent, user_id, _source_file, _source_row, _source_mtime"
            " from events order by 1"
        ),
        loader.sql("select public_api_key, industry_front from companies order by 1"),
        loader.quarantine(),
        loader.outcomes(),
    ]


@pytest.fixture
def loaded(loader: Loader) -> Loader:
    deliver(loader)
    loader.load()
    return loader


@pytest.mark.parametrize("with_new_file", [False, True])
@pytest.mark.parametrize("table", TABLES)
def test_dropped_table_is_made_anew(loaded: Loader, table: str, with_new_file: bool) -> None:
    before = state(loaded)
    loaded.sql(f"drop table {table} cascade")
    if with_new_file:
        loaded.input.csv("d", events("e9"), day=4)
    loaded.load()
    if with_new_file:
        assert "e9" in loaded.ids()
    else:
        assert state(loaded) == before
        loaded.input.csv("d", events("e9"), day=4)
        loaded.load()
    assert_sound(loaded)
    assert loaded.ids() == ["e1", "e2", "e9"]


@pytest.mark.parametrize("with_new_file", [False, True])
@pytest.mark.parametrize("table", [t for t in TABLES if t != "events_quarantine"])
def test_emptied_table_is_filled_again(loaded: Loader, table: str, with_new_file: bool) -> None:
    before = state(loaded)
    loaded.sql(f"truncate {table}")
    if with_new_file:
        loaded.input.csv("d", events("e9"), day=4)
    loaded.load()
    if not with_new_file:
        assert state(loaded) == before
    assert_sound(loaded)
    assert loaded.ids() == ["e1", "e2"] + ["e9"] * with_new_file


def test_quarantine_emptied_by_hand_stays_empty_and_still_counted(loaded: Loader) -> None:
    loaded.sql("delete from events_quarantine")
    loaded.load()
    assert loaded.quarantine() == []
    assert loaded.value("select sum(rows_quarantined) from load_files") == 1
    loaded.load("--full-refresh")
    assert len(loaded.quarantine()) == 1


@pytest.mark.parametrize("dataset", ["consent_raw_staging", "consent_raw"])
def test_dropped_dataset_is_made_anew(loaded: Loader, dataset: str) -> None:
    before = state(loaded)
    loaded.sql(f"drop schema {dataset} cascade")
    loaded.load()
    assert state(loaded) == before
    loaded.input.csv("d", events("e9"), day=4)
    loaded.load()
    assert_sound(loaded)


def test_deleted_working_folder_is_not_missed(loaded: Loader) -> None:
    before = loaded.sql("select * from events order by 1")
    shutil.rmtree(dlt.current.run_context().data_dir)
    assert "4 unchanged" in loaded.load().text
    loaded.input.csv("d", events("e9"), day=4)
    loaded.load()
    assert loaded.sql("select * from events where event_id < 'e9' order by 1") == before
    assert_sound(loaded)


@pytest.mark.parametrize("name", ["state.json", "schemas/consent.schema.json"])
@pytest.mark.parametrize("content", [b"", b'{"half": '])
def test_damaged_working_folder_is_not_missed(loaded: Loader, name: str, content: bytes) -> None:
    (damaged,) = Path(dlt.current.run_context().data_dir).glob(f"pipelines/*/{name}")
    damaged.write_bytes(content)
    loaded.input.csv("d", events("e9"), day=4)
    loaded.load()
    assert loaded.ids() == ["e1", "e2", "e9"]
    assert_sound(loaded)


def test_dropped_index_comes_back_and_no_duplicate_with_it(loaded: Loader) -> None:
    loaded.sql("drop index events_event_id_key")
    loaded.input.csv("d", events("e1", "e9"), day=4)
    loaded.load()
    assert_sound(loaded)
    assert loaded.value("select count(*) from pg_indexes where indexname = 'events_event_id_key'")


def test_duplicate_made_by_hand_is_said_and_full_refresh_mends_it(loaded: Loader) -> None:
    loaded.sql("drop index events_event_id_key")
    loaded.sql("insert into events select * from events where event_id = 'e1'")
    loaded.input.csv("d", events("e9"), day=4)
    result = loaded.run()
    assert result.code != 0 and "--full-refresh" in result.text
    loaded.load("--full-refresh")
    assert_sound(loaded)
    assert loaded.ids() == ["e1", "e2", "e9"]


def test_everything_dropped_that_can_be_dropped(loaded: Loader) -> None:
    before = state(loaded)
    for table in TABLES:
        if table != "load_files":
            loaded.sql(f"drop table {table} cascade")
    loaded.load()
    assert state(loaded) == before
    assert_sound(loaded)


def test_order_key_outlives_a_dropped_table(loaded: Loader) -> None:
    before = loaded.sql("select event_id, consent, _source_mtime from events order by 1")
    loaded.input.csv("a", [event("e1", CONSENT="old")], day=9)
    loaded.load()
    loaded.sql("drop table events cascade")
    loaded.load()
    assert loaded.sql("select event_id, consent, _source_mtime from events order by 1") == before


def test_table_dropped_while_a_file_of_it_is_gone_says_so(loaded: Loader) -> None:
    (loaded.input.root / "events/csv/c.csv").unlink()
    loaded.sql("drop table events cascade")
    result = loaded.run()
    assert result.code == 1 and "Refused: events/csv/c.csv: the file is missing" in result.text
    assert loaded.ids() == ["e1"]


def test_full_refresh_loads_everything_again(loaded: Loader) -> None:
    before = state(loaded)
    first = set(loaded.column("select load_id from _dlt_loads"))
    loaded.load("--full-refresh")
    assert state(loaded) == before
    assert not first & set(loaded.column("select load_id from _dlt_loads"))


def test_full_refresh_with_a_missing_folder_drops_nothing(loaded: Loader) -> None:
    before = state(loaded)
    from pipelines.consent_pipeline import main

    assert main(["--input", str(loaded.input.root / "none"), "--full-refresh"]) == 2
    assert state(loaded) == before


def test_rejected_rows_that_a_run_without_its_lock_added_late_go(loader: Loader) -> None:
    loader.input.csv("a", [event("e1"), event("e2", COUNT="x")])
    loader.load()
    before = loader.quarantine()
    loader.sql(
        "insert into load_files select (jsonb_populate_record(l, jsonb_build_object("
        "'load_id', 'late', 'outcome', 'interrupted', 'is_current', false))).* from load_files as l"
        " where path = 'events/csv/a.csv'"
    )
    loader.sql(
        "insert into events_quarantine select (jsonb_populate_record(q,"
        ' \'{"_dlt_load_id": "late"}\')).* from events_quarantine as q'
    )
    assert len(loader.quarantine()) == 2 * len(before)
    loader.load()
    assert loader.quarantine() == before
