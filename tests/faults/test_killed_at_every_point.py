"""kill -9 of the load at chosen points: around its SQL statements, and at its file operations."""

import re
import signal

import pytest

from tests.faults.rounds import KILL_AT, Rounds, repeated
from tests.load.conftest import Loader


def points(rounds: Rounds, event: str) -> int:
    rounds.deliver()
    process = rounds.start(script=KILL_AT, KILL_EVENT=event, KILL_AT="0")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found = re.search(r"points: (\d+)", out)
    assert found
    return int(found[1])


def kill_at(rounds: Rounds, event: str, point: int) -> bool:
    process = rounds.start(script=KILL_AT, KILL_EVENT=event, KILL_AT=str(point))
    out, err = process.communicate(timeout=120)
    assert process.returncode in (-signal.SIGKILL, 0), out + err
    return process.returncode != 0


@repeated(7, 22)
@pytest.mark.parametrize("event", ["statement", "file"])
def test_load_killed_at_a_point_is_finished_by_the_next_run(
    loader: Loader, event: str, count: int
) -> None:
    """Points of the SQL statements, or of the file operations, spread over a whole run."""
    rounds = Rounds(loader, seed=1)
    points(rounds, event)
    rounds.check()
    total = points(rounds, event)
    killed = 0
    for number in range(count):
        rounds.deliver()
        killed += kill_at(rounds, event, 1 + round(number * (total - 1) / (count - 1)))
        rounds.heal_and_check()
    assert killed > count * 0.8


@repeated(3, 9)
def test_first_load_killed_at_a_point_is_finished_by_the_next_run(
    loader: Loader, count: int
) -> None:
    """Points of a first load into an empty database."""
    rounds = Rounds(loader, seed=2)
    total = points(rounds, "statement")
    for number in range(count):
        for dataset in ("consent_raw", "consent_raw_staging"):
            loader.sql(f"drop schema if exists {dataset} cascade")
        kill_at(rounds, "statement", 1 + round(number * (total - 1) / (count - 1)))
        rounds.heal_and_check()


@repeated(1, 3)
def test_load_killed_again_and_again_at_later_points(loader: Loader, count: int) -> None:
    """Each load is killed 4 times before it may come to its end."""
    rounds = Rounds(loader, seed=3)
    total = points(rounds, "statement")
    for _ in range(count):
        rounds.deliver()
        for _ in range(4):
            kill_at(rounds, "statement", rounds.random.randint(1, total))
        rounds.heal_and_check()
