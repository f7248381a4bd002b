"""What the ledger says of every file, and when a file is opened again."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.consent import packages, run, source
from pipelines.consent.bookkeeping import plan
from pipelines.consent.discovery.source_file import SourceFile
from pipelines.consent.reading import integrity
from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, DAY_NS, START_NS, event, events

COUNTS = (
    "select rows_read, rows_new, rows_changed, rows_unchanged, rows_duplicate, rows_quarantined"
    " from load_files where is_current and path = %s"
)


def test_rows_of_every_file_add_up(loader: Loader) -> None:
    loader.input.csv("a", [event("e1"), event("e2"), event("e3")], day=1)
    loader.load()
    rows = [event("e1"), event("e2", RATE="1"), event("e4"), event("e4"), event("e5", COUNT="x")]
    loader.input.csv("b", rows, day=2)
    loader.load()
    assert loader.sql(COUNTS, "events/csv/b.csv") == [(5, 1, 1, 1, 1, 1)]
    assert loader.sql(COUNTS, "events/csv/a.csv") == [(3, 3, 0, 0, 0, 0)]


def test_ledger_describes_the_file(loader: Loader) -> None:
    path = loader.input.csv("a", events("e1"), day=1)
    loader.load()
    ((size, hash_, first, table, format_, load_id),) = loader.sql(
        "select size_bytes, content_hash, first_mtime_ns, table_name, format, load_id"
        " from load_files"
    )
    assert (size, first) == (path.stat().st_size, START_NS + DAY_NS)
    assert len(hash_) == 64 and (table, format_) == ("events", "csv")
    assert loader.column("select load_id from _dlt_loads") == [load_id]


def forbid(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Opening a file in one of these ways fails the test."""
    for place in (plan, integrity, source):
        for name in names:
            if hasattr(place, name):
                monkeypatch.setattr(place, name, lambda path, *_: pytest.fail(f"{path} was opened"))


def test_unchanged_file_is_not_opened(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    forbid(monkeypatch, "content_hash", "inspect", "read_csv")
    loader.load()


def test_same_content_with_another_time_stamp_is_not_parsed(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = loader.input.csv("a", events("e1"), day=5)
    loader.load()
    os.utime(path, ns=(START_NS, START_NS))
    forbid(monkeypatch, "inspect", "read_csv")
    assert "1 unchanged" in loader.load().text
    assert loader.column("select mtime_ns from load_files") == [START_NS]
    forbid(monkeypatch, "content_hash")
    loader.load()


def test_rewritten_file_of_the_same_size_with_an_older_time_stamp_loads(loader: Loader) -> None:
    loader.input.csv("a", [event("e1")], day=5)
    loader.load()
    loader.input.csv("a", [event("e2")], day=1)
    loader.load()
    assert loader.ids() == ["e1", "e2"]


def test_rewritten_file_of_the_same_size_and_time_stamp_loads(loader: Loader) -> None:
    for name in ("e1", "e2"):
        loader.input.csv("a", [event(name)], day=5)
        loader.load()
    assert loader.ids() == ["e1", "e2"]


def test_every_content_of_a_path_has_its_row_and_one_is_current(loader: Loader) -> None:
    for name in ("e1", "e2", "e3"):
        loader.input.csv("a", [event(name)])
        loader.load()
    assert loader.column("select is_current from load_files order by started_at") == [
        False,
        False,
        True,
    ]


def test_vanished_file_is_reported_and_its_rows_stay(loader: Loader) -> None:
    path = loader.input.csv("a", events("e1"), day=1)
    loader.input.csv("b", events("e2"), day=1)
    loader.load()
    content = path.read_bytes()
    path.unlink()
    for _ in range(2):
        assert "No longer there, its rows stay: events/csv/a.csv" in loader.load().text
    assert loader.ids() == ["e1", "e2"]
    loader.input.write("events/csv/a.csv", content, day=1)
    assert "No longer there" not in loader.load().text
    assert loader.value("select count(*) from load_files where vanished_at is not null") == 0


def test_renamed_file_loads_as_unchanged_rows(loader: Loader) -> None:
    path = loader.input.csv("a", events("e1", "e2"), day=1)
    loader.load()
    path.rename(path.with_name("b.csv"))
    loader.load()
    assert loader.sql(COUNTS, "events/csv/b.csv") == [(2, 0, 0, 2, 0, 0)]


def test_file_that_is_written_to_while_being_read_is_refused_until_the_next_run(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = loader.input.csv("a", events("e1"), day=1)
    inspect, touched = integrity.inspect, iter([True])

    def inspect_and_touch(*arguments: Any) -> tuple[str, str | None]:
        found = inspect(*arguments)
        if next(touched, False):
            os.utime(path)
        return found

    monkeypatch.setattr(integrity, "inspect", inspect_and_touch)
    result = loader.run()
    assert result.code == 1 and "was written to while being read" in result.text
    loader.load()
    assert loader.ids() == ["e1"]


def test_names_with_odd_characters(loader: Loader) -> None:
    names = ["sp ace", "quo'te", 'dou"ble', "per%cent", "%s", "br{ace}", "[bold]", "ünï", "a\nb"]
    for number, name in enumerate(names):
        loader.input.csv(name, events(f"e{number}"))
    loader.load()
    paths = {f"events/csv/{name}.csv" for name in names}
    assert loader.outcomes() == dict.fromkeys(paths, "loaded")
    assert set(loader.column("select _source_file from events")) == paths
    assert f"{len(names)} unchanged" in loader.load().text


def test_delivery_of_companies_only_and_of_events_only(loader: Loader) -> None:
    loader.input.companies([COMPANY])
    for _ in range(2):
        result = loader.run()
        assert result.code == 1 and "No event file was found" in result.text
    assert loader.value("select count(*) from events") == 0
    loader.input.csv("a", events("e1"))
    loader.load()
    assert loader.value("select count(*) from companies") == 1 and loader.ids() == ["e1"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file_that_vanishes_before_it_is_read_does_not_stop_the_others(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write = loader.input.csv if kind == "csv" else loader.input.parquet
    path = write("a", events("e1"))
    loader.input.csv("b", events("e2"))
    known = packages.packages

    def packages_without_the_file(files: list[SourceFile]) -> Iterator[list[SourceFile]]:
        path.unlink(missing_ok=True)
        return known(files)

    monkeypatch.setattr(run, "packages", packages_without_the_file)
    result = loader.run()
    assert result.code == 1 and "it vanished while being read" in result.text
    assert loader.ids() == ["e2"]
