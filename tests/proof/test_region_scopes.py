"""Intervals of region_scope_consent against the truth of 1,000 worlds (proof/region_scopes.py)."""

import pytest

from database.address import Address
from proof import region_scopes

pytestmark = pytest.mark.campaign


def test_region_scopes(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    *intervals, warnings = region_scopes.measure(tmp_path_factory.mktemp("scopes"))
    assert len(intervals) == 4
    assert all(0.93 <= found.share <= 0.97 for found in intervals), intervals
    assert warnings.share <= 0.07
