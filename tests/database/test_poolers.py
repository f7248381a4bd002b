"""Connection poolers: in session mode everything works, transaction mode is refused."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import get_args

import psycopg2
import pytest

from database import address, session_lock
from database.address import Address
from database.database_error import DatabaseError
from database.embedded import binaries, postmaster
from sandbox.warehouse import SandboxError, Warehouse, dbt_command, load_command
from tests.conftest import free_port
from tests.database import pooler
from tests.load.deliveries import Folder, events

LOCK = "test of the lock"
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
IN_TRANSACTIONS = [mode for mode in get_args(pooler.Mode) if mode != "session"]


def take_lock(found: Address) -> None:
    with session_lock.session_lock(found, LOCK, "waiting"):
        pass


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    return new_warehouse()


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """One file with one event."""
    Folder(tmp_path / "input").csv("a", events("e1"))
    return tmp_path / "input"


@pytest.mark.parametrize("mode", IN_TRANSACTIONS)
def test_transaction_mode_is_refused_before_anything_is_loaded(
    warehouse: Warehouse, delivery: Path, mode: pooler.Mode
) -> None:
    server = warehouse.address
    with pooler.running(server.host, server.port, mode) as port:
        pooled = Warehouse(replace(server, port=port), warehouse.folder)
        for _ in range(5):
            with pytest.raises(DatabaseError, match=r"pool_mode = session"):
                take_lock(pooled.address)
        with pytest.raises(SandboxError) as refused:
            pooled.load(delivery)
    assert str(refused.value).startswith(f"The load stopped: At 127.0.0.1:{port} a pooler gives")
    assert warehouse.rows("select from pg_namespace where nspname like 'consent%'") == []
    assert warehouse.rows("select from pg_locks where locktype = 'advisory'") == []


def test_session_mode_works_without_options(warehouse: Warehouse, delivery: Path) -> None:
    """A pooler that refuses start-up parameters, as PgBouncer does by default."""
    server = warehouse.address
    with pooler.running(server.host, server.port, "session", takes_options=False) as port:
        pooled = Warehouse(replace(server, port=port), warehouse.folder)
        with pytest.raises(DatabaseError, match="refuses a parameter of the address"):
            address.check(replace(pooled.address, options={"options": "-c jit=off"}))
        pooled.load(delivery)
        pooled.build(["stg_consent__load_files"])
    assert len(warehouse.rows("select from staging.stg_consent__load_files")) == 1


def test_lock_that_a_pooler_kept_is_ended(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As an earlier version took it, and a pool with an empty server_reset_query keeps it."""
    monkeypatch.setattr(session_lock, "LEFT_SECONDS", 0.5)
    with closing(address.connect(warehouse.address)) as left, left.cursor() as cursor:
        left.autocommit = True
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (LOCK,))
        take_lock(warehouse.address)
        assert "idle session that held the lock" in caplog.text
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("select 1")


def test_lock_of_a_run_that_works_is_waited_for(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_lock, "LEFT_SECONDS", 0)
    with session_lock.session_lock(warehouse.address, LOCK, "waiting") as connection:
        with (
            closing(address.connect(warehouse.address)) as other,
            other.cursor() as cursor,
        ):
            cursor.execute("select backend_xmin from pg_stat_activity where pid = %s",
                           (connection.get_backend_pid(),))  # fmt: skip
            assert cursor.fetchone() == (None,)  # it keeps no row from vacuum
            assert not session_lock._try(other, LOCK)
            session_lock._end_left_lock(other, LOCK)
            assert not session_lock._try(other, LOCK)
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    take_lock(warehouse.address)


@pytest.fixture(scope="module")
def pgbouncer(database: Address, consent_home: Path) -> Iterator[Path]:
    """The folder of a PgBouncer before the tests' server; its file `mode` can be rewritten."""
    if PGBOUNCER is None:
        pytest.skip("no PgBouncer: apt-get install pgbouncer")
    folder = consent_home / "pgbouncer"  # another user may pass through to it
    folder.mkdir()
    user = binaries.account(folder / "data")
    (folder / "users").write_text(f'"{database.user}" "{database.password}"\n')
    for mode in ("session", "transaction"):
        port = free_port()
        (folder / mode).mkdir()
        (folder / mode / "port").write_text(str(port))
        (folder / mode / "ini").write_text(
            f"[databases]\n* = host={database.host} port={database.port}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {folder}/users\npool_mode = {mode}\n"
            f"server_reset_query =\nlogfile = {folder}/{mode}/log\n"
        )
    for path in (folder, *folder.rglob("*")):
        user.own(path)
    running = [
        subprocess.Popen(
            [PGBOUNCER, "--quiet", str(folder / mode / "ini")],
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
        )
        for mode in ("session", "transaction")
    ]
    for mode, process in zip(("session", "transaction"), running, strict=True):
        while postmaster.is_free(int((folder / mode / "port").read_text())):
            assert process.poll() is None, (folder / mode / "log").read_text()
            time.sleep(0.05)
    yield folder
    for process in running:
        process.kill()
        process.wait()


def through(pgbouncer: Path, mode: str, warehouse: Warehouse) -> Warehouse:
    port = int((pgbouncer / mode / "port").read_text())
    return Warehouse(replace(warehouse.address, port=port), warehouse.folder)


@pytest.mark.slow
def test_pgbouncer_in_session_mode(warehouse: Warehouse, pgbouncer: Path, delivery: Path) -> None:
    pooled = through(pgbouncer, "session", warehouse)
    pooled.run(*load_command(delivery))
    pooled.run(*dbt_command("run", "--select", "+dim_companies"))
    # A run that is killed leaves no lock, although this pool resets nothing.
    holder = address.connect(pooled.address)
    holder.set_session(readonly=True)
    assert session_lock._try(holder, LOCK)
    os.close(holder.fileno())  # nothing is said to the pooler
    ended = time.monotonic() + 20
    while warehouse.rows("select from pg_locks where locktype = 'advisory'"):
        assert time.monotonic() < ended
        time.sleep(0.1)


@pytest.mark.slow
def test_pgbouncer_in_transaction_mode(
    warehouse: Warehouse, pgbouncer: Path, delivery: Path
) -> None:
    pooled = through(pgbouncer, "transaction", warehouse)
    for command in (load_command(delivery), dbt_command("run")):
        assert "pool_mode = session" in pooled.run(*command, fails=True)
