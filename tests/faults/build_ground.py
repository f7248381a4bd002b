"""A database between two deliveries, on which builds are killed and overlap.

Every round begins with a copy of it, so one undisturbed build is the reference of all rounds.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from database import dbt
from database.address import Address
from generator import Settings, generate
from sandbox.warehouse import Warehouse, dbt_command
from tests.dbt.compare_marts import Renames, Table, compare, read_marts

TIMES_OF_BUILDS = {"reported_at": "of a build", "previous_reported_at": "of a build"}
SIZE = {"companies": 3, "events_per_company": 1500, "payload": "small", "experiment": True}
STARTS = ("first build", "next build", "full refresh")
"""Kinds of builds: no model is there yet; the second delivery is new; all is computed again."""


@dataclass(frozen=True)
class Ground:
    """Both deliveries loaded: without any model (`empty`), and with those of the first built."""

    server: Address
    folder: Path
    empty: Warehouse
    half: Warehouse
    references: dict[str, dict[str, Table]] = field(default_factory=dict)
    """Marts of one undisturbed build, by its kind; made when they are first needed."""

    @classmethod
    def prepare(cls, server: Address, folder: Path) -> Ground:
        """Generate, load and build."""
        delivery = folder / "input"
        generate(Settings(**SIZE, start="2025-10-06"), delivery)  # type: ignore[arg-type]
        empty = Warehouse.create(server, folder / "empty")
        empty.load(delivery)
        half = Warehouse.create(server, folder / "half", empty)
        half.build()
        second(delivery, folder / "second")
        for warehouse in (empty, half):
            warehouse.load(delivery)
        return cls(server, folder, empty, half)

    def begin(self, start: str, name: str) -> Warehouse:
        """A copy for one round."""
        template = self.empty if start == "first build" else self.half
        return Warehouse.create(self.server, self.folder / name, template)

    def differences(self, start: str, built: Warehouse) -> dict[str, list[str]]:
        """How the marts differ from those of one undisturbed build; empty where none does."""
        if start not in self.references:
            alone = self.begin(start, f"reference of a {start}")
            alone.dbt(*arguments(start))
            self.references[start] = read_marts(alone.url)
        marts = read_marts(built.url)
        found = compare(self.references[start], marts, Renames(excluded=TIMES_OF_BUILDS))
        return {mart: what for mart, what in found.items() if what}


def second(delivery: Path, scratch: Path) -> None:
    """Adds new files of later days, and delivers a first file again with a tenth of it moved."""
    generate(Settings(**SIZE, seed=2, start="2025-10-08"), scratch)  # type: ignore[arg-type]
    for file in scratch.glob("events/*/*"):
        shutil.copy(file, delivery / file.parent.relative_to(scratch) / f"second-{file.name}")
    again = min(delivery.glob("events/csv/events-*.csv"))
    with again.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[::10]:
        row["EVENT_TIME"] = "2025-10-07 12:00:00.000"
    with again.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def arguments(start: str) -> list[str]:
    """The dbt command of a kind of build."""
    words = ["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    return [*words, "--full-refresh"] if start == "full refresh" else words


def start_dbt(
    warehouse: Warehouse, words: Sequence[str], target: Path, program: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """Start a dbt command as a separate process, by default with the project's launcher.

    `target` keeps the parsed project from one process to the next, which saves its seconds.
    """
    variables = warehouse.environment() | dbt.environment(warehouse.address)
    variables |= {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(warehouse.folder / "logs")}
    return subprocess.Popen(
        [*(program or dbt_command()), *words],
        cwd=dbt.PROJECT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # a shell that runs the tests in the background has it ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
