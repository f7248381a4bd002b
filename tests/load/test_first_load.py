"""A first load, whose staged table becomes the raw one, ends like any other."""

import pytest

from pipelines.consent.loading import first_load, merge
from pipelines.consent.loading.staged_table import StagedTable
from tests.load.conftest import Loader
from tests.load.deliveries import csv_bytes, event, events
from tests.load.soundness import assert_sound


@pytest.fixture
def promotions(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each merge of the test was a promotion."""
    made: list[bool] = []

    def promote(staged: StagedTable) -> bool:
        made.append(original(staged))
        return made[-1]

    original = first_load.promote
    monkeypatch.setattr(merge, "promote", promote)
    return made


def test_first_load_takes_the_staged_table(loader: Loader, promotions: list[bool]) -> None:
    loader.input.csv("a", events("e1", "e2"))
    loader.load()
    assert True in promotions
    loader.input.csv("b", events("e2", "e3"))
    loader.load()
    assert loader.ids() == ["e1", "e2", "e3"]
    assert_sound(loader)


def test_duplicates_of_a_first_load_are_merged(loader: Loader, promotions: list[bool]) -> None:
    loader.input.csv("a", [event("e1", CONSENT="old")], day=1)
    loader.input.csv("b", [event("e1", CONSENT="new")], day=2)
    loader.load()
    assert loader.sql("select event_id, consent from events") == [("e1", "new")]
    assert_sound(loader)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_rows_of_a_file_refused_half_way_are_not_taken(loader: Loader) -> None:
    rows = [event(f"e{i}", DOMAIN="x" * 2000) for i in range(6000)]
    loader.input.write("events/csv/a.csv", csv_bytes(rows) + b"\xff\n")
    loader.input.csv("b", events("good"))
    assert loader.run().code == 1
    assert loader.ids() == ["good"]


@pytest.mark.parametrize(
    ("put_on", "still_there"),
    [
        ("create view v as select * from events", "select count(*) from v"),
        ("grant select on events to pg_monitor", "select 2 from pg_class where relname = 'events'"
         " and relacl::text like '%%pg_monitor%%'"),
        ("alter table events add check (count > 0)", "select 2 from pg_constraint where contype ="
         " 'c' and conrelid = 'events'::regclass"),
    ],
)  # fmt: skip
def test_what_was_put_on_an_emptied_table_stays(
    loader: Loader, put_on: str, still_there: str
) -> None:
    loader.input.csv("a", events("e1", "e2"))
    loader.load()
    loader.sql(put_on)
    loader.sql("truncate events")
    loader.load()
    assert loader.ids() == ["e1", "e2"]
    assert loader.value(still_there) == 2
