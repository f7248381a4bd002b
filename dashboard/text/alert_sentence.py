"""An alert of marts.consent_trend as one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.text.formatting import MISSING, counted, interval, percent

METRICS = {
    "consent_rate": "consent",
    "opt_in_rate": "opt-ins per notice",
    "conversion_rate_on_notice": "choices per notice",
}


def of(alert: Mapping[str, Any]) -> str:
    """Return the sentence of a row: who, when, what, by how much, and how much of it is mix."""
    name = "".join(c if c.isprintable() else "?" for c in alert["company_name"])
    period = alert["period"]
    bounds = interval(alert["metric_lower"], alert["metric_upper"])
    return (
        f"{name}, {when(alert['period_start'], period)}: {METRICS[alert['metric']]} "
        f"{percent(alert['metric_value'])} ({bounds}) after {percent(alert['previous_value'])} on "
        f"{when(alert['previous_period_start'], period)}: {points(alert['value_change'])} points, "
        f"{points(alert['country_mix_change'])} of them because other regions came."
    )


def without_alert(tests: int, companies: int) -> str:
    """Return what to say where there is no alert."""
    if not tests:
        return "No alert: no company has two periods in a row with enough choices to compare."
    compared = f"{counted(tests, 'change')} of {counted(companies, 'company', 'companies')}"
    return f"No alert: chance explains each of {compared}."


def when(moment: Any, period: str) -> str:
    """Return a period for people: 2025-09-07, or 2025-09-07 14:00 UTC for an hour."""
    start = pd.Timestamp(moment)
    return f"{start:%Y-%m-%d %H:%M} UTC" if period == "hour" else f"{start:%Y-%m-%d}"


def points(change: float | None) -> str:
    """Return a difference of shares in points: −24.1."""
    if change is None or math.isnan(change):
        return MISSING
    return f"{100 * change:+.1f}".replace("-", "\N{MINUS SIGN}")
