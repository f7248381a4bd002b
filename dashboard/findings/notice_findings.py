"""Findings about notices: how many of them lead to a choice, and how sure a ranking is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.findings.finding import ENOUGH, Finding, by_chance, left_out
from dashboard.metrics import comparisons, measures
from dashboard.panels.selection import Selection
from dashboard.text.answers import certainty

_CONVERSION = """
select
    company_name, corrected_consent_conversion_rate,
    corrected_consent_conversion_rate_lower, corrected_consent_conversion_rate_upper
from marts.company_overview
where corrected_consent_conversion_rate_is_reliable
order by corrected_consent_conversion_rate
"""
_RANKING = """
select company_id, company_rank, best_rank, worst_rank
from marts.company_ranking
where metric = 'conversion_rate' and formula = 'corrected'
order by company_rank
"""


def by_company(selection: Selection) -> Finding | None:
    """Whether companies differ in choices per notice."""
    rates = measures.conversion(selection.totals, ["company_id", "short"])
    rates = rates[(rates.formula == "corrected") & rates.is_reliable & (rates.value > 0)]
    is_decided = rates.company_id.isin(selection.decided)
    undecided = int((~is_decided).sum())
    rates = rates[is_decided].sort_values("value")
    if len(rates) < 2:
        return None
    evidence = comparisons.heterogeneity(np.log(rates.value), _variances(selection.totals, rates))
    low, high = rates.iloc[0], rates.iloc[-1]
    few, many = (f"{100 * company.value:.0f}" for company in (low, high))
    return Finding(
        "notices",
        f"100 notices lead to {few} choices at {low.short} and to {many} at {high.short}"
        if evidence >= ENOUGH
        else "Companies do not differ in choices per notice, as far as can be told",
        f"By the corrected weighting there are {few} choices per 100 notices at {low.short} and "
        f"{many} at {high.short}; the middle of the {len(rates)} companies is "
        f"{100 * rates.value.median():.0f}.{left_out(undecided)}",
        f"{low.short}: {certainty(low.lower, low.upper)}; "
        f"{high.short}: {certainty(high.lower, high.upper)}. {by_chance(evidence)}",
        "It is not a share of people, nor of those who agree: a choice can be a refusal, and some "
        "people choose without being asked again.",
        "conversion",
        _CONVERSION,
        evidence,
    )


def _variances(totals: pd.DataFrame, rates: pd.DataFrame) -> pd.Series:
    """Relative variances of the companies' conversions, as if nothing but chance made the counts.

    Not the sampling variance of the intervals: that is 0 where nothing was sampled, and any
    difference would seem certain.
    """
    sums = ["corrected_sum", "corrected_square_sum"]
    found = totals.groupby(["company_id", "event_type"])[sums].sum()
    relative = (found.corrected_square_sum / found.corrected_sum**2).unstack()
    both: pd.Series = relative["consent.given"] + relative["consent.asked"]
    return both.reindex(rates.company_id)


def ranking(selection: Selection) -> Finding | None:
    """How many places of the ranking the intervals settle."""
    ranks = selection.mart("company_ranking")
    ranks = ranks[(ranks.metric == "conversion_rate") & (ranks.formula == "corrected")]
    ranks = ranks[ranks.company_rank.notna()]
    if len(ranks) < 2:
        return None
    first, fixed = (ranks.best_rank == 1).sum(), (ranks.best_rank == ranks.worst_rank).sum()
    return Finding(
        "ranking",
        "Most ranks are not settled" if fixed < len(ranks) / 2 else "Most ranks are settled",
        f"Of {len(ranks)} companies, {first} could be the one that converts best.",
        f"The 95 % intervals settle the rank of {fixed}.",
        "Do not reward or blame a company for its place in the list.",
        "ranking",
        _RANKING,
    )
