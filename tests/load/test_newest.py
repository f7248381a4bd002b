"""Which version of an event is the newest, whatever order the files arrive in."""

import os
from itertools import permutations

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import event

VERSION = "select consent from events where event_id = 'e1'"


def version(loader: Loader) -> str:
    return str(loader.value(VERSION))


@pytest.mark.parametrize("order", list(permutations("abc"))[::2])
def test_path_first_seen_latest_wins_in_every_order_of_arrival(
    loader: Loader, order: tuple[str, ...]
) -> None:
    days = {"a": 2, "b": 3, "c": 1}
    for name in order:
        loader.input.csv(name, [event(CONSENT=name)], day=days[name])
        loader.load()
    assert version(loader) == "b"


def test_equal_time_stamps_are_settled_by_the_path_by_code_point(loader: Loader) -> None:
    for name in ("é", "b", "B", "a"):
        loader.input.csv(name, [event(CONSENT=name)], day=1)
        loader.load()
    assert version(loader) == "é"


def test_last_row_of_a_file_wins(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT=str(i)) for i in range(5)], day=1)
    loader.load()
    assert version(loader) == "4"
    assert loader.sql("select rows_new, rows_duplicate from load_files") == [(1, 4)]


def test_later_content_of_a_path_wins_with_an_older_time_stamp(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT="first")], day=9)
    loader.load()
    loader.input.csv("a", [event(CONSENT="second")], day=1)
    loader.load()
    assert version(loader) == "second"


def test_rewritten_path_keeps_the_order_of_its_first_sight(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT="a")], day=1)
    loader.input.csv("b", [event(CONSENT="b")], day=2)
    loader.load()
    loader.input.csv("a", [event(CONSENT="a again")], day=9)
    loader.load()
    assert version(loader) == "b"


def test_order_key_goes_over_to_an_identical_event_in_a_newer_file(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT="same")], day=1)
    loader.load()
    first = loader.value("select _dlt_load_id from events")
    loader.input.csv("b", [event(CONSENT="same")], day=3)
    loader.load()
    assert loader.sql("select _source_file, _dlt_load_id from events") == [
        ("events/csv/b.csv", first)
    ]
    loader.input.csv("c", [event(CONSENT="between")], day=2)
    loader.load()
    assert version(loader) == "same"


def test_order_within_and_between_files_of_one_load(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT="a1"), event(CONSENT="a2")], day=3)
    loader.input.parquet("b", [event(CONSENT="b1")], day=2)
    loader.input.csv("c", [event(CONSENT="c1")], day=1)
    loader.load()
    assert version(loader) == "a2"
    assert dict(loader.sql("select path, rows_duplicate from load_files")) == {
        "events/csv/a.csv": 1,
        "events/parquet/b.parquet": 1,
        "events/csv/c.csv": 1,
    }


def test_file_of_1970_is_older_than_all_others(loader: Loader) -> None:
    loader.input.csv("a", [event(CONSENT="a")], day=1)
    loader.input.csv("z", [event(CONSENT="z")])
    os.utime(loader.input.root / "events/csv/z.csv", ns=(0, 0))
    loader.load()
    assert version(loader) == "a"


def test_key_that_differs_in_case_is_another_event(loader: Loader) -> None:
    loader.input.csv("a", [event("abc"), event("ABC"), event("abC")], day=1)
    loader.load()
    assert loader.value("select count(*) from events") == 3
