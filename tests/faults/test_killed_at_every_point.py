"""kill -9 of the load at chosen points: around its SQL statements, and at its file operations."""

import re
import signal

import pytest

from tests.faults.rounds import KILL_AT, Rounds
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


@pytest.mark.parametrize(("event", "count"), [("statement", 22), ("file", 18)])
def test_load_killed_at_a_point_is_finished_by_the_next_run(
    loader: Loader, event: str, count: int
) -> None:
    """22 points of the SQL statements and 18 of the file operations, spread over a whole run."""
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


def test_first_load_killed_at_a_point_is_finished_by_the_next_run(loader: Loader) -> None:
    """9 points, each of a first load into an empty database."""
    rounds = Rounds(loader, seed=2)
    total = points(rounds, "statement")
    for number in range(9):
        for dataset in ("consent_raw", "consent_raw_staging"):
            loader.sql(f"drop schema if exists {dataset} cascade")
        kill_at(rounds, "statement", 1 + round(number * (total - 1) / 8))
        rounds.heal_and_check()


def test_load_killed_again_and_again_at_later_points(loader: Loader) -> None:
    """3 loads, each killed 4 times before it may come to its end."""
    rounds = Rounds(loader, seed=3)
    total = points(rounds, "statement")
    for _ in range(3):
        rounds.deliver()
        for _ in range(4):
            kill_at(rounds, "statement", rounds.random.randint(1, total))
        rounds.heal_and_check()
