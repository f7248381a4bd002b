"""Two builds at once: the second waits and says so; nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from itertools import count

import pytest

from database import address
from database.address import Address
from sandbox.warehouse import Warehouse, dbt_command
from tests.faults.build_ground import STARTS, Ground, arguments, start_dbt

LAUNCHER = tuple(dbt_command())
PLAIN = (sys.executable, "-c", "from dbt.cli.main import cli; cli()")
"""dbt without our launcher, and so without the lock that the launcher holds."""
WAITING = "another build works in"
ROUNDS = 30

# Rows that a stored aggregate has more of than there are events.
DOUBLED = """
select coalesce(sum(greatest(stored.row_count - events.row_count, 0)), 0)
from (
    select sum(event_row_count) as row_count from intermediate.int_consent_daily
    union all select sum(event_row_count) from intermediate.int_activity_hourly
    union all select sum(event_row_count) from intermediate.int_quality_daily
    union all select sum(event_row_count) from intermediate.int_sampling_daily
    union all select sum(event_row_count) from intermediate.int_payload_daily
    where item_type = 'event'
) as stored
cross join (select count(*) as row_count from consent_raw.events) as events
"""


@pytest.fixture(scope="module")
def ground(database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground.prepare(database, tmp_path_factory.mktemp("overlap"))


class Overlaps:
    """Rounds of two builds at once on one ground."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.random = random.Random(seed)
        self.numbers = count()
        self.doubled = self.waited = 0

    def overlap(
        self,
        start: str,
        first: Sequence[str],
        other: Sequence[str],
        written_to: str | None = None,
    ) -> None:
        """Two builds on a copy, the other a moment after the first; then the comparison.

        `written_to` is a table that a third session writes to until both of them wait for it.
        """
        warehouse = self.ground.begin(start, f"round-{next(self.numbers)}")
        running: list[subprocess.Popen[str]] = []
        with writing(warehouse, written_to) if written_to else nullcontext():
            for number, program in enumerate((first, other)):
                target = self.ground.folder / f"target-{number}"
                running.append(start_dbt(warehouse, arguments(start), target, program))
                time.sleep(self.random.uniform(0, 2))
        said = [process.communicate(timeout=300)[0] for process in running]
        assert [process.returncode for process in running] == [0, 0], "\n\n".join(said)
        self.waited += sum("waiting for it to end" in text for text in said)
        ((doubled,),) = warehouse.rows(DOUBLED)
        self.doubled += int(doubled)
        found = self.ground.differences(start, warehouse)
        assert (doubled, found) == (0, {}), f"{start}, {first}, {other}"
        warehouse.drop(self.ground.server)


@contextmanager
def writing(warehouse: Warehouse, table: str) -> Iterator[None]:
    """Writes to a table as a build does, until two other sessions wait for it."""
    waiting = f"select count(*) from pg_locks where relation = '{table}'::regclass and not granted"
    with closing(address.connect(warehouse.address)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"lock table {table} in share row exclusive mode")
        yield
        until = time.monotonic() + 120
        while warehouse.rows(waiting) != [(2,)] and time.monotonic() < until:
            time.sleep(0.2)


def test_a_second_build_waits(ground: Ground) -> None:
    rounds = Overlaps(ground, seed=5)
    rounds.overlap("next build", LAUNCHER, LAUNCHER)
    assert rounds.waited > 0


def test_builds_without_our_launcher_wait_at_a_table(ground: Ground) -> None:
    """Both come to a table that a third session writes to, and go on together when it has ended."""
    rounds = Overlaps(ground, seed=5)
    rounds.overlap("next build", PLAIN, PLAIN, written_to="intermediate.int_consent_daily")
    assert rounds.waited == 2


def test_dbt_without_our_launcher_waits_for_it(ground: Ground) -> None:
    rounds = Overlaps(ground, seed=8)
    rounds.overlap("next build", LAUNCHER, PLAIN)
    assert rounds.waited > 0


@pytest.mark.campaign
def test_rounds_of_two_builds(
    ground: Ground, seed: int, record_property: Callable[[str, object], None]
) -> None:
    rounds = Overlaps(ground, seed)
    for number in range(ROUNDS):
        # Without the launcher, builds that make the tables at the same time may fail.
        start = STARTS[number % 3] if number % 2 else "next build"
        both = (
            (LAUNCHER, LAUNCHER)
            if number % 2
            else rounds.random.choice([(LAUNCHER, PLAIN), (PLAIN, LAUNCHER), (PLAIN, PLAIN)])
        )
        rounds.overlap(start, *both)
    record_property(
        "figure",
        f"{ROUNDS} rounds of two builds at once, {rounds.waited} builds waited:"
        f" {rounds.doubled} rows doubled, all marts equal to those of a build alone",
    )
