"""Time to consent of filtered pairs: one query over `marts.time_pairs`, corrected by the placebo.

The rules are those of company_time_to_consent; a test holds the figures to it. Pairs are
unweighted, lags are seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.data import Marts
from dashboard.filters import Filters
from dashboard.intervals import Z

METHODS = ("user", "token", "cohort")
"""In order of preference: the first credible one gives the headline."""
SHORT = 60
"""Longest lag of a pair that informs, in seconds."""
BINS_A_DECADE = 6

# The lags of a group arrive as one run of bytes: 600,000 of them as rows would take seconds.
_LAGS = """
select
    company_id, method, direction,
    string_agg(float8send(lag_seconds), '') as lags,
    count(*) filter (where clock_gap_seconds <= 60) as timely
from marts.time_pairs
where {where}
group by 1, 2, 3
"""


def pairs(marts: Marts, filters: Filters) -> pd.DataFrame:
    """One row a company, method and direction: `lags` (array of s, sorted) and `timely` pairs."""
    where, values = filters.where()
    found = marts.frame(_LAGS.format(where=where), values)
    found["lags"] = [np.sort(np.frombuffer(bytes(raw), ">f8").astype(float)) for raw in found.lags]
    return found


def summary(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row a company and method: pairs, medians in s, and whether the method is credible."""
    rows = []
    for (company, method), group in pairs.groupby(["company_id", "method"]):
        sides = group.set_index("direction")
        none = np.empty(0)
        forward = sides.lags.get("forward", none)
        backward = sides.lags.get("backward", none)
        timely = int(sides.timely.get("forward", 0))
        rows.append({"company_id": company, "method": method,
                     **_figures(str(method), forward, backward, timely)})  # fmt: skip
    columns = ["company_id", "method", "pair_count", "placebo_count", "median", "corrected_median",
               "is_credible", "best_median"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _figures(method: str, forward: Any, backward: Any, timely: int) -> dict[str, Any]:
    is_token = method == "token"
    median = _median(forward)
    left = choices(forward, backward)
    corrected = float("nan") if is_token or not len(left) else float(left[(len(left) - 1) // 2])
    if is_token:
        believed = timely >= 0.8 * len(forward)
    else:
        ahead, behind = (forward <= SHORT).sum(), (backward <= SHORT).sum()
        believed = ahead - behind - Z * np.sqrt(ahead + behind) > 0
    return {
        "pair_count": len(forward),
        "placebo_count": len(backward),
        "median": median,
        "corrected_median": corrected,
        "is_credible": bool(len(forward) >= 10 and believed),
        "best_median": median if np.isnan(corrected) else corrected,
    }


def choices(forward: Any, backward: Any) -> Any:
    """Sorted lags that remain without chance: forward less backward pairs up to each lag.

    Where the difference falls again it stays: chance matches of a notice were lost to its true
    one, not choices.
    """
    lags = np.unique(np.concatenate([forward, backward]))
    excess = np.searchsorted(forward, lags, "right") - np.searchsorted(backward, lags, "right")
    risen = np.maximum.accumulate(np.maximum(excess, 0)) if len(lags) else excess
    return np.repeat(lags, np.diff(risen, prepend=0))


def headlines(summary: pd.DataFrame) -> pd.DataFrame:
    """The first credible method of each company; companies without one are left out."""
    credible = summary[summary.is_credible]
    order = credible.method.map(METHODS.index)
    return credible.assign(order=order).sort_values("order").drop_duplicates("company_id")


def histogram(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs by method, direction and lag: bins of a sixth of a decade, `share` of all forward."""
    edges = np.arange(-BINS_A_DECADE, np.ceil(np.log10(86400) * BINS_A_DECADE) + 1)
    rows = []
    for (method, direction), group in pairs.groupby(["method", "direction"]):
        lags = np.maximum(np.concatenate(list(group.lags)), 0.1)
        counts, _ = np.histogram(np.log10(lags) * BINS_A_DECADE, edges)
        found = pairs[(pairs.method == method) & (pairs.direction == "forward")].lags.map(len).sum()
        rows += [
            {"method": method, "direction": direction, "pairs": int(count),
             "lag_seconds": 10 ** ((edge + 0.5) / BINS_A_DECADE), "share": count / max(found, 1)}
            for edge, count in zip(edges, counts, strict=False)
        ]  # fmt: skip
    shown = pd.DataFrame(rows, columns=["method", "direction", "pairs", "lag_seconds", "share"])
    last = shown[shown.pairs > 0].lag_seconds.max()
    return shown[shown.lag_seconds <= last]


def _median(lags: Any) -> float:
    return float(np.median(lags)) if len(lags) else float("nan")
