"""A thread that never returns, as one of Arrow on a dead network disk: the process still ends."""

import signal
import time
from pathlib import Path

import pytest

from tests.faults.rounds import Rounds
from tests.load.conftest import Loader
from tests.load.deliveries import events

HANGING = Path(__file__).with_name("never_returns.py")


@pytest.mark.parametrize(
    ("cause", "code", "sentence"),
    [
        ("ctrl-C", 130, "Interrupted; the next load goes on from here."),
        ("another file", 2, "The load stopped: the disk is full (/somewhere); nothing is lost"),
    ],
)
def test_process_ends_after_its_message(
    loader: Loader, tmp_path: Path, cause: str, code: int, sentence: str
) -> None:
    loader.input.csv("a", events("e1"))
    if cause == "another file":
        loader.input.parquet("b", events("e2", RATE=0.5))
    reading = tmp_path / "reading"
    run = Rounds(loader, seed=1).start(script=HANGING, READING=str(reading))
    while not reading.exists():
        assert run.poll() is None, run.communicate()
        time.sleep(0.1)
    if cause == "ctrl-C":
        run.send_signal(signal.SIGINT)
    said = "".join(run.communicate(timeout=15))
    assert run.returncode == code and sentence in said, said
    assert "Traceback" not in said
    (tmp_path / "input/events/parquet/b.parquet").unlink(missing_ok=True)
    loader.load()
    assert loader.ids() == ["e1"]
