"""Columns that a delivery adds: taken in as text, reported, and absent again later."""

import pyarrow as pa

from tests.load.conftest import Loader
from tests.load.deliveries import event, events, parquet_table


def test_user_id_of_a_first_load_is_taken_in_and_reported(loader: Loader) -> None:
    loader.input.csv("a", events("e1", USER_ID="007"))
    loader.input.parquet("b", events("e2"))
    assert "New column: events.user_id." in loader.load().text
    assert loader.sql("select event_id, user_id from events order by 1") == [
        ("e1", "007"),
        ("e2", None),
    ]


def test_user_id_that_comes_later_and_goes_again(loader: Loader) -> None:
    loader.input.csv("a", events("e1"), day=1)
    assert "New column" not in loader.load().text
    loader.input.parquet("b", events("e2", USER_ID="u2"), day=2)
    assert "New column: events.user_id." in loader.load().text
    loader.input.csv("c", events("e3"), day=3)
    assert "New column" not in loader.load().text
    assert loader.column("select user_id from events order by event_id") == [None, "u2", None]


def test_event_redelivered_without_its_user_id_loses_it(loader: Loader) -> None:
    loader.input.csv("a", events("e1", USER_ID="u1"), day=1)
    loader.load()
    loader.input.csv("b", events("e1"), day=2)
    loader.load()
    assert loader.column("select user_id from events") == [None]
    assert loader.value("select rows_changed from load_files where path like '%%b.csv'") == 1


def test_new_column_of_different_types_is_text(loader: Loader) -> None:
    number = parquet_table(events("e1")).append_column("EXTRA", pa.array([7]))
    loader.input.parquet("a", number)
    loader.input.csv("b", events("e2", EXTRA="seven"))
    loader.input.parquet("c", parquet_table(events("e3")).append_column("EXTRA", pa.array([1.5])))
    loader.load()
    assert loader.column("select extra from events order by event_id") == ["7", "seven", "1.5"]


def test_new_columns_in_both_formats_of_one_load(loader: Loader) -> None:
    loader.input.csv("a", events("e1", USER_ID="u1", NOTE="n"))
    loader.input.parquet("b", events("e2", USER_ID="u2", OTHER="o"))
    loader.input.csv("c", [event("e3") | {"NOTE": "m"}])
    loader.load()
    assert loader.sql("select user_id, note, other from events order by event_id") == [
        ("u1", "n", None),
        ("u2", None, "o"),
        (None, "m", None),
    ]


def test_new_column_with_an_odd_name(loader: Loader) -> None:
    loader.input.csv("a", [event("e1") | {"50% {off}; drop": "x", "ÜBER": "y", "x" * 80: "z"}])
    loader.load()
    loader.input.csv("a", [event("e1") | {"50% {off}; drop": "X", "ÜBER": "y", "x" * 80: "z"}])
    loader.load()
    ((row,),) = loader.sql("select to_jsonb(e) from events as e")
    assert {"X", "y", "z"} <= set(row.values())


def test_new_column_of_companies(loader: Loader) -> None:
    from tests.load.deliveries import COMPANY, csv_bytes

    loader.input.csv("a", events("e1"))
    path = "country_and_industry/companies.csv"
    loader.input.write(path, csv_bytes([COMPANY | {"SIZE": "large"}]))
    assert "New column: companies.size." in loader.load().text
    assert loader.column("select size from companies") == ["large"]


def test_column_that_is_null_everywhere_is_there(loader: Loader) -> None:
    loader.input.parquet("a", events("e1", EXPERIMENT=None, REGION=None))
    loader.load()
    assert loader.sql("select experiment, region from events") == [(None, None)]
