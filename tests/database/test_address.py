"""One address for dlt, dbt and psql, and one clear sentence where it does not work."""

import contextlib
import dataclasses
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
from sandbox.warehouse import SandboxError, Warehouse
from tests.conftest import CREDENTIALS, ROOT, free_port

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


class OldServer:
    """A connection, as far as `check` looks at one."""

    server_version = 130_011

    @property
    def info(self) -> "OldServer":
        return self

    def parameter_status(self, name: str) -> str:
        return {"server_version": "13.11 (Debian)", "server_encoding": "UTF8"}[name]

    def close(self) -> None:
        pass


def test_older_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "connect", lambda _: OldServer())
    found = Address("db.example", 5432, "me", PASSWORD, "x", False)
    with pytest.raises(DatabaseError, match=r"is PostgreSQL 13\.11 .*needs 14 or later\.$"):
        address.check(found)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_database_of_another_encoding_is_refused_before_anything_is_loaded(
    database: Address, tmp_path: Path, encoding: str
) -> None:
    name = f"in_{encoding.lower()}"
    as_usual = Warehouse(database, tmp_path)
    as_usual.execute(
        f"create database {name} encoding '{encoding}' template template0"
        " locale_provider libc lc_collate 'C' lc_ctype 'C'"
    )
    other = Warehouse(dataclasses.replace(database, database=name, is_embedded=False), tmp_path)
    with pytest.raises(SandboxError) as refused:
        other.load(ROOT / "input")
    sentence = str(refused.value).strip()
    assert sentence.count("\n") == 0 and f"has the encoding {encoding}" in sentence
    assert other.rows("select 1 from pg_namespace where nspname = 'consent_raw'") == []

    # the statement that the sentence gives makes a database that is taken
    [statement] = re.findall(r"CREATE DATABASE .* LC_CTYPE 'C'", sentence)
    as_usual.execute(statement.replace(" name ", f" {name}_8 "))
    address.check(dataclasses.replace(database, database=f"{name}_8"))
    for made in (name, f"{name}_8"):
        as_usual.execute(f"drop database {made}")


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
