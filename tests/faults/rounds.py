"""Rounds of faults: a delivery that goes on changing, and what must hold after every one."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.conftest import Loader
from tests.load.deliveries import Row, event
from tests.load.reference import TABLE, Reference
from tests.load.soundness import assert_sound

SCRIPT = Path(__file__).resolve().parents[2] / "pipelines" / "consent_pipeline.py"
KILL_AT = Path(__file__).with_name("kill_at.py")
FILES = 6


def repeated(few: int, many: int) -> pytest.MarkDecorator:
    """Gives a test the number of its rounds, `count`: `few`, and `many` in `make campaign`."""
    return pytest.mark.parametrize("count", [few, pytest.param(many, marks=pytest.mark.campaign)])


class Rounds:
    """A seeded sequence of deliveries to one folder, with the table they must end in."""

    def __init__(self, loader: Loader, seed: int, rows: int = 60) -> None:
        self.loader, self.rows = loader, rows
        self.random = random.Random(seed)
        self.reference = Reference()
        self.bad: dict[str, set[int]] = {}
        self.round = 0

    def deliver(self, files: int = 3) -> None:
        """Rewrites some files, CSV and Parquet, each row valid or not."""
        self.round += 1
        for number in self.random.sample(range(FILES), files):
            rows = [self._row(number) for _ in range(self.rows)]
            write = self.loader.input.parquet if number % 2 else self.loader.input.csv
            path = write(f"f{number}", rows, day=number % 3)
            name = path.relative_to(self.loader.input.root).as_posix()
            self.bad[name] = {i for i, row in enumerate(rows, 1) if row["RATE"] == "7"}
            good = {i: row for i, row in enumerate(rows, 1) if i not in self.bad[name]}
            self.reference.deliver_numbered({name: (number % 3, good)})

    def _row(self, file: int) -> Row:
        if self.random.random() < 0.05:  # never delivered right: its key is the file's own
            return event(f"bad-{file}-{self.random.randrange(9)}", RATE="7")
        key = f"e{self.random.randrange(self.rows * 3)}"
        return event(key, CONSENT=f"{self.round}-{self.random.randrange(3)}", PARAMETERS="[1]" * 1)

    def start(self, *, script: Path = SCRIPT, **env: str) -> subprocess.Popen[str]:
        """A run in a process of its own."""
        return subprocess.Popen(
            [sys.executable, str(script), "--input", str(self.loader.input.root)],
            env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])} | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that runs the tests in the background has it ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def heal_and_check(self) -> None:
        """Runs again without help; then everything is as if nothing had happened."""
        self.loader.load()
        self.check()

    def check(self) -> None:
        """The table is the reference's, and the dataset is sound."""
        loader = self.loader
        assert loader.sql(TABLE) == self.reference.rows()
        rejected = {(path, row) for path, row, _ in loader.quarantine()}
        assert rejected == {(path, row) for path, rows in self.bad.items() for row in rows}
        assert len(loader.quarantine()) == len(rejected)
        assert_sound(loader)
        assert set(loader.outcomes().values()) == {"loaded"}
