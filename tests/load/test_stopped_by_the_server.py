"""What the server reports in the middle of a load reaches the person, also through dlt."""

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import events

FAIL = """
create or replace function consent_raw.fail() returns trigger language plpgsql as
$$ begin raise exception using errcode = '{code}', message = '{message}'; end $$;
create trigger fail before insert on consent_raw.{table} execute function consent_raw.fail()
"""


DISK = ("53100", "could not extend file", "the database's disk is full: make room on it")
TIMEOUT = (
    "57014",
    "canceling statement due to statement timeout",
    "SET statement_timeout = 0 lifts it for this user",
)
RIGHT = (
    "42501",
    "permission denied for table events",
    "lacks a right: GRANT ALL ON TABLE events TO … gives it",
)


@pytest.mark.parametrize(
    ("table", "code", "message", "sentence"),
    [
        ("events", *DISK),
        ("load_files", *RIGHT),
        pytest.param("events", *TIMEOUT, marks=pytest.mark.slow),
        pytest.param("events", *RIGHT, marks=pytest.mark.slow),
        pytest.param("load_files", *DISK, marks=pytest.mark.slow),
    ],
)
def test_failure_in_the_middle(
    loader: Loader, table: str, code: str, message: str, sentence: str
) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql(FAIL.format(table=table, code=code, message=message))
    loader.input.csv("b", events("e2"))
    result = loader.run()
    assert result.code == 2 and f"{sentence}; nothing is lost" in result.text, result.text
    loader.sql(f"drop trigger fail on {table}")
    loader.load()
    assert loader.ids() == ["e1", "e2"]


@pytest.mark.slow
def test_server_that_ends_the_sessions(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql(
        "create function end_all() returns trigger language plpgsql as $$ begin perform"
        " pg_terminate_backend(pid) from pg_stat_activity where datname = current_database();"
        " return null; end $$"
    )
    loader.sql("create trigger t before insert on events execute function end_all()")
    loader.input.csv("b", events("e2"))
    result = loader.run()
    assert result.code == 2 and "Traceback" not in result.text
    assert "was cut" in result.text or "was shut down" in result.text
