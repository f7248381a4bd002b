"""Time to consent of filtered pairs (`frames.pairs`), corrected by the placebo.

The rules are those of the mart `company_time_to_consent`; tests/dashboard compares the figures.
Pairs are unweighted; lags are in seconds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from dashboard.metrics.intervals import Z

METHODS = ("user", "token", "cohort")
"""In order of preference: the first credible one is the company's headline."""
MAX_INFORMATIVE_LAG = 60
"""Seconds. Matches by chance spread evenly over time, so only short lags tell them from choices."""
MIN_PAIRS = 10
MIN_TIMELY_SHARE = 0.8
"""Token pairs whose record is this timely (at most 60 s between record and event clock)."""
LONGEST_LAG = 86400
BINS_PER_DECADE = 6
"""Of the histogram's logarithmic time axis."""

Lags = Any
"""Sorted array of floats."""


def of_all_choices(pairs: pd.DataFrame) -> pd.DataFrame:
    """`frames.pairs` without the status: one row per company, method and direction."""
    groups = pairs.groupby(["company_id", "method", "direction"])
    merged = [np.sort(np.concatenate(list(group.lags))) for _, group in groups]
    found = groups.timely.sum().reset_index()
    return found.assign(lags=pd.Series(merged, index=found.index, dtype=object))


def summary(pairs: pd.DataFrame, doubted: Collection[tuple[str, str]] = ()) -> pd.DataFrame:
    """One row per company and method: pairs, medians (s), and whether the method is credible.

    `choices` are the lags that are not by chance, as an array. Takes `of_all_choices`.

    Args:
        doubted: companies and methods that are not credible whatever their pairs say.
    """
    columns = ["company_id", "method", "pair_count", "placebo_count", "median", "corrected_median",
               "is_credible", "best_median", "choices"]  # fmt: skip
    rows = []
    for (company, method), group in pairs.groupby(["company_id", "method"]):
        sides = group.set_index("direction")
        none = np.empty(0)
        figures = _figures(
            str(method),
            sides.lags.get("forward", none),
            sides.lags.get("backward", none),
            int(sides.timely.get("forward", 0)),
        )
        figures["is_credible"] &= (company, method) not in doubted
        rows.append({"company_id": company, "method": method, **figures})
    return pd.DataFrame(rows, columns=columns)


def _figures(method: str, forward: Lags, backward: Lags, timely: int) -> dict[str, Any]:
    """Figures of one company and method."""
    median = float(np.median(forward)) if len(forward) else float("nan")
    corrected, choices = float("nan"), forward
    if method == "token":
        # A token's lag comes from one record, not from a match: it needs no placebo, but a clock
        # that agrees with the event's.
        is_plausible = timely >= MIN_TIMELY_SHARE * len(forward)
    else:
        # More short lags forwards than backwards, by more than chance: the difference of two
        # Poisson counts has the variance of their sum.
        ahead = (forward <= MAX_INFORMATIVE_LAG).sum()
        behind = (backward <= MAX_INFORMATIVE_LAG).sum()
        is_plausible = ahead - behind - Z * np.sqrt(ahead + behind) > 0
        choices = without_chance(forward, backward)
        if len(choices):
            corrected = float(choices[(len(choices) - 1) // 2])  # a lag that occurs
    return {
        "pair_count": len(forward),
        "placebo_count": len(backward),
        "median": median,
        "corrected_median": corrected,
        "is_credible": bool(len(forward) >= MIN_PAIRS and is_plausible),
        "best_median": median if np.isnan(corrected) else corrected,
        "choices": choices,
    }


def without_chance(forward: Lags, backward: Lags) -> Lags:
    """Sorted lags that remain when chance is subtracted: forward less backward, up to each lag.

    The excess may fall again at longer lags. It is kept at its highest value so far, because a
    notice that has found its true choice takes part in no match by chance: what is missing there
    are matches by chance, not choices.
    """
    lags = np.unique(np.concatenate([forward, backward]))
    excess = np.searchsorted(forward, lags, "right") - np.searchsorted(backward, lags, "right")
    risen = np.maximum.accumulate(np.maximum(excess, 0)) if len(lags) else excess
    return np.repeat(lags, np.diff(risen, prepend=0))


def headlines(summary: pd.DataFrame) -> pd.DataFrame:
    """The first credible method of each company; companies without one are left out."""
    credible = summary[summary.is_credible]
    preference = credible.method.map(METHODS.index)
    ordered = credible.assign(preference=preference).sort_values("preference")
    first: pd.DataFrame = ordered.drop_duplicates("company_id")
    return first


def lags_by_choice(pairs: pd.DataFrame, summary: pd.DataFrame) -> dict[str, dict[str, Lags]]:
    """Company -> status of the choice -> lags by the company's headline method, without chance.

    Args:
        pairs: `frames.pairs`.
        summary: `summary` of all pairs; companies without a credible method are left out.
    """
    kept = pairs.merge(headlines(summary)[["company_id", "method"]])
    found: dict[str, dict[str, Lags]] = {}
    for (company, method, status), group in kept.groupby(
        ["company_id", "method", "consent_status"]
    ):
        sides = group.set_index("direction").lags
        forward, backward = (sides.get(side, np.empty(0)) for side in ("forward", "backward"))
        lags = forward if method == "token" else without_chance(forward, backward)
        found.setdefault(str(company), {})[str(status)] = lags
    return found


def histogram(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs by method, direction and lag, in bins of a sixth of a decade.

    `share` is of all forward pairs of the method (`of`), so that the placebo can be compared. A bin
    reaches from `lag_from` to `lag_to`.
    """
    columns = ["method", "direction", "pairs", "lag_from", "lag_seconds", "lag_to", "share", "of"]
    edges = np.arange(-BINS_PER_DECADE, np.ceil(np.log10(LONGEST_LAG) * BINS_PER_DECADE) + 1)
    rows = []
    for (method, direction), group in pairs.groupby(["method", "direction"]):
        lags = np.maximum(np.concatenate(list(group.lags)), 0.1)  # 0 s has no logarithm
        counts, _ = np.histogram(np.log10(lags) * BINS_PER_DECADE, edges)
        forward = pairs[(pairs.method == method) & (pairs.direction == "forward")].lags
        found = sum(map(len, forward))
        rows += [
            (method, direction, int(count),
             *(10 ** ((edge + part) / BINS_PER_DECADE) for part in (0, 0.5, 1)),
             count / max(found, 1), found)
            for edge, count in zip(edges, counts, strict=False)
        ]  # fmt: skip
    shown = pd.DataFrame(rows, columns=columns)
    last: float = shown[shown.pairs > 0].lag_seconds.max()
    return shown.loc[shown.lag_seconds <= last]
