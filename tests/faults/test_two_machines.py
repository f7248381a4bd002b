"""Two machines load into one database: working folders, clocks and crashes of their own."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.rounds import KILL_AT, SCRIPT, Rounds, repeated
from tests.load.conftest import Loader
from tests.load.deliveries import event, events
from tests.load.soundness import assert_sound

BEHIND = Path(__file__).with_name("hour_behind.py")
OnB = Callable[..., str]


@pytest.fixture
def on_b(loader: Loader, tmp_path: Path) -> OnB:
    """Runs the load on machine B: another working folder, the same database and files."""

    def run(rounds: Rounds, script: Path = SCRIPT) -> str:
        home = str(tmp_path / "machine-b")
        process = rounds.start(script=script, CONSENT_HOME=home)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out + err

    return run


@repeated(2, 5)
@pytest.mark.parametrize("clock", ["same", "an hour behind"])
def test_crash_on_a_then_a_run_on_b_then_on_a(
    loader: Loader, on_b: OnB, clock: str, count: int
) -> None:
    """A is killed at a random statement."""
    rounds = Rounds(loader, seed=21)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    for _ in range(count):
        rounds.deliver()
        point = str(rounds.random.randint(1, 170))
        process = rounds.start(script=KILL_AT, KILL_EVENT="statement", KILL_AT=point)
        process.communicate(timeout=120)
        assert process.returncode in (0, -signal.SIGKILL)
        on_b(rounds, script=SCRIPT if clock == "same" else BEHIND)
        rounds.check()
        rounds.heal_and_check()


def test_machines_take_turns_with_deliveries_of_their_own(loader: Loader, on_b: OnB) -> None:
    """6 deliveries, A and B in turn, B's clock an hour behind."""
    rounds = Rounds(loader, seed=22)
    for number in range(6):
        rounds.deliver()
        if number % 2:
            on_b(rounds, script=BEHIND)
            rounds.check()
        else:
            rounds.heal_and_check()


def test_column_that_b_added_is_emptied_by_a_delivery_on_a_that_lacks_it(
    loader: Loader, on_b: OnB
) -> None:
    rounds = Rounds(loader, seed=23)
    loader.input.csv("a", events("e1", "e2"), day=1)
    loader.load()
    loader.input.csv("b", events("e1", "e2", USER_ID="u"), day=2)
    on_b(rounds)
    loader.input.csv("c", [event("e1"), event("e3")], day=3)
    loader.load()
    assert loader.sql("select event_id, user_id from events order by 1") == [
        ("e1", None),
        ("e2", "u"),
        ("e3", None),
    ]
    assert_sound(loader)


def test_dataset_dropped_from_b_is_loaded_again_on_a(loader: Loader, on_b: OnB) -> None:
    rounds = Rounds(loader, seed=24)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    on_b(rounds)
    loader.sql("drop schema consent_raw cascade")
    on_b(rounds)
    rounds.heal_and_check()


@repeated(2, 5)
def test_run_that_lost_its_lock_does_no_harm_to_the_next(
    loader: Loader, on_b: OnB, count: int
) -> None:
    """A is stopped at a random moment (SIGSTOP), its lock is cut, B loads, A goes on."""
    rounds = Rounds(loader, seed=25)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    for _ in range(count):
        rounds.deliver()
        process = rounds.start()
        time.sleep(rounds.random.uniform(0.8, 1.8))
        os.kill(process.pid, signal.SIGSTOP)
        loader.sql(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            " and pid <> pg_backend_pid()"
        )
        on_b(rounds)
        os.kill(process.pid, signal.SIGCONT)
        out, err = process.communicate(timeout=120)
        assert process.returncode in (0, 2), err
        assert "Traceback" not in out + err
        rounds.heal_and_check()
