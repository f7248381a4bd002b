"""Ways in which a load with dlt loses or corrupts data without an error, and that this one stops.

Where processes must be killed or run at once, the simplest case is here; tests/faults makes many
rounds of it.
"""

import os
from typing import Any

import dlt
import psycopg2
import pyarrow as pa
import pytest

from pipelines.consent.loading import merge
from pipelines.consent.loading.staged_table import StagedTable
from pipelines.consent.run import make_pipeline
from tests.load.conftest import Loader
from tests.load.deliveries import START_NS, csv_bytes, event, events, parquet_table
from tests.load.soundness import assert_sound


def test_type_drift_never_reinterprets_bits(loader: Loader) -> None:
    loader.input.csv("a", events("e1", COUNT="3"))
    drifted = parquet_table(events("e2"))
    index = drifted.schema.get_field_index("COUNT")
    loader.input.parquet("b", drifted.set_column(index, "COUNT", pa.array([1.5])))
    whole = parquet_table(events("e3"))
    loader.input.parquet("c", whole.set_column(index, "COUNT", pa.array([7.0])))
    result = loader.run()
    assert result.code == 1 and "COUNT is not a whole number" in result.text
    assert loader.sql("select event_id, count from events order by 1") == [("e1", 3), ("e3", 7)]


def test_a_second_run_waits_for_the_lock(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "hashtextextended('consent load of consent_raw', 0)"
    loader.sql(f"select pg_advisory_lock({key})")
    waited: list[float] = []

    def release(seconds: float) -> None:
        waited.append(seconds)
        loader.sql(f"select pg_advisory_unlock({key})")

    monkeypatch.setattr("database.session_lock.time.sleep", release)
    loader.input.csv("a", events("e1"))
    assert "another run is loading into consent_raw" in loader.load().text
    assert len(waited) == 1 and loader.ids() == ["e1"]


def test_a_file_with_an_older_time_stamp_is_not_skipped(loader: Loader) -> None:
    loader.input.csv("a", events("e1"), day=9)
    loader.load()
    loader.input.csv("b", events("e2"), day=1)
    loader.load()
    loader.input.csv("a", events("e3"), day=2)
    loader.load()
    assert loader.ids() == ["e1", "e2", "e3"]


def test_both_resources_of_a_table_merge(loader: Loader) -> None:
    loader.input.csv("a", events("e1"), day=1)
    loader.input.parquet("a", events("e1", CONSENT="later"), day=2)
    for day in (3, 4):
        loader.load()
        for path in loader.input.root.rglob("a.*"):
            os.utime(path, ns=(START_NS + day, START_NS + day))
    assert loader.sql("select event_id, consent from events") == [("e1", "later")]
    nullable = "select attnotnull from pg_attribute where attrelid = 'events'::regclass"
    assert loader.value(f"{nullable} and attname = 'event_id'")
    assert_sound(loader)


def test_an_older_record_that_arrives_later_does_not_win(loader: Loader) -> None:
    loader.input.csv("b", [event(CONSENT="old"), event(CONSENT="new")], day=2)
    loader.load()
    loader.input.csv("a", [event(CONSENT="older")], day=1)
    loader.load()
    assert loader.sql("select consent from events") == [("new",)]


def test_what_is_not_loaded_is_counted_and_kept(loader: Loader) -> None:
    loader.input.write(
        "events/csv/a.csv",
        csv_bytes([event("e1"), event("e2", RATE="x"), event("e3", PARAMETERS="{")]) + b"few\n",
    )
    loader.load()
    assert loader.value("select rows_quarantined from load_files") == 3
    assert [row[2] for row in loader.quarantine()] == [
        "RATE out of range",
        "PARAMETERS is not JSON",
        "wrong number of fields",
    ]


def test_empty_text_is_null_in_both_formats_and_nul_is_rejected(loader: Loader) -> None:
    loader.input.csv("a", [event("c", REGION=""), event("x", REGION="a\0b")])
    loader.input.parquet("a", [event("p", REGION=""), event("y", PARAMETERS='"\\u0000"')])
    loader.load()
    assert loader.sql("select event_id, region from events order by 1") == [
        ("c", None),
        ("p", None),
    ]
    assert {row[2] for row in loader.quarantine()} == {"NUL character"}


def test_a_pending_package_does_not_take_the_place_of_new_data(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise SystemExit

    loader.input.csv("a", events("e1"))
    with monkeypatch.context() as patch:
        patch.setattr("pipelines.consent.bookkeeping.ledger.Ledger.begin", crash)
        with pytest.raises(SystemExit):
            loader.run()
    assert make_pipeline().has_pending_data
    loader.input.csv("a", events("e2"))
    loader.input.csv("b", events("e3"))
    loader.load()
    assert loader.ids() == ["e2", "e3"]
    assert not dlt.pipeline(pipeline_name="consent_pipeline").has_pending_data


def test_a_poisoned_package_blocks_no_later_load(loader: Loader) -> None:
    loader.input.csv("first", events("e0"))
    loader.load()
    staged = "alter table consent_raw_staging.events"
    loader.sql(f"{staged} add constraint poison check (event_id <> 'e1')")
    loader.input.csv("a", events("e1"))
    loader.input.csv("b", events("e2"))
    refused = "a.csv: the database refuses its rows (CheckViolation)"
    assert refused in loader.run().text and loader.ids() == ["e0", "e2"]
    loader.input.csv("c", events("e3"))
    assert refused in loader.run().text and loader.ids() == ["e0", "e2", "e3"]
    loader.sql(f"{staged} drop constraint poison")
    loader.load()
    assert loader.ids() == ["e0", "e1", "e2", "e3"]


def test_columns_that_are_all_null_are_there_and_types_never_fork(loader: Loader) -> None:
    loader.input.parquet("a", events("e1", EXPERIMENT=None))
    loader.load()
    assert loader.value("select experiment from events") is None
    loader.input.csv("b", events("e2", EXPERIMENT="arm", RATE="half"))
    loader.load(code=1)
    variants = "select count(*) from pg_attribute where attname like '%%\\_\\_v\\_%%'"
    assert loader.value(variants) == 0 and len(loader.quarantine()) == 1


def test_leading_zeros_and_line_breaks_survive(loader: Loader) -> None:
    payload = '{\n  "a": 1,\r\n  "b": "x"\n}'
    loader.input.csv("a", events("007", DEPLOYMENT_ID="0042", PARAMETERS=payload, USER_ID="00"))
    loader.load()
    assert loader.sql("select event_id, deployment_id, parameters, user_id from events") == [
        ("007", "0042", payload, "00")
    ]


def test_merge_that_was_committed_before_its_answer_was_lost_is_not_done_twice(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []
    execute = StagedTable.execute

    def execute_and_lose_the_answer(
        self: StagedTable, statement: str, **names: Any
    ) -> list[tuple[Any, ...]]:
        found = execute(self, statement, **names)
        if statement == merge._COUNT and not lost:
            lost.append(self.table)
            self.cursor.connection.commit()
            raise psycopg2.OperationalError("the answer was lost")
        return found

    loader.input.csv("a", events("e1"))
    loader.load()
    loader.input.csv("b", events("e1", "e2"))
    monkeypatch.setattr(StagedTable, "execute", execute_and_lose_the_answer)
    loader.run()
    assert lost
    loader.load()
    assert loader.ids() == ["e1", "e2"]
    assert_sound(loader)
