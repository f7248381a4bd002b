"""kill -9 of the load and of Postgres at random moments, and connections cut under a load."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from database import address
from database.embedded import cluster, postmaster, server
from tests.conftest import CREDENTIALS
from tests.faults.rounds import SCRIPT, Rounds, repeated
from tests.load.conftest import Loader, use_own_folders

SMALL_PACKAGES = Path(__file__).with_name("small_packages.py")
# From the start of a process to the end of its load; the random moments lie in between.
RUN_SECONDS = 3.0


def wait(rounds: Rounds, longest: float = RUN_SECONDS) -> None:
    time.sleep(rounds.random.uniform(0.5, longest))


@repeated(4, 12)
def test_load_killed_at_random_moments(loader: Loader, count: int) -> None:
    """Each round is killed 1 to 3 times, every second one with a package for each file."""
    rounds = Rounds(loader, seed=11)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    for number in range(count):
        rounds.deliver()
        for _ in range(rounds.random.randint(1, 3)):
            process = rounds.start(script=SMALL_PACKAGES if number % 2 else SCRIPT)
            wait(rounds, 2.5)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        rounds.heal_and_check()


@repeated(3, 10)
def test_connections_cut_at_random_moments(loader: Loader, count: int) -> None:
    """Every connection to the database is cut up to 3 times a round, the lock's too."""
    rounds = Rounds(loader, seed=12)
    for _ in range(count):
        rounds.deliver()
        process = rounds.start()
        for _ in range(rounds.random.randint(1, 3)):
            wait(rounds, 1.8)
            loader.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and backend_type = 'client backend'"
                " and pid <> pg_backend_pid()"
            )
        out, err = process.communicate(timeout=120)
        assert process.returncode in (0, 2), err
        if process.returncode == 2:
            assert err.splitlines()[-1].startswith("The load stopped: ")
        assert "Traceback" not in out + err
        rounds.heal_and_check()


@pytest.fixture
def own_server(
    consent_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Loader]:
    """A loader on an embedded server of its own, which the load itself starts again."""
    home = consent_home / "killed"
    monkeypatch.setenv("CONSENT_HOME", str(home))
    monkeypatch.setenv("CONSENT_PORT", "")
    monkeypatch.delenv(CREDENTIALS, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    use_own_folders()
    made = Loader(address.embedded(), tmp_path / "input", capfd, caplog)
    yield made
    server.stop(home)
    monkeypatch.undo()
    use_own_folders()


def kill_postgres(home: Path) -> None:
    """The postmaster and every backend, all at once, as when the machine loses its power."""
    found = postmaster.find(cluster.path_of(home))
    assert found is not None
    parent = psutil.Process(found.pid)
    for process in [parent, *parent.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@repeated(3, 9)
def test_postgres_killed_at_random_moments(
    own_server: Loader, consent_home: Path, count: int
) -> None:
    """kill -9 of Postgres during a load; in every third round, of the load as well."""
    rounds = Rounds(own_server, seed=13)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    for number in range(count):
        rounds.deliver()
        process = rounds.start()
        wait(rounds)
        kill_postgres(consent_home / "killed")
        if number % 3 == 2:
            process.kill()
        out, err = process.communicate(timeout=120)
        assert process.returncode in (0, 2, -signal.SIGKILL), err
        assert "Traceback" not in out + err
        own_server.run()  # starts the server again; its own report is not asked for
        own_server.connection = address.connect(address.embedded())
        own_server.connection.autocommit = True
        rounds.heal_and_check()
