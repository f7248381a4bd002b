"""The report's three findings in words, from the marts: what, how sure, what not to conclude."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.metrics import consent_times, measures
from dashboard.panels.selection import Selection
from dashboard.text.formatting import counted, interval, percent
from dashboard.text.formatting import seconds as duration


@dataclass(frozen=True)
class Finding:
    """One finding; `panel` is the key of the panel that shows it."""

    title: str
    what: str
    how_sure: str
    not_to_conclude: str
    panel: str


def findings(selection: Selection) -> list[Finding]:
    """The three findings of what is loaded now."""
    third = without_status(selection) or ranking(selection)
    return [weighting(selection), seconds(selection), third]


def weighting(selection: Selection) -> Finding:
    """What the weighting does to the conversion of all companies together."""
    rates = measures.conversion(selection.totals)
    assignment = measures.estimate(rates, "assignment")
    corrected = measures.estimate(rates, "corrected")
    checked = selection.mart("sampling_diagnosis")
    sampled, matching = checked.sampled_row_count.sum(), checked.matching_row_count.sum()
    differs = abs(corrected.value - assignment.value) > 0.005
    return Finding(
        "The conversion rate is an artefact of sampling" if differs
        else "The conversion rate does not depend on the weighting",
        f"The assignment's formula (COUNT / RATE) gives {percent(assignment.value)} choices per "
        f"notice; the weighting that the data supports gives {percent(corrected.value)}.",
        f"COUNT equals round(1 / RATE) on {matching:,.0f} of {sampled:,.0f} sampled rows. The 95 % "
        f"interval of the corrected figure is {interval(corrected.lower, corrected.upper)}. That "
        f"of the assignment's is {interval(assignment.lower, assignment.upper)}, which is narrow "
        "too: an interval does not show a wrong weight.",
        "Do not compare these rates with rates from reports that use the other weighting, and do "
        "not read volumes under COUNT / RATE as traffic.",
        "conversion",
    )  # fmt: skip


def seconds(selection: Selection) -> Finding:
    """How fast people choose."""
    found = selection.pair_summary
    best = consent_times.headlines(found)
    if best.empty:
        return Finding(
            "How fast people choose cannot be told",
            "No way of matching notices with choices is credible in any company.",
            "Each was compared with its placebo, the same match run backwards.",
            "Do not quote a time to consent from these deliveries.",
            "time-to-consent",
        )
    medians = best.best_median
    methods = ", ".join(
        f"{name} for {counted(int(companies), 'company', 'companies')}"
        for name, companies in best.method.value_counts().items()
    )
    cohort = found[found.method == "cohort"]
    pairs, chance = cohort.pair_count.sum(), cohort.placebo_count.sum()
    return Finding(
        "People choose within seconds" if medians.median() < 15 else "People take their time",
        f"The median time from notice to choice is {duration(medians.median())} in the typical "
        f"company, between {duration(medians.min())} and {duration(medians.max())} across the "
        f"{len(best)} where a method is credible.",
        f"It rests on the most direct credible method of each company ({methods}). Matching "
        f"lookalikes found {pairs:,} pairs forwards and {chance:,} backwards; the latter are "
        "chance.",
        "Do not use mean times: they follow the longest time allowed for a match. And a fast "
        "choice is not an informed one.",
        "time-to-consent",
    )


def without_status(selection: Selection) -> Finding | None:
    """The company with the largest share of choices without a status; None where there is none."""
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    shares = measures.shares(chosen, "consent_status", ["company_id", "company"])
    is_large = (shares.share > 0.5) & (shares.row_count >= 20)
    empty = shares[(shares.consent_status == "empty") & is_large]
    if empty.empty:
        return None
    row = empty.sort_values("share").iloc[-1]
    others = len(empty) - 1
    more = f" ({counted(others, 'other')} likewise)" if others else ""
    rate = measures.estimate(measures.consent_rate(selection.totals), "corrected")
    return Finding(
        "One company’s choices carry no status",
        f"{percent(row.share, 0)} of the choices of {row.company} are empty{more}."
        f"{_explanation(selection, row.company_id)}",
        f"It is counted, not estimated: {row.row_count:,.0f} rows. The consent rate of all "
        f"companies together, {percent(rate.value)} ({interval(rate.lower, rate.upper)}), "
        "leaves such choices out.",
        "Do not read it as refusal, and do not average it with the other companies’ opt-ins.",
        "statuses",
    )


def _explanation(selection: Selection, company_id: str) -> str:
    """The commonest reason that a company's payloads give for empty choices, as a sentence."""
    rows = selection.mart("consent_status_reconciliation")
    rows = rows[(rows.company_id == company_id) & (rows.consent_status == "empty")]
    if rows.empty:
        return ""
    reasons = rows.groupby("explanation").event_row_count.sum()
    share = percent(reasons.max() / reasons.sum(), 0)
    return f" What their payloads say: {reasons.idxmax()} ({share})."


def ranking(selection: Selection) -> Finding:
    """How many places of the ranking the intervals settle."""
    ranks = selection.mart("company_ranking")
    ranks = ranks[(ranks.metric == "conversion_rate") & (ranks.formula == "corrected")]
    ranks = ranks[ranks.company_rank.notna()]
    first, fixed = (ranks.best_rank == 1).sum(), (ranks.best_rank == ranks.worst_rank).sum()
    return Finding(
        "Most ranks are not settled",
        f"Of {len(ranks)} companies, {first} could be the one that converts best.",
        f"The 95 % intervals settle the rank of only {fixed}.",
        "Do not reward or blame a company for its place in the list.",
        "ranking",
    )
