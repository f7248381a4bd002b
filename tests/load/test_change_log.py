"""The change log says which events joined the raw table and which left it (see also soundness)."""

import pytest

from pipelines.consent.loading import merge
from tests.load.conftest import Loader
from tests.load.deliveries import event, events
from tests.load.soundness import LOG_DIFFERS, assert_sound

LOG = (
    "select c.company_id, c.event_date::text, dense_rank() over (order by c.row_load_id),"
    " rows_joined, rows_left from event_changes as c"
    " where load_id = (select max(load_id) from _dlt_loads) order by 1, 2, 3"
)
A, B = "company-1", "company-2"


@pytest.fixture
def loaded(loader: Loader) -> Loader:
    """Three events of two days in one file."""
    rows = [*events("e1", "e2"), event("e3", EVENT_TIME="2025-09-06 00:00:00")]
    loader.input.csv("a", rows, day=1)
    loader.load()
    return loader


def test_a_first_load(loaded: Loader) -> None:
    assert loaded.sql(LOG) == [(A, "2025-09-05", 1, 2, 0), (A, "2025-09-06", 1, 1, 0)]
    assert_sound(loaded)


def test_a_load_with_new_and_changed_events(loaded: Loader) -> None:
    """e1 moves to another company, e2 changes, e3 moves to another day and e4 is new."""
    rows = [
        event("e1", APIKEY=f" {B} "),
        event("e2", CONSENT="opt-out"),
        event("e3", EVENT_TIME="2025-09-05 23:59:59"),
        event("e4"),
    ]
    loaded.input.csv("a", rows, day=2)
    loaded.load()
    assert loaded.sql(LOG) == [
        (A, "2025-09-05", 1, 0, 2),
        (A, "2025-09-05", 2, 3, 0),
        (A, "2025-09-06", 1, 0, 1),
        (B, "2025-09-05", 2, 1, 0),
    ]
    assert_sound(loaded)


def test_what_changes_no_event_writes_nothing(loaded: Loader) -> None:
    """A newer file with the same events gives them its order key; an older one loses."""
    loaded.input.csv("b", events("e1", "e2"), day=2)
    loaded.input.csv("c", [event("e1", CONSENT="old")], day=0)
    loaded.load()
    assert loaded.value("select count(*) from load_files where rows_unchanged = 2") == 1
    assert loaded.value("select count(distinct load_id) from event_changes") == 1
    assert_sound(loaded)


def test_duplicates_count_once(loader: Loader) -> None:
    loader.input.csv("a", [*events("e1", "e1", "e2")], day=1)
    loader.load()
    assert loader.sql(LOG) == [(A, "2025-09-05", 1, 2, 0)]


def test_a_merge_that_fails_leaves_nothing(loaded: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded.input.csv("b", events("e9"), day=2)
    count = merge._COUNT
    monkeypatch.setattr(merge, "_COUNT", "select 1 / 0")
    assert loaded.run().code != 0
    assert loaded.value("select count(distinct load_id) from event_changes") == 1
    assert loaded.sql(LOG_DIFFERS) == []
    monkeypatch.setattr(merge, "_COUNT", count)
    loaded.input.csv("b", [*events("e9", "e8")], day=2)
    loaded.load()
    assert_sound(loaded)


@pytest.mark.parametrize("lost", ["drop table event_changes", "truncate event_changes"])
def test_a_log_that_is_missing_is_filled_from_the_raw_table(loaded: Loader, lost: str) -> None:
    loaded.input.csv("a", [event("e1", APIKEY=B)], day=2)
    loaded.load()
    loaded.sql(lost)
    assert "0 files loaded" in loaded.load().text
    assert_sound(loaded)
    assert loaded.value("select sum(rows_joined) from event_changes") == 3
    assert loaded.value("select count(*) from event_changes where load_id <> row_load_id") == 0


def test_events_that_somebody_deleted_all_left(loaded: Loader) -> None:
    loaded.sql("delete from events")
    loaded.load()
    assert_sound(loaded)
    left = "select sum(rows_left) from event_changes where load_id like 'emptied before %%'"
    assert loaded.value(left, "") == 3


def test_a_full_refresh_starts_a_new_log(loaded: Loader) -> None:
    loaded.load("--full-refresh")
    assert_sound(loaded)
    assert loaded.value("select count(distinct load_id) from event_changes") == 1


def test_a_company_is_named_as_in_the_models(loader: Loader) -> None:
    """Trimmed; a name of more than 200 bytes becomes its first 40 characters and a hash."""
    loader.input.csv("a", [event("e1", APIKEY=" b "), event("e2", APIKEY="é" * 101)], day=1)
    loader.load()
    names = loader.column("select company_id from event_changes order by event_date, company_id")
    assert names[0] == "b"
    assert names[1].startswith("é" * 40 + "…") and len(names[1]) == 73
