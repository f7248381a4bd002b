"""Messages of libpq and the server -> sentences that say what to do."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import psycopg2
import pytest

from database import address, explanations
from database.address import Address
from database.database_error import DatabaseError
from database.embedded import server
from sandbox.warehouse import Warehouse
from tests.conftest import CREDENTIALS

SECRET = "s3cret-of-the-test"  # noqa: S105
FOUND = Address("db.example", 5432, "me", SECRET, "consent", is_embedded=False)
FAILED = 'connection to server at "db.example" (192.0.2.1), port 5432 failed: '


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ('FATAL:  password authentication failed for user "me"', "refuses the user me with this"),
        ("fe_sendauth: no password supplied", "asks for a password for the user me"),
        ('FATAL:  Peer authentication failed for user "me"', "refuses the user me (Peer"),
        ('FATAL:  role "me" does not exist', "has no user 'me'"),
        ('FATAL:  role "me" is not permitted to log in', "ALTER ROLE me LOGIN"),
        ('FATAL:  database "controller" does not exist', "has no database 'consent'"),
        ('FATAL:  permission denied for database "consent"', "GRANT CONNECT ON DATABASE consent"),
        (
            'FATAL:  database "consent" is not currently accepting connections',
            "ALTER DATABASE consent ALLOW_CONNECTIONS true",
        ),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", no encryption', "its pg_hba.conf"),
        ("FATAL:  sorry, too many clients already", "raise max_connections"),
        ("FATAL:  remaining connection slots are reserved for roles", "raise max_connections"),
        ('FATAL:  too many connections for role "me"', "CONNECTION LIMIT"),
        ("FATAL:  the database system is starting up", "still not ready"),
        (
            "FATAL:  the database system is not accepting connections\n"
            "DETAIL:  Hot standby mode is disabled.",
            "a standby that takes no connections",
        ),
        ("session is read-only", "target_session_attrs"),
        ("could not translate host name to address: Name or service not known", "is not known"),
        ("Connection refused\n\tIs the server running on that host?", "No database answers"),
        ("timeout expired", "No database answers"),
        ("received invalid response to SSL negotiation: H", "not a Postgres server"),
        ("server does not support SSL, but SSL was required", "sslmode=prefer"),
        ("SSL error: certificate verify failed", "authority in sslrootcert"),
        (
            'server certificate for "a.example" does not match host name "db.example"',
            "for another host name",
        ),
        ('certificate file "/x.crt" does not exist', "check sslcert, sslkey"),
        ('could not load private key file "/x.key": bad decrypt', "sslpassword"),
        ("FATAL:  connection requires a valid client certificate", "check sslcert"),
        ("channel binding required, but SSL not in use", "channel_binding"),
        ("FATAL:  unsupported startup parameter: options", "ignore_startup_parameters"),
        ("FATAL:  query_wait_timeout", "does not reach its server"),
        ("FATAL:  could not write init file: No space left on device", "disk is full"),
        (f"eine Meldung mit {SECRET}", "cannot be used: eine Meldung mit ***"),
    ],
)
def test_why_there_is_no_connection(message: str, sentence: str) -> None:
    found = address.explain(FOUND, f"{FAILED}{message}\n")
    assert sentence in found and SECRET not in found and "\n" not in found


@pytest.mark.parametrize(
    ("code", "message", "clause"),
    [
        ("53100", "could not extend file: No space left on device", "disk is full"),
        (
            "53100",
            'could not resize shared memory segment "/x" to 8 bytes: No space left on device',
            "shared memory is full",
        ),
        ("53200", "out of memory", "no memory left"),
        ("53200", "out of shared memory", "max_locks_per_transaction"),
        ("53300", "sorry, too many clients already", "no free connection"),
        ("53400", "temporary file size exceeds temp_file_limit (1kB)", "temp_file_limit"),
        ("57014", "canceling statement due to statement timeout", "SET statement_timeout = 0"),
        ("57014", "canceling statement due to user request", "another session cancelled"),
        ("55P03", "canceling statement due to lock timeout", "lock_timeout"),
        ("25P04", "terminating connection due to transaction timeout", "transaction_timeout"),
        ("57P05", "terminating connection due to idle-session timeout", "ends idle sessions"),
        ("57P01", "terminating connection due to administrator command", "was shut down"),
        (
            "57P02",
            "terminating connection because of crash of another server process",
            "crashed in the middle",
        ),
        ("57P03", "the database system is in recovery mode", "wait until it is ready"),
        ("25006", "cannot execute INSERT in a read-only transaction", "can only be read"),
        (
            "42501",
            'permission denied for schema "Raw"',
            'lacks a right: GRANT ALL ON SCHEMA "Raw" TO … gives it',
        ),
        ("42501", "must be owner of table events", "ALTER TABLE events OWNER TO"),
        ("40P01", "deadlock detected", "deadlock"),
        ("08006", "server closed the connection unexpectedly", "was cut"),
        ("58030", "could not read file: Input/output error", "cannot read or write its files"),
        ("XX001", "invalid page in block 0 of relation base/1/2", "damaged"),
    ],
)
def test_why_a_statement_failed(code: str, message: str, clause: str) -> None:
    """By its code, in any language of the server, and by its text, as dbt has no code."""
    assert clause in (explanations.of_statement(message, code) or "")
    assert clause in (explanations.of_statement(message) or "")
    assert explanations.of_statement("in einer anderen Sprache", code) is not None


def test_unknown_failure_is_not_guessed() -> None:
    assert explanations.of_statement("division by zero", "22012") is None
    assert explanations.of_statement('column "x" does not exist') is None


def test_why_the_embedded_server_does_not_start(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(
        "FATAL:  could not write lock file: No space left on device\n"
        "LOG:  database system is shut down\n"
    )
    assert server._reason(tmp_path) == "the database's disk is full: make room on it"
    log.write_text("FATAL:  something else\n")
    assert server._reason(tmp_path) == "FATAL:  something else"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sslmode": "verify-full"}, "name its file in sslrootcert"),
        ({"sslmode": "verify-ca", "sslrootcert": "/none.crt"}, "name its file in sslrootcert"),
        ({"sslmode": "perhaps"}, 'does not work. (invalid sslmode value: "perhaps")'),
        ({"service": "none"}, 'does not work. (definition of service "none" not found)'),
        ({"colour": "red"}, "does not work."),
        ({"host": "127.0.0.1,127.0.0.2", "port": "1,2,3"}, "does not work. (could not match 3"),
    ],
)
def test_parameters_that_libpq_refuses(options: dict[str, str], sentence: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_agree_to_tls, args=[listener], daemon=True).start()
        found = replace(FOUND, host="127.0.0.1", port=listener.getsockname()[1], options=options)
        with pytest.raises(DatabaseError) as refused:
            address.check(found)
    assert sentence in str(refused.value)


def _agree_to_tls(listener: socket.socket) -> None:
    """A server that says that it speaks TLS; the client then looks for its certificates."""
    with contextlib.suppress(OSError):  # the test may end without a connection
        client, _ = listener.accept()
        client.recv(100)
        client.sendall(b"S")
        client.recv(100)
        client.close()


def _fail_at_first(monkeypatch: pytest.MonkeyPatch, *messages: str) -> list[str]:
    """Has the next connections fail like that; returns the list of those still to come."""
    coming, connect = list(messages), psycopg2.connect

    def fail(**parameters: object) -> object:
        if coming:
            raise psycopg2.OperationalError(FAILED + coming.pop(0))
        return connect(**parameters)  # type: ignore[call-overload]

    monkeypatch.setattr(psycopg2, "connect", fail)
    return coming


def test_server_that_recovers_is_waited_for(
    database: Address, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    coming = _fail_at_first(
        monkeypatch,
        "FATAL:  the database system is shutting down",
        "Connection refused",
        "FATAL:  the database system is starting up",
        "FATAL:  the database system is in recovery mode",
        "FATAL:  the database system is not yet accepting connections\n"
        "DETAIL:  Consistent recovery state has not been yet reached.",
    )
    address.check(database)
    assert coming == [] and caplog.text.count("waiting for it") == 1


def test_server_that_does_not_get_ready_is_given_up(
    database: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "START_SECONDS", 0.3)
    _fail_at_first(monkeypatch, *["FATAL:  the database system is starting up"] * 99)
    with pytest.raises(DatabaseError, match="still not ready: its log says why"):
        address.check(database)


def test_database_that_can_only_be_read_is_refused_to_writers(
    new_warehouse: Callable[..., Warehouse],
) -> None:
    made = new_warehouse()
    name = made.address.database
    made.execute(f"alter database {name} set default_transaction_read_only = on")
    address.check(made.address)
    with pytest.raises(DatabaseError, match="can only be read: default_transaction_read_only"):
        address.check(made.address, to_write=True)


@pytest.mark.slow  # a process of dbt
def test_dbt_says_what_stopped_it(
    new_warehouse: Callable[..., Warehouse],
    command: Callable[..., CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: toy\nversion: '1.0.0'\nprofile: consent\n")
    fail = "do $$ begin raise exception using errcode = '{}', message = '{}'; end $$"
    for name, code, message in (
        ("full", "53100", "could not extend file: No space left on device"),
        ("again", "53100", "could not extend file: No space left on device"),
        ("ended", "57P01", "terminating connection due to administrator command"),
    ):
        hook = fail.format(code, message).replace("'", "''")
        (tmp_path / "models" / f"{name}.sql").write_text(
            "{{ config(pre_hook='" + hook.replace("''", "\\'") + "') }} select 1 as one"
        )
    done = command("dbt", "run", cwd=tmp_path, env={CREDENTIALS: new_warehouse().url})
    assert done.returncode == 1
    lines = sorted(done.stderr.splitlines())
    assert lines[0] == "dbt: the database's disk is full: make room on it."
    assert lines[1].startswith("dbt: the server was shut down in the middle") and len(lines) == 2
