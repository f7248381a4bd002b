"""Rates by day or hour, Kitagawa's split and the alerts, a second time: events -> pandas.

Written from the definitions: the split sums the mean rate times the change of the share over
groups, and a p-value is Python's complementary error function. Alerts step up through the sorted
p-values.
"""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pandas as pd

from tests.dbt import independent_rates as rates
from tests.dbt.independent_payload import TCF_REGION

METRICS = ("consent_rate", "opt_in_rate", "conversion_rate_on_notice")
Key = tuple[str, str, pd.Timestamp]
"""Company, metric, start of the period."""


def trend(events: pd.DataFrame) -> dict[Key, dict[str, Any]]:
    """Every period that has a base: its rate, its change, three mixes, and whether it alerts."""
    used = rates.weightings(events)
    found: dict[Key, dict[str, Any]] = {}
    told = events[events.type.isin(["consent.asked", "consent.given"])]
    for company, own in told.groupby("company"):
        weighting, decided = used[str(company)]
        known = _with_groups(own)
        is_one_day = known.hour.dt.floor("D").nunique() == 1
        start = known.hour if is_one_day else known.hour.dt.floor("D")
        for metric in METRICS:
            periods = [
                (moment, sides)
                for moment, part in known.groupby(start)
                if len((sides := _sides(part, metric))[1])
            ]
            for moment, sides in periods:
                found[str(company), metric, moment] = _figure(sides, metric, weighting, decided)
            for (earlier, before), (later, now) in pairwise(periods):
                figure = found[str(company), metric, later]
                was = found[str(company), metric, earlier]
                figure["change"] = figure["value"] - was["value"]
                figure["p"] = _p_value(figure, was, metric)
                for name in ("region", "device_group", "notice"):
                    figure[name] = _mix(before, now, name, weighting)
    _alert(found.values())
    return found


def _with_groups(own: pd.DataFrame) -> pd.DataFrame:
    region = own.country.map(
        lambda code: "unknown" if not isinstance(code, str) else code in TCF_REGION, na_action=None
    )
    sizes = own.groupby("deployment", dropna=False).deployment.transform("size")
    notice = own.deployment.where(own.deployment.notna() & (sizes >= 0.05 * len(own)), "other")
    return own.assign(region=region, device_group=own.device.fillna("unknown"), notice=notice)


def _sides(part: pd.DataFrame, metric: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of a metric's part and of its base."""
    choices = part[(part.type == "consent.given") & ~part.action.isin(["external", "webview"])]
    opt_ins = choices[choices.status.isin(["full opt-in", "partial opt-in"])]
    notices = part[part.type == "consent.asked"]
    if metric == "consent_rate":
        return opt_ins, pd.concat([opt_ins, choices[choices.status == "opt-out"]])
    return (opt_ins if metric == "opt_in_rate" else choices), notices


def _figure(
    sides: tuple[pd.DataFrame, pd.DataFrame], metric: str, weighting: str, decided: bool
) -> dict[str, Any]:
    g, a = (side[weighting] for side in sides)
    if metric == "consent_rate":
        is_part = sides[1].index.isin(sides[0].index)
        value, lower, upper, _, enough = rates.probability(
            sides[1], pd.Series(is_part, sides[1].index), weighting
        )
    else:
        value, enough = g.sum() / a.sum(), min(len(g), len(a)) >= 5
        width = rates.Z * math.sqrt(_relative(g) + _relative(a)) if enough else 0
        lower, upper = value * math.exp(-width), value * math.exp(width)
    is_reliable = enough and decided
    bounds = (lower, upper) if is_reliable else (None, None)
    return {
        "rows": (len(g), len(a)),
        "value": value,
        "bounds": bounds,
        "is_reliable": is_reliable,
        "variance": _relative(a) / 4 if metric == "consent_rate" else _relative(g, a),
        "change": None,
        "p": None,
        "is_alert": False,
    }


def _relative(*sides: pd.Series) -> float:
    return sum((w**2).sum() / w.sum() ** 2 for w in sides if len(w))


def _p_value(now: dict[str, Any], before: dict[str, Any], metric: str) -> float | None:
    if not (now["is_reliable"] and before["is_reliable"]):
        return None
    scale: Callable[[float], float] = (
        (lambda p: math.asin(math.sqrt(p))) if metric == "consent_rate" else math.log
    )
    z = (scale(now["value"]) - scale(before["value"])) / math.sqrt(
        now["variance"] + before["variance"]
    )
    return math.erfc(abs(z) / math.sqrt(2))


def _mix(
    before: tuple[pd.DataFrame, pd.DataFrame],
    now: tuple[pd.DataFrame, pd.DataFrame],
    name: str,
    weighting: str,
) -> float:
    """Σ (s₂ − s₁)(r₁ + r₂) / 2; a group of one period has the same rate in both."""
    shares, group_rates = [], []
    for part, base in (before, now):
        base_sums = base.groupby(name)[weighting].sum()
        part_sums = part.groupby(name)[weighting].sum().reindex(base_sums.index).fillna(0)
        shares.append(base_sums / base_sums.sum())
        group_rates.append(part_sums / base_sums)
    total = 0.0
    for group in set(shares[0].index) | set(shares[1].index):
        s1, s2 = (share.get(group, 0.0) for share in shares)
        known = [rate[group] for rate in group_rates if group in rate]
        total += (s2 - s1) * sum(known) / len(known)
    return total


def _alert(figures: Iterable[dict[str, Any]]) -> None:
    """Benjamini and Hochberg: alerts are the k smallest, k the last with p ≤ 0.05 · k / m."""
    tested = sorted((f for f in figures if f["p"] is not None), key=lambda f: float(f["p"]))
    passed = [k for k, f in enumerate(tested, 1) if f["p"] <= 0.05 * k / len(tested)]
    for figure in tested[: max(passed, default=0)]:
        figure["is_alert"] = True
