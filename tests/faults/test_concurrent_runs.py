"""Two and three runs at once on one dataset: they wait for each other, and no row is lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.rounds import KILL_AT, SCRIPT, Rounds, repeated
from tests.load.conftest import Loader
from tests.load.deliveries import Folder, event
from tests.load.reference import TABLE
from tests.load.soundness import assert_sound

LOCK = "select pg_advisory_lock(hashtextextended('consent load of consent_raw', 0))"
UNLOCK = LOCK.replace("pg_advisory_lock", "pg_advisory_unlock")


@repeated(1, 3)
@pytest.mark.parametrize("runs", [2, 3])
@pytest.mark.parametrize("homes", ["one home", "several homes"])
def test_runs_at_once_on_one_delivery(
    loader: Loader, tmp_path: Path, runs: int, homes: str, count: int
) -> None:
    """Two and three runs, with the same working folder and with several."""
    rounds = Rounds(loader, seed=31)
    for _ in range(count):
        rounds.deliver()
        processes = []
        for number in range(runs):
            home = tmp_path / ("home" if homes == "one home" else f"home-{number}")
            processes.append(rounds.start(CONSENT_HOME=str(home)))
            time.sleep(rounds.random.uniform(0, 0.4))
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, out + err
        rounds.check()


@repeated(1, 3)
def test_runs_at_once_on_different_deliveries(loader: Loader, tmp_path: Path, count: int) -> None:
    """Three runs at once, each with a separate input folder and working folder."""
    expected: dict[str, str] = {}
    for number in range(count):
        processes = []
        for run in range(3):
            folder = Folder(tmp_path / f"input-{run}")
            ids = [f"{run}-{number}-{i}" for i in range(200)]
            write = folder.csv if run % 2 else folder.parquet
            write(f"{run}-{number}", [event(i, CONSENT="x") for i in ids], day=run)
            expected |= {i: "x" for i in ids}
            processes.append(
                subprocess.Popen(
                    [sys.executable, str(SCRIPT), "--input", str(folder.root)],
                    env=os.environ | {"CONSENT_HOME": str(tmp_path / f"home-{run}")},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
            )
        for process in processes:
            out, _ = process.communicate(timeout=120)
            assert process.returncode == 0, out
        assert {row[0]: row[1] for row in loader.sql(TABLE)} == expected
        assert_sound(loader)


@repeated(2, 5)
def test_run_killed_while_another_waits(loader: Loader, tmp_path: Path, count: int) -> None:
    """The run that holds the lock is killed at a random statement, the waiting one finishes."""
    rounds = Rounds(loader, seed=32)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    for _ in range(count):
        rounds.deliver()
        point = str(rounds.random.randint(20, 170))
        first = rounds.start(script=KILL_AT, KILL_EVENT="statement", KILL_AT=point)
        time.sleep(0.3)
        second = rounds.start(CONSENT_HOME=str(tmp_path / "second"))
        first.communicate(timeout=120)
        assert first.returncode in (-signal.SIGKILL, 0)
        out, err = second.communicate(timeout=120)
        assert second.returncode == 0, out + err
        rounds.check()


def test_waiting_run_says_so_and_finds_what_came_meanwhile(loader: Loader) -> None:
    rounds = Rounds(loader, seed=33)
    loader.sql(LOCK)
    process = rounds.start()
    assert process.stderr is not None
    assert "another run is loading into consent_raw: waiting" in process.stderr.readline()
    rounds.deliver()
    loader.sql(UNLOCK)
    process.communicate(timeout=120)
    assert process.returncode == 0
    rounds.check()


def test_waiting_run_can_be_interrupted(loader: Loader) -> None:
    rounds = Rounds(loader, seed=34)
    rounds.deliver()
    loader.sql(LOCK)
    process = rounds.start()
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130 and err == "Interrupted; the next load goes on from here.\n"
    loader.sql(UNLOCK)
    rounds.heal_and_check()


@repeated(3, 8)
def test_run_interrupted_at_random_moments(loader: Loader, count: int) -> None:
    """Each round gets a ctrl-C."""
    rounds = Rounds(loader, seed=35)
    for _ in range(count):
        rounds.deliver()
        process = rounds.start()
        time.sleep(rounds.random.uniform(1.0, 1.9))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode in (0, 130, -signal.SIGINT), err
        if process.returncode == 130:
            assert err.splitlines()[-1].startswith("Interrupted") and "Traceback" not in err
        rounds.heal_and_check()
