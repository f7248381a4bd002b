"""One address for dlt, dbt and psql, and one clear sentence where it does not work."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from database import address
from database.address import Address
from database.database_error import DatabaseError
from tests.conftest import CREDENTIALS, free_port

Command = Callable[..., CompletedProcess[str]]
PASSWORD = "s3cret-of-the-test"  # noqa: S105


def test_without_configuration_the_embedded_server_is_used(database: Address) -> None:
    assert address.configured() is None
    assert address.resolve() == database
    assert database.is_embedded and database.host == "127.0.0.1"


def test_url_in_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CREDENTIALS, "postgresql://me:p%40ss@db.example:6000/mine?sslmode=require")
    found = address.resolve()
    assert (found.host, found.port, found.user, found.database) == (
        "db.example", 6000, "me", "mine",
    )  # fmt: skip
    assert found.password == "p@ss" and found.options["sslmode"] == "require"
    assert not found.is_embedded
    assert "p%40ss@db.example:6000/mine?" in found.url and "sslmode=require" in found.url
    assert "p@ss" not in repr(found) + found.place


def test_single_variables_are_dlt_s_too(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"HOST": "db.example", "USERNAME": "me", "PASSWORD": PASSWORD, "DATABASE": "mine"}
    for name, value in values.items():
        monkeypatch.setenv(f"{CREDENTIALS}__{name}", value)
    assert address.resolve().place == "me@db.example:5432/mine"


def test_secrets_toml_is_read(command: Command, tmp_path: Path) -> None:
    settings = tmp_path / ".dlt"
    settings.mkdir()
    lines = ["[destination.postgres.credentials]", 'host = "db.example"', 'username = "me"']
    lines += [f'password = "{PASSWORD}"', 'database = "mine"']
    (settings / "secrets.toml").write_text("\n".join(lines))
    done = command("python", "-m", "database", "url", env={"DLT_PROJECT_DIR": str(tmp_path)})
    assert done.stdout.startswith(f"postgresql://me:{PASSWORD}@db.example:5432/mine")


def test_incomplete_configuration_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{CREDENTIALS}__HOST", "db.example")
    with pytest.raises(DatabaseError, match="database, password, username missing"):
        address.resolve()


def test_unreadable_configuration_is_explained_without_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CREDENTIALS, f"no address but {PASSWORD}")
    with pytest.raises(DatabaseError, match="cannot be read") as caught:
        address.resolve()
    assert PASSWORD not in str(caught.value)


def bad_urls(database: Address) -> dict[str, tuple[str, str]]:
    good = database.url
    return {
        "unreachable": (f"postgresql://me:{PASSWORD}@127.0.0.1:{free_port()}/x", "No database"),
        "unknown host": (f"postgresql://me:{PASSWORD}@nowhere.invalid/x", "is not known"),
        "wrong password": (good.replace(database.password, PASSWORD), "refuses the user"),
        "missing database": (good.replace(database.database, "none"), "has no database 'none'"),
        "no TLS": (good + "?sslmode=require", "SSL"),
    }


CASES = ["unreachable", "unknown host", "wrong password", "missing database", "no TLS"]
CHECK, BUILD = ["python", "-m", "database", "check"], ["dbt", "build"]


@pytest.mark.parametrize(
    ("words", "case"),
    [
        (CHECK, CASES[0]),
        *(pytest.param(CHECK, case, marks=pytest.mark.slow) for case in CASES[1:]),
        (BUILD, CASES[0]),
        *(pytest.param(BUILD, case, marks=pytest.mark.slow) for case in CASES[1:]),
    ],
)
def test_bad_address_is_one_sentence_and_an_exit_code(
    database: Address, command: Command, case: str, words: list[str]
) -> None:
    url, sentence = bad_urls(database)[case]
    done = command(*words, env={CREDENTIALS: url})
    assert done.returncode == 1 and done.stdout == ""
    assert sentence in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert PASSWORD not in done.stderr and database.password not in done.stderr


def test_server_that_is_no_postgres_is_named_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        threading.Thread(target=_answer_like_the_web, args=[web], daemon=True).start()
        found = Address("127.0.0.1", web.getsockname()[1], "me", PASSWORD, "x", False)
        with pytest.raises(DatabaseError, match=r"not? a? ?Postgres server"):
            address.check(found)


def _answer_like_the_web(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed at the end of the test
        while True:
            client, _ = listener.accept()
            client.recv(100)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            client.close()


def test_command_line(database: Address, command: Command) -> None:
    assert command("python", "-m", "database", "url").stdout.strip() == database.url
    status = command("python", "-m", "database", "status")
    assert re.search(rf"runs: {database.place}, process \d+", status.stdout)
    assert database.password not in status.stdout


def test_psql_runs_on_the_same_database(fresh_database: Address, command: Command) -> None:
    words = ("python", "-m", "database", "psql", "-Atc", "select current_database()")
    assert command(*words).stdout.strip() == fresh_database.database
    assert command(*words[:-1], "select nothing_here").returncode == 1
