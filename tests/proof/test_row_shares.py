"""Intervals of refusals and page views against the truth of 800 companies (proof/row_shares.py)."""

import pytest

from database.address import Address
from proof import row_shares

pytestmark = pytest.mark.campaign


def test_refusals_and_page_views(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    results = row_shares.measure(tmp_path_factory.mktemp("shares"))
    assert [found.figure for found in results if found.intervals < 700] == []
    assert all(0.93 <= found.share <= 0.97 for found in results), results
