"""The deliveries that the marts are compared over, loaded and built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.warehouse import Warehouse
from tests.conftest import ROOT, SAMPLE

DELIVERIES = [SAMPLE, ROOT / "input"] if SAMPLE.is_dir() else [ROOT / "input"]


@pytest.fixture(scope="session", params=DELIVERIES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """The deliveries that the marts are compared over: a real one, and the project's own."""
    return Path(request.param)


@pytest.fixture(scope="session")
def built(folder: Path, build: Callable[[Path], Warehouse]) -> Warehouse:
    """A database with the delivery in it and all models, to be read only."""
    return build(folder)
