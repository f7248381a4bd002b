"""A build that is killed or interrupted in the middle of a step: the next one makes it good."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from database import address
from database.address import Address
from database.embedded import cluster, postmaster, server
from sandbox import servers
from sandbox.warehouse import Warehouse
from tests.conftest import free_port
from tests.faults.build_ground import STARTS, Ground, arguments, start_dbt

STEPS = """
select pid, substring(query from '^/[*] dbt (\\w+) [*]/') as step from pg_stat_activity
where datname = %s and query like '/* dbt %%' and state in ('active', 'idle in transaction')
"""
KINDS = (
    "dbt killed",
    "dbt interrupted",
    "connection cut",
    "Postgres killed",
    "Postgres stopped at once",
)
MODELS = 45
KILLS_EACH = 8


@pytest.fixture(scope="module")
def home(consent_home: Path) -> Iterator[Path]:
    """A separate server with the settings that users have, since it is killed."""
    home = consent_home / "builds"
    servers.create_cluster(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONSENT_PORT", str(free_port()))
        server.start(home)
        yield home
        server.stop(home)


@pytest.fixture(scope="module")
def ground(home: Path, packages: None, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    running = server.start(home)
    found = Address(
        running.host, running.port, running.user, running.password, running.database, False
    )
    return Ground.prepare(found, tmp_path_factory.mktemp("killed"))


class Killer:
    """Kills builds on one ground at seeded moments."""

    def __init__(self, ground: Ground, home: Path, seed: int) -> None:
        self.ground, self.home = ground, home
        self.random = random.Random(seed)
        self.tries = self.kills = 0

    def kill_a_build(self, kind: str) -> None:
        """One kill that hits, then one run, then the comparison; misses are tried again."""
        while True:
            self.tries += 1
            start = self.random.choice(STARTS)
            warehouse = self.ground.begin(start, f"{kind}-{self.tries}")
            process = start_dbt(warehouse, arguments(start), self.ground.folder / "target")
            step = self._kill_in_a_step(kind, process, warehouse)
            printed, _ = process.communicate(timeout=120)
            server.start(self.home)
            if step is not None and process.returncode != 0:
                break
        self.kills += 1
        warehouse.build()
        found = self.ground.differences(start, warehouse)
        assert found == {}, f"{kind} in {step}, {start}: {found}\n{printed}"
        warehouse.drop(self.ground.server)

    def _kill_in_a_step(
        self, kind: str, process: subprocess.Popen[str], warehouse: Warehouse
    ) -> str | None:
        """Waits until so many steps were seen, and kills in the midst of the last."""
        wanted, seen = self.random.randrange(1, MODELS), set()
        with closing(address.connect(warehouse.address)) as connection:
            connection.autocommit = True
            while process.poll() is None:
                with connection.cursor() as cursor:
                    cursor.execute(STEPS, (warehouse.address.database,))
                    running = cursor.fetchall()
                seen |= {step for _, step in running}
                if len(seen) >= wanted and running:
                    pid, step = self.random.choice(running)
                    time.sleep(self.random.uniform(0, 0.02))
                    with contextlib.suppress(ProcessLookupError, psycopg2.OperationalError):
                        self._kill(kind, process, connection, pid)
                    return str(step)
        return None

    def _kill(
        self,
        kind: str,
        process: subprocess.Popen[str],
        connection: psycopg2.extensions.connection,
        pid: int,
    ) -> None:
        if kind == "dbt killed":
            os.killpg(process.pid, signal.SIGKILL)
        elif kind == "dbt interrupted":
            os.kill(process.pid, signal.SIGINT)
        elif kind == "connection cut":
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(%s)", (pid,))
        else:
            found = postmaster.find(cluster.path_of(self.home))
            assert found is not None
            parent = psutil.Process(found.pid)
            family = [parent, *parent.children(recursive=True)]
            if kind == "Postgres stopped at once":
                parent.send_signal(signal.SIGQUIT)
            else:
                for member in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        member.kill()
            psutil.wait_procs(family, timeout=30)


@pytest.mark.parametrize("kind", ["dbt killed", "Postgres killed"])
def test_a_killed_build_is_made_good_by_the_next(ground: Ground, home: Path, kind: str) -> None:
    Killer(ground, home, seed=3).kill_a_build(kind)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_kills(
    ground: Ground, home: Path, seed: int, record_property: Callable[[str, object], None], kind: str
) -> None:
    killer = Killer(ground, home, seed)
    for _ in range(KILLS_EACH):
        killer.kill_a_build(kind)
    record_property(
        "figure",
        f"{kind}: {killer.kills} of {killer.tries} kills hit a step;"
        f" after one more run all marts are equal to the reference",
    )
