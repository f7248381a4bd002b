"""The page's intervals and the marts' agree on random sums, computed in the database itself.

`intervals.sql` and `dashboard/metrics/intervals.py` hold the same formulas twice, since a filter
makes sums that no mart has. tests/dashboard/test_same_formulas.py compares them at chosen corners.
"""

from contextlib import closing
from typing import Any

import numpy as np
import pytest
from psycopg2.extras import execute_values

from dashboard.metrics import intervals
from database import address
from database.address import Address
from tests.sql_macros import macros

SQL = macros("intervals.sql")
ROWS = 5000
COLUMNS = ("part", "part_squares", "part_variance", "base", "base_squares", "base_variance")
RATIO = ("part", "part_variance", "base", "base_variance")
BASE_SIZE = SQL.effective_sample_size("base", "base_squares")
EXPRESSIONS = {
    "base_size": BASE_SIZE,
    "count_lower": SQL.count_lower("part", "part_variance"),
    "count_upper": SQL.count_upper("part", "part_variance"),
    "ratio_lower": SQL.ratio_lower(*RATIO),
    "ratio_upper": SQL.ratio_upper(*RATIO),
    "wilson_lower": SQL.wilson_lower(
        "part / base", SQL.effective_sample_size("base", "base_squares")
    ),
    "wilson_upper": SQL.wilson_upper(
        "part / base", SQL.effective_sample_size("base", "base_squares")
    ),
    "z": SQL.interval_z(),
    "enough": SQL.has_enough_rows("least(part, base)"),
}


@pytest.fixture(scope="module")
def sums() -> dict[str, Any]:
    """Σw, Σw² and the variance of a part and a base, of up to 1e9 events; half are whole logs."""
    random = np.random.default_rng(5)
    found = {}
    for side in ("part", "base"):
        rows = np.exp(random.uniform(0, np.log(1e6), ROWS))
        weight = np.exp(random.uniform(0, np.log(1e3), ROWS))
        unequal = random.uniform(1, 4, ROWS)  # of Σw² to what equal weights would give
        sampled_away = random.choice([0.0, 1.0], ROWS) * random.uniform(0, 1, ROWS)
        found[side] = rows * weight
        found[f"{side}_squares"] = rows * weight**2 * unequal
        found[f"{side}_variance"] = found[f"{side}_squares"] * sampled_away
    # half of the bases hold their part, as those of shares do
    is_whole = random.uniform(size=ROWS) < 0.5
    scale = np.where(is_whole, found["part"] * random.uniform(1, 9, ROWS) / found["base"], 1)
    for name, power in (("base", 1), ("base_squares", 2), ("base_variance", 2)):
        found[name] = found[name] * scale**power
    return found


@pytest.fixture(scope="module")
def in_sql(sums: dict[str, Any], database: Address) -> dict[str, Any]:
    """What the macros make of the sums, by name."""
    with closing(address.connect(database)) as connection, connection.cursor() as cursor:
        columns = ", ".join(f"{name} double precision" for name in COLUMNS)
        cursor.execute(f"create temporary table sums (number integer, {columns})")
        values = zip(range(ROWS), *(map(float, sums[name]) for name in COLUMNS), strict=True)
        execute_values(cursor, "insert into sums values %s", list(values), page_size=ROWS)
        selected = ", ".join(f"{sql} as {name}" for name, sql in EXPRESSIONS.items())
        cursor.execute(f"select {selected} from sums order by number")
        found = zip(*cursor.fetchall(), strict=True)
        return {
            name: np.array(column, float) for name, column in zip(EXPRESSIONS, found, strict=True)
        }


def close(found: Any, expected: Any) -> bool:
    return bool(np.allclose(found, expected, rtol=1e-9, atol=0, equal_nan=True))


def test_counts(sums: dict[str, Any], in_sql: dict[str, Any]) -> None:
    lower, upper = intervals.count(sums["part"], sums["part_variance"])
    assert close(in_sql["count_lower"], lower)
    assert close(in_sql["count_upper"], upper)
    assert (lower == 0).any() and (lower > 0).any()


def test_ratios(sums: dict[str, Any], in_sql: dict[str, Any]) -> None:
    lower, upper = intervals.ratio(*(sums[name] for name in RATIO))
    assert close(in_sql["ratio_lower"], lower)
    assert close(in_sql["ratio_upper"], upper)
    assert (lower < upper).any() and (lower == upper).any()


def test_probabilities(sums: dict[str, Any], in_sql: dict[str, Any]) -> None:
    size = intervals.effective_sample_size(sums["base"], sums["base_squares"])
    assert close(in_sql["base_size"], size)
    share = sums["part"] / sums["base"]
    is_share = share <= 1
    lower, upper = intervals.wilson(share, size)
    assert is_share.sum() > ROWS / 2
    assert close(in_sql["wilson_lower"][is_share], lower[is_share])
    assert close(in_sql["wilson_upper"][is_share], upper[is_share])


def test_constants(sums: dict[str, Any], in_sql: dict[str, Any]) -> None:
    assert set(in_sql["z"]) == {intervals.Z}
    enough = np.minimum(sums["part"], sums["base"]) >= intervals.MIN_ROWS
    assert (in_sql["enough"].astype(bool) == enough).all()
    assert enough.any() and not enough.all()
