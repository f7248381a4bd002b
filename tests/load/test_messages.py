"""What is said to people and logs: path and reason; never payloads, user ids or passwords."""

import logging
from collections.abc import Callable

import psycopg2
import pytest

from pipelines.consent import packages
from pipelines.consent.loading import destination
from pipelines.consent.loading.staged_table import StagedTable
from tests.load.conftest import Loader
from tests.load.deliveries import csv_bytes, event, events

PAYLOAD, USER = "payload-that-is-secret", "user-that-is-secret"
ROW = {"PARAMETERS": f'{{"p": "{PAYLOAD}"}}', "USER_ID": USER}


def assert_discreet(loader: Loader, text: str) -> None:
    for secret in (PAYLOAD, USER, loader.address.password):
        assert secret not in text


def rejected(loader: Loader) -> str:
    rows = [event("e1", **ROW) | {"RATE": "7"}, event("e2", **ROW) | {"COUNT": USER}]
    loader.input.write("events/csv/a.csv", csv_bytes(rows) + f"{USER},few\n".encode())
    return "events_quarantine"


def refused_csv(loader: Loader) -> str:
    loader.input.write("events/csv/a.csv", csv_bytes(events("e1", **ROW)) + b'"')
    return "Refused: events/csv/a.csv: broken quote"


def refused_parquet(loader: Loader) -> str:
    loader.input.parquet("a", events("e1", **(ROW | {"RATE": 0.5})) * 3)
    path = loader.input.root / "events/parquet/a.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    return "Refused: events/parquet/a.parquet: not a whole Parquet file"


def refused_by_the_database(loader: Loader) -> str:
    loader.input.csv("good", events("e0", USER_ID=None), day=1)
    loader.load()
    loader.sql("alter table events add constraint c check (user_id is null)")
    loader.input.csv("a", events("e1", **ROW), day=2)
    return "Refused: events/csv/a.csv: the database refuses its rows (CheckViolation)"


def read_only_database(loader: Loader) -> str:
    loader.input.csv("a", events("e1", **ROW))
    loader.run()
    loader.input.csv("b", events("e2", **ROW))
    loader.sql(f"alter database {loader.address.database} set default_transaction_read_only = on")
    return "the database can only be read"


@pytest.mark.parametrize(
    "make", [rejected, refused_csv, refused_parquet, refused_by_the_database, read_only_database]
)
def test_failures_tell_path_and_reason_and_no_data(
    loader: Loader, make: Callable[[Loader], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    expected = make(loader)
    text = loader.run().text
    assert expected in text
    assert_discreet(loader, text)


def test_cut_connection_stops_the_run_in_one_sentence(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(staged: StagedTable) -> None:
        raise psycopg2.OperationalError(f"server closed the connection: {PAYLOAD}")

    loader.input.csv("a", events("e1", **ROW))
    with monkeypatch.context() as patch:
        patch.setattr(destination, "merge", cut)
        result = loader.run()
    assert result.code == 2
    assert (
        "The load stopped: the connection to the database was cut; nothing is lost" in result.text
    )
    assert_discreet(loader, result.text)
    loader.load()
    assert loader.ids() == ["e1"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device", "/somewhere"), "the disk is full (/somewhere)"),
        (OSError(30, "Read-only file system"), "the disk can only be read"),
        (PermissionError(13, "Permission denied"), "this user must not write there"),
        (MemoryError(), "the memory is used up"),
    ],
)
def test_trouble_of_the_machine_is_one_sentence(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, error: BaseException, sentence: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    loader.input.csv("a", events("e1"))
    with monkeypatch.context() as patch:
        patch.setattr(packages, "consent_source", fail)
        result = loader.run()
    assert result.code == 2 and f"The load stopped: {sentence}" in result.text
    assert "Traceback" not in result.text
    loader.load()


def test_interruption_is_one_line_and_code_130(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    loader.input.csv("a", events("e1"))
    with monkeypatch.context() as patch:
        patch.setattr(packages, "consent_source", interrupt)
        result = loader.run()
    assert result.code == 130 and result.text.count("\n") == 1
    loader.load()
    assert loader.ids() == ["e1"]
