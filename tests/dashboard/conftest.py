"""Fixtures of the dashboard's tests, on the project's input/ loaded and built (`built`)."""

from collections.abc import Callable, Iterator

import pytest

from dashboard.panels.selection import Selection
from dashboard.queries.filters import Filters
from dashboard.queries.marts import Marts
from dashboard.tools import browser
from database import address
from database.address import Address
from sandbox.warehouse import Warehouse


@pytest.fixture
def configured(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Makes `built` the configured database, for this process and its children."""
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)
    found = address.configured()
    assert found is not None
    return found


@pytest.fixture
def marts(configured: Address) -> Iterator[Marts]:
    found = Marts(lambda: configured)
    yield found
    found.close()


@pytest.fixture
def select(marts: Marts) -> Callable[..., Selection]:
    """Makes a selection by filters: select(countries=("FR",))."""
    return lambda **chosen: Selection(marts, Filters(**chosen))


@pytest.fixture
def empty(fresh_database: Address) -> Iterator[Marts]:
    """A database without any table."""
    found = Marts(lambda: fresh_database)
    yield found
    found.close()


@pytest.fixture
def chromium() -> str:
    found = browser.chromium()
    if found is None:
        pytest.skip("no Chromium on this machine, and it can only be installed as root on Debian")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    return found
