"""One simulated delivery, loaded and built in a new database: Settings -> World."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database import address
from database.address import Address
from database.home import PROJECT_ROOT
from generator import Settings, Truth, generate

logger = logging.getLogger(__name__)


class ProofError(Exception):
    """A command of the proof failed; the message holds the end of its output."""


@dataclass(frozen=True)
class World:
    """The truth about a simulated delivery, and the database that the models built from it."""

    truth: Truth
    database: Address

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with closing(address.connect(self.database)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


@contextlib.contextmanager
def simulated(settings: Settings, folder: Path, models: Sequence[str]) -> Iterator[World]:
    """Generate a delivery, load it, run `models` (a dbt selection); drop the database at the end.

    The database is created on the configured server. Raises ProofError where a command fails.
    """
    delivery = folder / "delivery"
    truth = _timed("generated", lambda: generate(settings, delivery))
    with _database() as own:
        environment = _environment(own, folder)
        load = [sys.executable, "pipelines/consent_pipeline.py", "--input", str(delivery)]
        _timed("loaded", lambda: _run(load, PROJECT_ROOT, environment))
        dbt = str(Path(sys.executable).with_name("dbt"))
        command = [dbt, "--quiet", "run", "--select", *models]
        _timed("built", lambda: _run(command, PROJECT_ROOT / "dbt_project", environment))
        yield World(truth, own)


@contextlib.contextmanager
def _database() -> Iterator[Address]:
    name = f"proof_{secrets.token_hex(6)}"
    with closing(address.connect(address.resolve())) as admin, admin.cursor() as cursor:
        admin.autocommit = True
        cursor.execute(f"create database {name}")
        try:
            yield dataclasses.replace(address.resolve(), database=name)
        finally:
            cursor.execute(f"drop database {name} with (force)")


def _environment(database: Address, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DESTINATION__POSTGRES__CREDENTIALS": database.url,
        "CONSENT_HOME": str(folder / "home"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }


def _run(command: Sequence[str], cwd: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise ProofError(f"{' '.join(command)}\n{(done.stdout + done.stderr)[-2000:]}")


def _timed(what: str, step: Any) -> Any:
    start = time.monotonic()
    result = step()
    logger.info("%s in %.0f s", what, time.monotonic() - start)
    return result
