"""Findings about consent: where people accept more often, and what does not explain it."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from dashboard.findings.finding import ENOUGH, Finding, by_chance, left_out, points, sure
from dashboard.metrics import comparisons, intervals
from dashboard.metrics.intervals import Z
from dashboard.metrics.measures import OPT_INS
from dashboard.panels.selection import Selection
from dashboard.text.formatting import counted, percent

_BY_COMPANY = """
select company_name, industry, consent_rate, consent_rate_lower, consent_rate_upper
from marts.company_overview
where consent_rate_is_reliable
order by consent_rate
"""
_BY_GROUP = """
select
    company_id, {group},
    sum(corrected_sum) filter (where consent_status <> 'opt-out') / sum(corrected_sum)
        as consent_rate,
    sum(event_row_count) as row_count
from marts.consent_daily{more}
where event_type = 'consent.given' and is_on_notice
    and consent_status in ('full opt-in', 'partial opt-in', 'opt-out')
group by 1, 2
order by 1, 2
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
_SQL = {
    "is_eea_uk_ch": {
        "group": "is_eea_uk_ch",
        "more": " left join (select country_code, is_eea_uk_ch from staging.countries) as c"
        " using (country_code)",
    },
    "is_weekend": {"group": "extract(isodow from event_date) >= 6 as is_weekend", "more": ""},
}
_SHUFFLES = 999
_FEWEST = 20
"""Effective choices that a company needs to be compared with others."""


def by_company(selection: Selection) -> Finding | None:
    """Whether companies differ in consent."""
    cells, undecided = _cells(selection)
    rates = _companies(cells)
    if len(rates) < 2:
        return None
    evidence = comparisons.heterogeneity(rates.rate, rates.variance)
    low, high = rates.iloc[0], rates.iloc[-1]
    bounds = {
        row.name: sure(*(float(b) for b in intervals.wilson(row.rate, row["size"])))
        for row in (low, high)
    }
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
    cells, undecided = _cells(selection)
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
        f"industries would differ as much in {percent(_probability(evidence), 0)} of the deals.",
        "So few companies cannot speak for an industry.",
        "statuses",
        _BY_COMPANY,
        evidence,
    )


def by_device(selection: Selection) -> Finding | None:
    """Whether consent differs between phones and desktops of the same company."""
    people = ("people on phones", "people on desktops")
    return _two(selection, "device", people, "device_type", ("smartphone", "desktop"))


def by_region(selection: Selection) -> Finding | None:
    """Whether consent differs between the EEA, the UK and Switzerland, and elsewhere."""
    people = ("people in the EEA, the UK and Switzerland", "people elsewhere")
    return _two(selection, "region", people, "is_eea_uk_ch", (True, False))


def by_weekend(selection: Selection) -> Finding | None:
    """Whether consent differs between weekends and other days."""
    people = ("people at weekends", "people on other days")
    return _two(selection, "weekend", people, "is_weekend", (True, False))


def by_sdk(selection: Selection) -> Finding | None:
    """Whether consent differs between apps and sites of the same company."""
    people = ("people in apps", "people on the web")
    return _two(selection, "app", people, "sdk_type", ("sdk-mobile", "sdk-web"))


def app_by_mix(selection: Selection) -> Finding | None:
    """Whether apps and sites differ only because the companies with apps do."""
    cells, undecided = _cells(selection)
    found = _groups(cells, "sdk_type", ("sdk-mobile", "sdk-web"))
    if found is None or not found.companies:
        return None
    by_mix = comparisons.Difference(
        found.crude.value - found.within.value,
        float(np.hypot(found.crude.error, found.within.error)),
    )
    explains = found.crude.evidence >= ENOUGH and found.within.evidence < 2
    return Finding(
        "app",
        f"Apps and sites differ in consent ({percent(found.one, 0)} against "
        f"{percent(found.other, 0)}) because their companies do"
        if explains and by_mix.evidence >= ENOUGH
        else "Whether apps get less consent than sites, or only other companies have apps, cannot "
        "be told",
        f"The consent rate of all choices in apps is {percent(found.one)}, on the web "
        f"{percent(found.other)}. Of this difference {_signed(by_mix.value)} are mix (apps and "
        f"sites belong to other companies) and {_signed(found.within.value)} are rate (the same "
        f"company).{left_out(undecided)}",
        _within(found),
        "Do not move a notice from site to app, or back, for the sake of this difference.",
        "statuses",
        _BY_GROUP.format(group="sdk_type", more=""),
        by_mix.evidence if explains else 0.0,
    )


def all_or_nothing(selection: Selection) -> Finding | None:
    """Whether more people refuse everything than choose in detail."""
    cells, undecided = _cells(selection)
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
    lower, upper = (float(b) for b in intervals.wilson(partial, size))
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
        f"Share of partial choices: {sure(lower, upper)}. {by_chance(evidence)}",
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
    undecided = _undecided(selection, found)
    bounds = sure(*(float(b) for b in intervals.wilson(rate, size)))
    return Finding(
        "consent",
        f"{percent(rate, 0)} of those who decide on the notice accept",
        f"Of the choices on the notice that accept or refuse, {percent(rate)} accept something.",
        f"{counted(int(cells.row_count.sum()), 'row')}; "
        + ("the weighting is not decided for every company, so there is no interval."
           if undecided else f"{bounds}."),
        "It is not a share of visitors: many are not asked, or do not choose.",
        "statuses",
        _STATUSES,
    )  # fmt: skip


def _two(
    selection: Selection,
    subject: str,
    people: tuple[str, str],
    column: str,
    values: tuple[object, object],
) -> Finding | None:
    """Compares two groups of choices within companies."""
    cells, undecided = _cells(selection)
    found = _groups(cells, column, values)
    if found is None:
        return None
    difference = found.within
    one, other = people
    more = "more" if difference.value > 0 else "less"
    if difference.evidence >= ENOUGH:
        title = (
            f"{one.capitalize()} consent {more} often than {other}: by {points(difference.value)} "
            "within a company"
        )
    elif difference.evidence >= Z:
        title = (
            f"{one.capitalize()} may consent {more} often than {other}: by "
            f"{points(difference.value)} within a company"
        )
    else:
        title = f"Whether {one} consent more often than {other} cannot be told"
    return Finding(
        subject,
        title,
        f"Of the choices on the notice of {one} {percent(found.one)} accept, of those of {other} "
        f"{percent(found.other)}. Choices without a status do not count.{left_out(undecided)}",
        _within(found),
        "It does not follow that the one is the cause of the other: different people choose.",
        "statuses",
        _BY_GROUP.format(**_SQL.get(column, {"group": column, "more": ""})),
        difference.evidence,
    )


def _within(found: comparisons.TwoGroups) -> str:
    """The difference within companies, and how sure it is."""
    if not found.companies:
        return "No company has enough choices of both, so it may be that only the companies differ."
    where = (
        "In the one company that has enough choices of both"
        if found.companies == 1
        else f"Within the {found.companies} companies that have enough choices of both"
    )
    return (
        f"{where}, the difference is {_signed(found.within.value)} (95 % interval "
        f"{_signed(found.within.lower)} to {_signed(found.within.upper)})."
    )


def _signed(value: float) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{points(value)}"


def _cells(selection: Selection) -> tuple[pd.DataFrame, int]:
    """The decisions of companies whose weighting is decided, and the number of other companies."""
    found = selection.decisions
    cells = found[found.company_id.isin(selection.decided)]
    return cells.assign(is_opt_in=cells.consent_status.isin(OPT_INS)), _undecided(selection, found)


def _undecided(selection: Selection, found: pd.DataFrame) -> int:
    return int(found.company_id[~found.company_id.isin(selection.decided)].nunique())


def _companies(cells: pd.DataFrame) -> pd.DataFrame:
    """Rates of companies with enough choices, by name, the lowest first."""
    found = comparisons.rates_by(cells, "short")
    return found[found["size"] >= _FEWEST].sort_values("rate")


def _groups(
    cells: pd.DataFrame, column: str, values: tuple[object, object]
) -> comparisons.TwoGroups | None:
    kept = cells[cells[column].isin(values)]
    return comparisons.two_groups(kept.assign(is_one=kept[column] == values[0]))


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


def _probability(evidence: float) -> float:
    return 2 * NormalDist().cdf(-evidence)
