"""`--check`: the sentences and the exit code of a load, and nothing written."""

import re
from collections.abc import Callable

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, csv_bytes, event, events

SENTENCE = re.compile(r"^(?:Rejected|Refused|Assumed|Left out|New column): .*", re.MULTILINE)


def fine(loader: Loader) -> None:
    loader.input.csv("a", [event("e1", EXTRA="x"), event("e2", EXTRA="y")])
    loader.input.parquet("b", events("e3"))
    loader.input.companies([COMPANY])


def with_faults(loader: Loader) -> None:
    fine(loader)
    loader.input.write("semicolons.csv", csv_bytes(events("e4")).replace(b",", b";"))
    loader.input.csv("some", [event("e5"), event("e6", COUNT="x"), event("", RATE="1")])
    loader.input.csv("all", [event("e7", EVENT_TIME="yesterday")])
    loader.input.write("note.txt", b"not a delivery")
    loader.input.write("empty.csv", b"")
    loader.input.write("_SUCCESS", b"")


def shared_by_companies(loader: Loader) -> None:
    """In two files, in one, and in Parquet; the file with the smaller time stamp had them first."""
    loader.input.csv("a", events("e1", "e2", "e3", APIKEY="A"), day=2)
    loader.input.csv("b", [*events("e1", "e2", APIKEY="B"), event("e4", APIKEY="B")], day=1)
    loader.input.parquet("c", events("e3", "e4", APIKEY="C"), day=3)
    loader.input.csv("d", [event("e5", APIKEY="D"), event("e5", APIKEY="E")], day=1)


def only_companies(loader: Loader) -> None:
    loader.input.companies([COMPANY])


@pytest.mark.parametrize(
    ("deliver", "code"),
    [(fine, 0), (with_faults, 1), (only_companies, 1), (shared_by_companies, 1)],
)
def test_check_says_what_the_load_then_says(
    loader: Loader, deliver: Callable[[Loader], None], code: int
) -> None:
    deliver(loader)
    checked = loader.load("--check", code=code)
    assert "Nothing was written" in checked.text
    assert loader.sql("select from pg_namespace where nspname = 'consent_raw'") == []
    loaded = loader.load(code=code)
    assert SENTENCE.findall(checked.text) == SENTENCE.findall(loaded.text)


def test_every_file_is_named_with_its_kind_rows_and_columns(loader: Loader) -> None:
    fine(loader)
    text = loader.load("--check").text
    assert re.search(r"events/csv/a.csv +events, CSV +2 +18 +0", text)
    assert re.search(r"events/parquet/b.parquet +events, Parquet +1 +17 +0", text)
    assert re.search(r"industry and country.csv +companies, CSV +1 +4 +0", text)
    assert "3 files can be loaded (4 rows), 0 refused" in text


def test_check_needs_no_server(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    fine(loader)
    nowhere = "postgresql://someone:the-password@127.0.0.1:1/none"
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", nowhere)
    loader.load("--check")
    loader.load(code=2)


def test_missing_folder_gives_2(loader: Loader) -> None:
    loader.input.root = loader.input.root / "none"
    assert "is not a folder" in loader.load("--check", code=2).text
