"""One simulated delivery, loaded and built in a new database: Settings -> World."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database import address
from generator import Settings, Truth, generate
from sandbox.warehouse import Warehouse

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class World:
    """The truth about a simulated delivery, and the database that the models built from it."""

    truth: Truth
    database: Warehouse


@contextlib.contextmanager
def built(delivery: Path, folder: Path, models: Sequence[str]) -> Iterator[Warehouse]:
    """Load a delivery, build `models` (a dbt selection); drop the database at the end.

    The database is created on the configured server. Raises SandboxError where a command fails.
    """
    server = address.resolve()
    database = Warehouse.create(server, folder / "home")
    try:
        _timed("loaded", lambda: database.load(delivery))
        _timed("built", lambda: database.build(models))
        yield database
    finally:
        database.drop(server)


@contextlib.contextmanager
def simulated(settings: Settings, folder: Path, models: Sequence[str]) -> Iterator[World]:
    """Generate a delivery, and the database that is `built` of it."""
    delivery = folder / "delivery"
    truth = _timed("generated", lambda: generate(settings, delivery))
    with built(delivery, folder, models) as database:
        yield World(truth, database)


def _timed(what: str, step: Any) -> Any:
    start = time.monotonic()
    result = step()
    logger.info("%s in %.0f s", what, time.monotonic() - start)
    return result
