"""95 % intervals of filtered sums, on arrays: the formulas of macros/metrics/intervals.sql.

A filter makes sums that no mart has, so the formulas are needed once more; a test holds them to
the marts. All take and return float arrays (or scalars); what cannot be told is nan.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Z = 1.959963984540054
ENOUGH_ROWS = 5
"""Fewer rows on either side of a rate give no interval."""

Array = Any
Bounds = tuple[Array, Array]


def count(total: Array, variance: Array) -> Bounds:
    """Of Σw, from its variance Σ(1−RATE)·w²."""
    half = Z * np.sqrt(variance)
    return np.maximum(total - half, 0), total + half


def ratio(part: Array, part_variance: Array, base: Array, base_variance: Array) -> Bounds:
    """Of part / base, two types of event, on the log scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(Z * np.sqrt(part_variance / part**2 + base_variance / base**2))
        return part / base / factor, part / base * factor


def wilson(share: Array, size: Array) -> Bounds:
    """Of a probability, from a share and its effective sample size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = share + Z**2 / (2 * size)
        half = Z * np.sqrt(np.maximum(share * (1 - share), 0) / size + Z**2 / (4 * size**2))
        return (centre - half) / (1 + Z**2 / size), (centre + half) / (1 + Z**2 / size)


def effective_sample_size(total: Array, square_total: Array) -> Array:
    """(Σw)² / Σw²: as many rows of equal weight would tell as much."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return total**2 / square_total
