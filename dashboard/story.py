"""The report's words: three findings, how sure, what not to conclude, all from the marts."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard import measures, times, words
from dashboard.panels.view import View


@dataclass(frozen=True)
class Finding:
    """One finding: what, how sure, and what does not follow. `panel` is where it is drawn."""

    title: str
    what: str
    how_sure: str
    not_to_conclude: str
    panel: str


def findings(view: View) -> list[Finding]:
    """The three findings of what is loaded now."""
    return [weighting(view), seconds(view), _statusless(view) or ranking(view)]


def weighting(view: View) -> Finding:
    """What the weighting does to the headline."""
    rates = measures.conversion(view.totals).set_index("formula")
    assignment, corrected = rates.loc["assignment"], rates.loc["corrected"]
    checked = view.mart("sampling_diagnosis")
    sampled, matching = checked.sampled_row_count.sum(), checked.matching_row_count.sum()
    differs = abs(corrected.value - assignment.value) > 0.005
    return Finding(
        "The headline conversion is an artefact of sampling" if differs
        else "The headline conversion does not depend on the weighting",
        f"The assignment's formula (COUNT / RATE) gives {words.percent(assignment.value)} choices "
        f"per notice; the weighting that the deliveries support, {words.percent(corrected.value)}.",
        f"COUNT equals round(1 / RATE) on {matching:,.0f} of {sampled:,.0f} sampled rows. The "
        f"95 % interval of the corrected figure is {words.span(corrected.lower, corrected.upper)}; "
        f"that of the assignment's, {words.span(assignment.lower, assignment.upper)}, is narrow "
        "too: an interval does not show a wrong weight.",
        "Do not compare these rates with rates from reports that use the other weighting, and do "
        "not read volumes under COUNT / RATE as traffic.",
        "conversion",
    )  # fmt: skip


def seconds(view: View) -> Finding:
    """How fast people choose."""
    found = view.pair_summary
    best = times.headlines(found)
    if best.empty:
        return Finding(
            "How fast people choose cannot be told",
            "No way of matching notices with choices is credible in any company.",
            "Each was compared with its placebo, the same match run backwards.",
            "Do not quote a time to consent from these deliveries.",
            "time-to-consent",
        )
    low, high = words.seconds(best.best_median.min()), words.seconds(best.best_median.max())
    by = best.method.value_counts()
    methods = ", ".join(
        f"{name} for {words.many(int(n), 'company', 'companies')}" for name, n in by.items()
    )
    middle = best.best_median.median()
    cohort = found[found.method == "cohort"]
    pairs, chance = cohort.pair_count.sum(), cohort.placebo_count.sum()
    return Finding(
        "People choose within seconds" if middle < 15 else "People take their time",
        f"The median time from notice to choice is {words.seconds(middle)} in the "
        f"typical company, between {low} and {high} across the "
        f"{len(best)} where a method is credible.",
        f"It rests on the most direct credible method of each company ({methods}). Matching "
        f"lookalikes found {pairs:,} pairs forwards and {chance:,} backwards, which are chance.",
        "Do not use mean times: they follow the longest time allowed for a match. And a fast "
        "choice is not an informed one.",
        "time-to-consent",
    )  # fmt: skip


def _statusless(view: View) -> Finding | None:
    """The company whose choices carry no status, where there is one."""
    chosen = view.totals[view.totals.event_type == "consent.given"]
    parts = measures.parts(chosen, "consent_status", ["company_id", "company"])
    empty = parts[(parts.consent_status == "empty") & (parts.share > 0.5) & (parts.row_count >= 20)]
    if empty.empty:
        return None
    row = empty.sort_values("share").iloc[-1]
    others = len(empty) - 1
    more = f" ({words.many(others, 'other')} likewise)" if others else ""
    rate = measures.consent_rate(view.totals).set_index("formula").loc["corrected"]
    return Finding(
        "One company’s choices carry no status",
        f"{words.percent(row.share, 0)} of the choices of {row.company} are empty{more}."
        f"{_explanation(view, row.company_id)}",
        f"It is counted, not estimated: {row.row_count:,.0f} rows. The consent rate of all "
        f"companies together, {words.percent(rate.value)} ({words.span(rate.lower, rate.upper)}), "
        "leaves such choices out.",
        "Do not read it as refusal, and do not average it with the other companies’ opt-ins.",
        "statuses",
    )


def _explanation(view: View, company_id: str) -> str:
    """What the payloads of most of a company's empty choices say, as a sentence after another."""
    rows = view.mart("consent_status_reconciliation")
    rows = rows[(rows.company_id == company_id) & (rows.consent_status == "empty")]
    if rows.empty:
        return ""
    reasons = rows.groupby("explanation").event_row_count.sum()
    share = words.percent(reasons.max() / reasons.sum(), 0)
    return f" What their payloads say: {reasons.idxmax()} ({share})."


def ranking(view: View) -> Finding:
    """How far the ranking of companies carries."""
    ranks = view.mart("company_ranking")
    ranks = ranks[(ranks.metric == "conversion_rate") & (ranks.formula == "corrected")]
    ranks = ranks[ranks.company_rank.notna()]
    first, fixed = (ranks.best_rank == 1).sum(), (ranks.best_rank == ranks.worst_rank).sum()
    return Finding(
        "Most ranks are not settled",
        f"Of {len(ranks)} companies, {first} could be the one that converts best.",
        f"Only {fixed} have a rank that the 95 % intervals fix.",
        "Do not reward or blame a company for its place in the list.",
        "ranking",
    )
