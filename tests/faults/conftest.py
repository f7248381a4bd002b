"""Every test here takes minutes; the loader is that of tests/load."""

from pathlib import Path

import pytest

from tests.load.conftest import loader  # noqa: F401  (a fixture)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks all tests of this folder as slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
