"""Loads again and again: what changes, and what must not."""

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, event, events

ROWS_AND_LOADS = "select event_id, consent, _dlt_load_id, _source_row from events order by 1"


def test_second_load_changes_nothing(loader: Loader) -> None:
    loader.input.csv("a", events("e1", "e2"))
    loader.input.parquet("b", events("e3"))
    loader.input.companies([COMPANY])
    loader.load()
    before = loader.sql(ROWS_AND_LOADS), loader.sql("select * from load_files order by path")
    assert "0 files loaded, 3 unchanged" in loader.load().text
    after = loader.sql(ROWS_AND_LOADS), loader.sql("select * from load_files order by path")
    assert after == before


def test_changed_event_replaces_the_old_one_and_others_keep_their_load(loader: Loader) -> None:
    loader.input.csv("a", events("e1", "e2"))
    loader.load()
    first = dict(loader.sql("select event_id, _dlt_load_id from events"))
    loader.input.csv("a", [event("e1"), event("e2", CONSENT="opt-out")])
    loader.load()
    assert loader.sql("select event_id, consent from events order by 1") == [
        ("e1", "full opt-in"),
        ("e2", "opt-out"),
    ]
    second = dict(loader.sql("select event_id, _dlt_load_id from events"))
    assert second["e1"] == first["e1"] and second["e2"] > first["e2"]


def test_new_file_adds_its_rows(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.input.parquet("b", events("e2"))
    loader.load()
    assert loader.ids() == ["e1", "e2"]
