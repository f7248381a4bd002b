"""The deliveries that the marts are compared over, loaded and built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.warehouse import Warehouse
from tests.conftest import ROOT


@pytest.fixture(scope="session", params=["input-sample", "input"])
def folder(request: pytest.FixtureRequest) -> Path:
    """The deliveries that the marts are compared over: a real one, and the project's own."""
    if request.param == "input":
        return ROOT / "input"
    return Path(request.getfixturevalue("sample_input"))


@pytest.fixture(scope="session")
def built(folder: Path, build: Callable[[Path], Warehouse]) -> Warehouse:
    """A database with the delivery in it and all models, to be read only."""
    return build(folder)
