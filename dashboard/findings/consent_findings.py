"""Findings about consent: what people choose, and in which companies they accept more often."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from dashboard.findings.decisions import of_decided_companies, undecided_in
from dashboard.findings.finding import ENOUGH, Finding, by_chance, left_out, probability
from dashboard.metrics import comparisons, intervals
from dashboard.metrics.measures import OPT_INS
from dashboard.panels.selection import Selection
from dashboard.text.answers import certainty
from dashboard.text.formatting import counted, percent

_BY_COMPANY = """
select company_name, industry, consent_rate, consent_rate_lower, consent_rate_upper
from marts.company_overview
where consent_rate_is_reliable
order by consent_rate
"""
_STATUSES = """
select
    consent_status,
    sum(corrected_sum) / sum(sum(corrected_sum)) over () as share, sum(event_row_count) as row_count
from marts.consent_daily
where event_type = 'consent.given' and is_on_notice
    and consent_status in ('full opt-in', 'partial opt-in', 'opt-out')
group by 1
"""
_SHUFFLES = 999
_FEWEST = 20
"""Effective choices that a company needs to be compared with others."""


def by_company(selection: Selection) -> Finding | None:
    """Whether companies differ in consent."""
    cells, undecided = of_decided_companies(selection)
    rates = _companies(cells)
    if len(rates) < 2:
        return None
    evidence = comparisons.heterogeneity(rates.rate, rates.variance)
    low, high = rates.iloc[0], rates.iloc[-1]
    bounds = {row.name: certainty(*intervals.wilson(row.rate, row["size"])) for row in (low, high)}
    return Finding(
        "companies",
        f"Consent ranges from {percent(low.rate, 0)} ({low.name}) to {percent(high.rate, 0)} "
        f"({high.name})"
        if evidence >= ENOUGH
        else "Companies do not differ in consent, as far as can be told",
        f"Of those who accept or refuse on the notice, {percent(low.rate)} accept at {low.name} "
        f"and {percent(high.rate)} at {high.name}; the middle of the {len(rates)} companies is "
        f"{percent(rates.rate.median())}.{left_out(undecided)}",
        f"{low.name}: {bounds[low.name]}; {high.name}: {bounds[high.name]}. {by_chance(evidence)}",
        "It does not follow that one notice is better: the companies' visitors, countries and "
        "devices differ, too.",
        "statuses",
        _BY_COMPANY,
        evidence,
    )


def by_industry(selection: Selection) -> Finding | None:
    """Whether industries differ by more than the companies within them."""
    cells, undecided = of_decided_companies(selection)
    rates = _companies(cells)
    industry = selection.companies.set_index("short").industry
    groups = industry.reindex(rates.index)
    if groups.nunique() < 2 or groups.value_counts().max() < 2:
        return None
    evidence = _between(np.asarray(rates.rate), np.asarray(groups))
    means = rates.rate.groupby(groups).mean().sort_values()
    low, high = f"{means.index[0]}", f"{means.index[-1]}"
    return Finding(
        "industry",
        f"Industries differ in consent: {low} {percent(means.iloc[0], 0)}, {high} "
        f"{percent(means.iloc[-1], 0)}"
        if evidence >= ENOUGH
        else "Industry does not explain who consents",
        f"The average company has a consent rate of {percent(means.iloc[0])} in {low} and of "
        f"{percent(means.iloc[-1])} in {high}.{left_out(undecided)}",
        f"If the {len(rates)} companies were dealt to the {len(means)} industries at random, "
        f"industries would differ as much in {percent(probability(evidence), 0)} of the deals.",
        "So few companies cannot speak for an industry.",
        "statuses",
        _BY_COMPANY,
        evidence,
    )


def all_or_nothing(selection: Selection) -> Finding | None:
    """Whether more people refuse everything than choose in detail."""
    cells, undecided = of_decided_companies(selection)
    if cells.empty:
        return None
    size = float(intervals.effective_sample_size(cells["sum"].sum(), cells.square_sum.sum()))
    shares = cells.groupby("consent_status")["sum"].sum() / cells["sum"].sum()
    partial, refused = (float(shares.get(s, 0.0)) for s in ("partial opt-in", "opt-out"))
    if size < _FEWEST:
        return None
    gap = refused - partial
    error = np.sqrt(max(refused + partial - gap**2, 1 / size) / size)
    evidence = float(abs(gap) / error)
    lower, upper = intervals.wilson(partial, size)
    return Finding(
        "choices",
        f"All or nothing: {percent(partial, 0)} of the choices are partial, "
        f"{percent(refused, 0)} refuse everything"
        if gap > 0
        else f"{percent(partial, 0)} of the choices are partial, more than refuse everything "
        f"({percent(refused, 0)})",
        f"Of those who accept or refuse on the notice, {percent(partial)} choose in detail and "
        f"{percent(refused)} refuse everything; the others accept everything."
        f"{left_out(undecided)}",
        f"Share of partial choices: {certainty(lower, upper)}. {by_chance(evidence)}",
        "It does not follow that people want it so: a notice that hides the details has few "
        "partial choices, too.",
        "statuses",
        _STATUSES,
        evidence,
    )  # fmt: skip


def overall(selection: Selection) -> Finding | None:
    """How many of those who decide accept something."""
    found = selection.decisions
    if found.empty:
        return None
    cells = found.assign(is_opt_in=found.consent_status.isin(OPT_INS))
    rate = float(cells.loc[cells.is_opt_in, "sum"].sum() / cells["sum"].sum())
    size = float(intervals.effective_sample_size(cells["sum"].sum(), cells.square_sum.sum()))
    undecided = undecided_in(selection, found)
    bounds = certainty(*intervals.wilson(rate, size))
    return Finding(
        "consent",
        f"{percent(rate, 0)} of those who decide on the notice accept",
        f"Of the choices on the notice that accept or refuse, {percent(rate)} accept something.",
        f"{counted(int(cells.row_count.sum()), 'row')}; "
        + ("no interval, because the weighting is not decided for every company."
           if undecided else f"{bounds}."),
        "It is not a share of visitors: many are not asked, or do not choose.",
        "statuses",
        _STATUSES,
    )  # fmt: skip


def _companies(cells: pd.DataFrame) -> pd.DataFrame:
    """Rates of companies with enough choices, by name, the lowest first."""
    found = comparisons.rates_by(cells, "short")
    return found[found["size"] >= _FEWEST].sort_values("rate")


def _between(rates: np.ndarray, groups: np.ndarray) -> float:
    """How often companies dealt to the groups at random differ as much, in standard errors."""
    rng = np.random.default_rng(0)
    labels = np.unique(groups)
    shuffled = np.vstack([rates, rng.permuted(np.tile(rates, (_SHUFFLES, 1)), axis=1)])
    spread = sum(
        (groups == g).sum() * (shuffled[:, groups == g].mean(axis=1) - rates.mean()) ** 2
        for g in labels
    )
    as_much = float((spread >= spread[0] - 1e-12).mean())
    return float(-NormalDist().inv_cdf(min(as_much, 1 - 1e-9) / 2))
