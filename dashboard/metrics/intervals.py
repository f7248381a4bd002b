"""95 % intervals of filtered sums, on arrays: the formulas of macros/metrics/intervals.sql.

A filter makes sums that no mart holds, so Python needs the formulas too. tests/dashboard compares
the results with the marts. All functions take and return float arrays (or scalars) and return nan
where the inputs do not determine an interval.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Z = 1.959963984540054
MIN_ROWS = 5
"""A rate has an interval only with at least as many rows on each side."""

Array = Any
Bounds = tuple[Array, Array]


def count(total: Array, variance: Array) -> Bounds:
    """Of a total Σw, from its variance Σ(1−RATE)·w²."""
    half = Z * np.sqrt(variance)
    return np.maximum(total - half, 0), total + half


def ratio(part: Array, part_variance: Array, base: Array, base_variance: Array) -> Bounds:
    """Of part / base, where both are totals of different event types.

    Computed on the log scale: a ratio is skewed, and its interval must stay above zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(Z * np.sqrt(part_variance / part**2 + base_variance / base**2))
        return part / base / factor, part / base * factor


def wilson(share: Array, size: Array) -> Bounds:
    """Of a probability (Wilson's interval), from a share and its effective sample size.

    The usual p ± z·√(p(1−p)/n) would leave [0, 1] and has no width where the share is 0 or 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = share + Z**2 / (2 * size)
        half = Z * np.sqrt(np.maximum(share * (1 - share), 0) / size + Z**2 / (4 * size**2))
        return (centre - half) / (1 + Z**2 / size), (centre + half) / (1 + Z**2 / size)


def effective_sample_size(total: Array, square_total: Array) -> Array:
    """(Σw)² / Σw²: the number of rows of equal weight that carry as much information."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return total**2 / square_total
