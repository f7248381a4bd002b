"""Retention: what is older than [consent] keep_days goes, and does not come back."""

from datetime import UTC, datetime, timedelta

import pytest

from pipelines.consent.errors import LoadError
from pipelines.consent.persons.retention import keep_from
from tests.load.conftest import Loader
from tests.load.deliveries import START_NS, csv_bytes, event
from tests.load.soundness import assert_sound

DAYS = "CONSENT__KEEP_DAYS"
NOW = datetime.now(UTC)
# the time stamp that the loader's files get with day=0
OLD_FILE = (NOW - datetime.fromtimestamp(START_NS / 1e9, UTC)).days


def ago(days: float) -> str:
    """A time as it is delivered."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


def deliver(loader: Loader) -> None:
    rows = [
        event("e1", EVENT_TIME=ago(5)),
        event("e2", EVENT_TIME=ago(40)),
        event("e3", EVENT_TIME=ago(400), APIKEY="company-2"),
        event("e4", EVENT_TIME=ago(40), COUNT="0"),
        event("e5", EVENT_TIME=ago(5), COUNT="0"),
        event("e6", EVENT_TIME="long ago"),
    ]
    loader.input.write("events/csv/a.csv", csv_bytes(rows) + b"e7,too,few\n", day=0)


def state(loader: Loader) -> tuple[list[str], list[int], list[tuple[int, ...]]]:
    """Ids of the events, rows of the quarantine, and how many rows of each kind the ledger has."""
    counts = "select rows_read, rows_new, rows_unchanged, rows_quarantined, rows_expired"
    return (
        loader.ids(),
        [row for _, row, _ in loader.quarantine()],
        loader.sql(f"{counts} from load_files where is_current"),
    )


def test_old_rows_go_with_the_next_load_and_stay_away(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(loader)
    loader.load()
    loader.sql("create schema marts")
    loader.sql("create table marts.fct_events as select event_id from events")
    assert state(loader) == (["e1", "e2", "e3"], [4, 5, 6, 7], [(7, 3, 0, 4, 0)])
    left = ["e1"], [5], [(7, 1, 0, 1, 5)]
    monkeypatch.setenv(DAYS, "30")
    assert "Removed: 5 rows older than [consent] keep_days" in loader.load().text  # no new file
    assert state(loader) == left
    assert loader.column("select event_id from marts.fct_events") == ["e1"]
    assert_sound(loader)

    assert "expired" in loader.load("--full-refresh").text
    assert state(loader) == left
    assert_sound(loader)
    assert "1 unchanged" in loader.load().text
    assert state(loader) == left

    # what was read is not read again when the limit is lifted
    monkeypatch.setenv(DAYS, "100000")
    loader.load()
    assert state(loader) == left


def test_everything_can_be_too_old(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DAYS, "1")
    deliver(loader)
    for _ in range(2):
        loader.load()
        assert state(loader) == ([], [], [(7, 0, 0, 0, 7)])
        assert_sound(loader)


def test_a_row_without_a_time_is_as_old_as_its_file(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(loader)
    loader.load()
    monkeypatch.setenv(DAYS, str(OLD_FILE + 10))
    for arguments in [], ["--full-refresh"]:
        loader.load(*arguments)
        assert [row for _, row, _ in loader.quarantine()][-2:] == [6, 7]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "a month", "999999999999"])
def test_a_setting_that_is_none_stops_the_load(
    loader: Loader, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    deliver(loader)
    monkeypatch.setenv(DAYS, value)
    result = loader.run()
    assert result.code == 2
    assert "keep_days in section [consent]" in result.text


def test_the_setting_counts_days_from_now() -> None:
    now = datetime(2025, 9, 5, 12, tzinfo=UTC)
    assert keep_from(None) is None
    assert keep_from(2, now) == datetime(2025, 9, 3, 12, tzinfo=UTC)
    with pytest.raises(LoadError):
        keep_from(True)
