"""The embedded server: started once, lasting, recovering, and closed to strangers."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

from database import address
from database.database_error import DatabaseError
from database.embedded import cluster, postmaster, server
from database.home import lock
from sandbox import servers
from tests.conftest import free_port


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, consent_home: Path) -> Iterator[Path]:
    """A CONSENT_HOME with a server of its own, initialised and not started yet."""
    folder = consent_home / f"home-{os.urandom(4).hex()}"
    servers.create_cluster(folder)
    monkeypatch.setenv("CONSENT_HOME", str(folder))
    monkeypatch.setenv("CONSENT_PORT", str(free_port()))
    yield folder
    server.stop(folder)


@pytest.fixture
def empty_home(home: Path) -> Path:
    """The same without a cluster: the start has to make it."""
    shutil.rmtree(home)
    return home


def query(sql: str) -> str:
    connection = address.connect(address.embedded())
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            value = str(cursor.fetchone()[0]) if cursor.description else ""
        connection.commit()
        return value
    finally:
        connection.close()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)


def test_second_start_finds_the_running_server(home: Path) -> None:
    first = server.start(home)
    assert server.start(home) == first
    assert server.status(home) == first


def test_stop_and_start_keeps_data_and_port(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = server.start(home)
    query("create table kept as select 42 as answer")
    assert server.stop(home) is True
    assert server.status(home) is None and server.stop(home) is False
    monkeypatch.delenv("CONSENT_PORT")  # the stored port is used again
    assert server.start(home).port == before.port
    assert query("select answer from kept") == "42"


@pytest.mark.parametrize("round_", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_committed_rows_survive_a_kill_of_the_postmaster(home: Path, round_: int) -> None:
    pid = server.start(home).pid
    query(f"create table kept as select {round_} as answer")
    kill(pid)
    assert query("select answer from kept") == str(round_)


def test_start_ends_busy_backends_of_a_killed_server(home: Path) -> None:
    pid = server.start(home).pid
    sql = "select count(*) from generate_series(1, 100000000000)"
    busy = address.connect(address.embedded(), options="-c statement_timeout=0")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_ignoring_errors, busy, sql)
        time.sleep(0.5)
        kill(pid)
        assert query("select 1") == "1"
        running.result(timeout=30)


def _ignoring_errors(connection: "psycopg2.extensions.connection", sql: str) -> None:
    with contextlib.suppress(psycopg2.Error):
        connection.cursor().execute(sql)


def test_start_after_a_reboot_that_gave_the_number_to_another_program(home: Path) -> None:
    kill(server.start(home).pid)
    data = cluster.path_of(home)
    postmaster.end_orphans(data)
    pidfile = data / "postmaster.pid"
    lines = pidfile.read_text().splitlines()
    pidfile.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert query("select 1") == "1"


def test_start_after_an_initialisation_cut_off_halfway(empty_home: Path) -> None:
    home = empty_home
    (home / "postgres.new").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    home.chmod(0o711)
    assert server.start(home).pid


@pytest.mark.slow  # four processes and a new cluster
def test_processes_that_start_at_once_share_one_server(empty_home: Path) -> None:
    words = [sys.executable, "-m", "database", "start"]
    starts = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=60)[0] for process in starts}
    assert [process.returncode for process in starts] == [0] * 4
    assert len(said) == 1


def test_a_process_that_comes_by_waits_for_the_creation_of_the_server(empty_home: Path) -> None:
    with lock(empty_home):
        empty_home.chmod(0o711)  # so that the server's user passes through
        code = "from database.home import *; keep_private(consent_home())"
        comes_by = subprocess.Popen([sys.executable, "-c", code])
        with pytest.raises(subprocess.TimeoutExpired):
            comes_by.wait(0.5)
        assert stat.S_IMODE(empty_home.stat().st_mode) == 0o711
    assert comes_by.wait(10) == 0
    assert stat.S_IMODE(empty_home.stat().st_mode) == 0o700


def test_server_outlives_the_interrupted_process_that_started_it(home: Path) -> None:
    code = "from database.embedded import server; print(server.start().pid, flush=True); input()"
    words = [sys.executable, "-c", code]
    starter = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    os.killpg(starter.pid, signal.SIGINT)
    starter.communicate(timeout=30)
    running = server.status(home)
    assert running is not None and running.pid == pid
    assert os.getsid(pid) != starter.pid


def test_two_homes_run_side_by_side(database: address.Address, home: Path) -> None:
    other = server.start(home)
    assert other.port != database.port
    query("create table only_here as select 1 as x")
    with address.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('only_here')")
        assert cursor.fetchone() == (None,)


def test_new_server_takes_the_next_free_port(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONSENT_PORT")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(server, "FIRST_PORT", taken.getsockname()[1])
        assert server.start(home).port > server.FIRST_PORT


def test_taken_port_is_one_sentence_naming_the_variable(home: Path) -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", int(os.environ["CONSENT_PORT"])))
        foreign.listen()
        with pytest.raises(DatabaseError, match=r"Port \d+ .* is taken .*CONSENT_PORT"):
            server.start(home)
    assert server.start(home).pid  # the port is free again: nothing is left in the way


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_port_that_is_none_is_refused(
    home: Path, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSENT_PORT", port)
    with pytest.raises(DatabaseError, match="CONSENT_PORT"):
        server.start(home)


def test_lost_password_file_is_explained(home: Path) -> None:
    server.start(home)
    server.stop(home)
    (home / "postgres.json").unlink()
    with pytest.raises(DatabaseError, match=r"postgres\.json .* is missing"):
        server.start(home)


def test_listens_on_the_loopback_only(database: address.Address, consent_home: Path) -> None:
    running = server.status(consent_home)
    assert running is not None
    sockets = psutil.Process(running.pid).net_connections(kind="all")
    listening = [s for s in sockets if s.status == psutil.CONN_LISTEN]
    assert [(s.laddr.ip, s.laddr.port) for s in listening] == [("127.0.0.1", database.port)]
    assert not [s for s in sockets if s.family == socket.AF_UNIX and str(s.laddr)]


@pytest.mark.parametrize("user", [cluster.USER, "postgres"])
@pytest.mark.parametrize("password", ["", "guess"])
def test_nobody_gets_in_without_the_password(
    database: address.Address, user: str, password: str
) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"no password supplied|authentication"):
        psycopg2.connect(
            host=database.host,
            port=database.port,
            user=user,
            password=password,
            dbname="postgres",
            passfile="/dev/null",
        )


def test_password_is_kept_for_its_owner_only(database: address.Address, consent_home: Path) -> None:
    secret = consent_home / "postgres.json"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert database.password in secret.read_text()
    log = (consent_home / "postgres" / "server.log").read_text()
    assert database.password not in log + repr(database) + str(server.status(consent_home))


def test_values_in_errors_do_not_reach_the_log(
    fresh_database: address.Address, consent_home: Path
) -> None:
    statements = ["select 'payload-in-error'::bigint", "insert into t values ('payload-in-error')"]
    with address.connect(fresh_database) as connection, connection.cursor() as cursor:
        cursor.execute("create table t (x text primary key)")
        cursor.execute(statements[1])
        connection.commit()
        for statement in statements:
            with pytest.raises(psycopg2.Error, match="payload-in-error"):
                cursor.execute(statement)
            connection.rollback()
    assert "payload-in-error" not in (consent_home / "postgres" / "server.log").read_text()


def test_role_cannot_reach_the_machine(fresh_database: address.Address) -> None:
    with address.connect(fresh_database) as connection, connection.cursor() as cursor:
        refused = pytest.raises(psycopg2.errors.InsufficientPrivilege)
        with refused:
            cursor.execute("copy (select 1) to program 'true'")


def test_nothing_is_traded_for_speed(home: Path) -> None:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    with address.connect(address.embedded()) as connection, connection.cursor() as cursor:
        for name in names:
            cursor.execute("select current_setting(%s)", [name])
            assert cursor.fetchone() == ("on",)
