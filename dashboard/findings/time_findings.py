"""Findings about time: which kind of choice takes how long."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from dashboard.findings.finding import ENOUGH, Finding, by_chance
from dashboard.metrics import comparisons, consent_times
from dashboard.panels.selection import Selection
from dashboard.text.formatting import counted
from dashboard.text.formatting import seconds as duration

_QUERY = """
select
    company_name, method, consent_status, pair_count,
    coalesce(corrected_median_seconds, median_seconds) as seconds
from marts.company_time_to_consent_by_status
join marts.dim_companies using (company_id)
where is_headline
order by company_name, seconds
"""


def refusing(selection: Selection) -> Finding | None:
    """Whether refusing takes longer than accepting."""
    return _compared(selection, "opt-out", "Refusing", "refusing")


def choosing_in_detail(selection: Selection) -> Finding | None:
    """Whether a partial opt-in takes longer than accepting everything."""
    return _compared(selection, "partial opt-in", "Choosing in detail", "choosing in detail")


def _compared(selection: Selection, status: str, first: str, name: str) -> Finding | None:
    pairs = [
        (of[status], of["full opt-in"])
        for of in selection.lags_by_choice.values()
        if all(len(of.get(s, ())) >= comparisons.MIN_SIZE for s in (status, "full opt-in"))
    ]
    if not pairs:
        return None
    ratio = comparisons.ratio_of_medians(pairs)
    medians = [float(np.median([np.median(pair[i]) for pair in pairs])) for i in (0, 1)]
    longer = sum(bool(np.median(one) > np.median(other)) for one, other in pairs)
    where, more = "In the one company where both can be timed", ""
    if len(pairs) > 1:
        where = "In the typical company"
        more = f" It is longer for {name} in {longer} of {len(pairs)} companies."
    times = math.exp(ratio.value)
    title = (
        f"{first} takes {duration(medians[0])}, accepting {duration(medians[1])}"
        if ratio.evidence >= ENOUGH
        else f"Whether {name} takes longer than accepting cannot be told"
    )
    return Finding(
        "time",
        title,
        f"{where} the median time from notice to choice is {duration(medians[0])} for {name} and "
        f"{duration(medians[1])} for accepting everything.{more}",
        f"Within a company {name} takes {times:.1f} times as long (95 % interval "
        f"{math.exp(ratio.lower):.1f} to {math.exp(ratio.upper):.1f}). {by_chance(ratio.evidence)}",
        "It does not follow that the notice makes this choice hard: what it looks like and how "
        "many clicks it takes is not in the data. And a fast choice is not an informed one.",
        "time-to-consent",
        _QUERY,
        ratio.evidence,
    )


def seconds(selection: Selection) -> Finding:
    """How fast people choose."""
    found = selection.pair_summary
    best = consent_times.headlines(found)
    if best.empty:
        return Finding(
            "time",
            "How fast people choose cannot be told",
            "No way of matching notices with choices is credible in any company.",
            "Each was compared with its placebo, the same match run backwards.",
            "Do not quote a time to consent from these deliveries.",
            "time-to-consent",
            _QUERY,
        )
    medians = best.best_median
    methods = ", ".join(
        f"{name} for {counted(int(companies), 'company', 'companies')}"
        for name, companies in best.method.value_counts().items()
    )
    across = (
        f" in the typical company, between {duration(medians.min())} and "
        f"{duration(medians.max())} across the {len(best)} where a method is credible"
        if len(best) > 1
        else ""
    )
    return Finding(
        "time",
        f"People choose within {duration(medians.median())}",
        f"The median time from notice to choice is {duration(medians.median())}{across}.",
        f"It rests on the most direct credible method of each company ({methods}).{_chance(found)}",
        "Do not use mean times: they follow the longest time allowed for a match. And a fast "
        "choice is not an informed one.",
        "time-to-consent",
        _QUERY,
    )


def _chance(found: pd.DataFrame) -> str:
    cohort = found[found.method == "cohort"]
    pairs, chance = cohort.pair_count.sum(), cohort.placebo_count.sum()
    if not pairs:
        return ""
    return (
        f" Matching lookalikes found {pairs:,} pairs forwards and {chance:,} backwards; the latter "
        "are chance."
    )
