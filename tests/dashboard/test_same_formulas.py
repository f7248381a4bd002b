"""The page's formulas are those of the dbt macros and models: this fails as soon as they differ."""

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pytest

from dashboard.metrics import consent_times, intervals
from tests.conftest import ROOT
from tests.sql_macros import macros

DBT = ROOT / "dbt_project"
FIGURES = (0.0, 0.25, 1.0, 7.0, 1234.5)


SQL = macros("intervals.sql")


def computed(expression: str, *arguments: float) -> float:
    """The expression on x, y, z, …; nan where SQL gives null."""
    columns = ", ".join(
        f"{value}::double as {name}" for name, value in zip("wxyz", arguments, strict=False)
    )
    row = duckdb.sql(f"select {expression} from (select {columns})").fetchone()
    assert row
    return float("nan") if row[0] is None else float(row[0])


BOUNDS: list[tuple[Callable[..., Any], str, str, int]] = [
    (intervals.count, "count_lower", "count_upper", 2),
    (intervals.ratio, "ratio_lower", "ratio_upper", 4),
    (intervals.wilson, "wilson_lower", "wilson_upper", 2),
]


@pytest.mark.parametrize(("python", "lower", "upper", "count"), BOUNDS, ids=[b[1] for b in BOUNDS])
def test_intervals_are_those_of_the_macros(
    python: Callable[..., Any], lower: str, upper: str, count: int
) -> None:
    names = "wxyz"[:count]
    shapes = np.array(np.meshgrid(*[FIGURES] * count)).reshape(count, -1).T
    for values in shapes:
        if python is intervals.wilson and values[0] > 1:
            continue  # not a share
        if python is intervals.ratio and 0 in values[[0, 2]]:
            continue  # without rows on both sides no interval is shown
        if python is intervals.wilson and values[1] == 0:
            continue  # no decision, no share
        expected = [computed(getattr(SQL, name)(*names), *values) for name in (lower, upper)]
        assert list(python(*map(np.float64, values))) == pytest.approx(expected, nan_ok=True)


def test_effective_sample_size_is_that_of_the_macro() -> None:
    for total, squares in ((7.0, 7.0), (7.0, 12.5), (1234.5, 99.0)):
        expected = computed(SQL.effective_sample_size("w", "x"), total, squares)
        assert intervals.effective_sample_size(total, squares) == pytest.approx(expected)


@pytest.mark.parametrize("rows", [intervals.MIN_ROWS - 1, intervals.MIN_ROWS])
def test_enough_rows_are_as_many_as_in_the_macro(rows: int) -> None:
    assert computed(SQL.has_enough_rows("w", "x"), rows, 100) == (rows >= intervals.MIN_ROWS)
    assert computed(SQL.has_enough_rows("w", "x"), 100, rows) == (rows >= intervals.MIN_ROWS)


def test_a_method_is_credible_by_the_same_limits_as_in_the_model() -> None:
    short = macros("time_to_consent.sql").short_lag_seconds()
    assert int(short) == consent_times.MAX_INFORMATIVE_LAG
    [model] = (DBT / "models").rglob("int_lag_summary.sql")
    text = model.read_text()
    assert f"pair_count >= {consent_times.MIN_PAIRS} " in text
    assert f"timely_share >= {consent_times.MIN_TIMELY_SHARE}\n" in text
