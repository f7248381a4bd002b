"""What to know about the data before the figures are used: not findings about people."""

from __future__ import annotations

from dashboard.findings.finding import Finding
from dashboard.metrics import measures
from dashboard.panels.selection import Selection
from dashboard.text import weighting_sentence
from dashboard.text.answers import certainty
from dashboard.text.formatting import counted, percent

_WEIGHTING = "select company_name, weighting_verdict from marts.company_overview"
_STATUS = """
select company_id, consent_status, recomputed_status, explanation, event_row_count
from marts.consent_status_reconciliation
where consent_status = 'empty'
"""
_EVIDENCE = """
select company_id, check_name, sentence from marts.evidence_checks where verdict = 'fails'
"""
_EVIDENCE_TITLES = {
    "user id is a person": "USER_ID does not stand for a person",
    "payloads are distinct": "Payloads are recycled",
}
_TITLES = {
    weighting_sentence.COUNT_IS_WEIGHT: "The assignment's formula applies the sampling twice",
    weighting_sentence.FORMULA_HOLDS: "The assignment's formula holds",
    weighting_sentence.NOT_SAMPLED: "Nothing was sampled, so both formulas agree",
    weighting_sentence.UNDECIDED: "Which weighting is right is not decided",
    weighting_sentence.NO_RATE: "Nobody can tell how much was sampled",
}


def weighting(selection: Selection) -> Finding:
    """What the weighting does to the conversion of all companies together."""
    shown = selection.companies[selection.companies.index.isin(selection.totals.company_id)]
    verdicts = set(shown.weighting_verdict)
    telling = verdicts - {weighting_sentence.NOT_SAMPLED} or verdicts
    title = (
        _TITLES[min(telling)] if len(telling) == 1
        else "Which weighting is right differs from company to company"
    )  # fmt: skip
    rates = measures.conversion(selection.totals)
    assignment, corrected = (measures.estimate(rates, f) for f in measures.FORMULAS)
    is_decided = bool(shown.is_weighting_decided.all())
    if assignment.value != assignment.value:
        figures = "No notice was shown, so conversion cannot be computed."
    elif telling == {weighting_sentence.NOT_SAMPLED}:
        return Finding(
            "weighting",
            title,
            f"{weighting_sentence.weighting(shown.weighting_verdict)} Conversion is "
            f"{percent(assignment.value)} by both formulas.",
            "It is counted, not estimated, so it has no interval.",
            "Counted is not certain: in another week the figures can differ by chance.",
            "conversion",
            _WEIGHTING,
        )
    elif is_decided:
        figures = (
            f"Conversion is {percent(assignment.value)} by the assignment's formula and "
            f"{percent(corrected.value)} corrected."
        )
    else:
        figures = f"Conversion is {percent(assignment.value)} by the assignment's formula."
    how_sure = "Where the weighting is not decided, the corrected figures have no interval."
    if assignment.value != assignment.value:
        how_sure = "There is nothing to divide the choices by."
    elif is_decided:
        how_sure = (
            f"Corrected: {certainty(corrected.lower, corrected.upper)}. Assignment: "
            f"{certainty(assignment.lower, assignment.upper)}; an interval does not show that a "
            "weight is wrong."
        )
    return Finding(
        "weighting",
        title,
        f"{weighting_sentence.weighting(shown.weighting_verdict)} {figures}",
        how_sure,
        "Do not compare these rates with rates from reports that use the other weighting, and do "
        "not read volumes under COUNT / RATE as traffic.",
        "conversion",
        _WEIGHTING,
    )


def without_status(selection: Selection) -> Finding | None:
    """The company with the largest share of choices without a status; None where there is none."""
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    shares = measures.shares(chosen, "consent_status", ["company_id", "short"])
    is_large = (shares.share > 0.5) & (shares.row_count >= 20)
    empty = shares[(shares.consent_status == "empty") & is_large]
    if empty.empty:
        return None
    row = empty.sort_values("share").iloc[-1]
    others = len(empty) - 1
    more = f" ({counted(others, 'other')} likewise)" if others else ""
    return Finding(
        "status",
        f"The choices of {row.short} carry no status",
        f"{percent(row.share, 0)} of the choices of {row.short} are empty{more}."
        f"{_explanation(selection, row.company_id)}",
        f"It is counted, not estimated: {row.row_count:,.0f} rows. The consent rate leaves such "
        "choices out.",
        "Do not read it as refusal, and do not average it with the other companies’ opt-ins.",
        "statuses",
        _STATUS,
    )


def evidence(selection: Selection) -> Finding | None:
    """Companies whose ids or payloads cannot carry figures; None where no check fails."""
    found = selection.mart("evidence_checks")
    failing = found[found.verdict == "fails"]
    if failing.empty:
        return None
    told = {
        check: failing[failing.check_name == check].sort_values("short")
        for check in _EVIDENCE_TITLES
    }
    titles = [
        f"{title} at {counted(len(rows), 'company', 'companies')}"
        for (check, title) in _EVIDENCE_TITLES.items()
        if len(rows := told[check])
    ]
    examples = [
        f"{rows.short.iloc[0]}: {rows.sentence.iloc[0]}" for rows in told.values() if len(rows)
    ]
    return Finding(
        "evidence",
        "; ".join(titles),
        " ".join(examples),
        "The checks count rows; each company's figures are in the panel.",
        "Do not use times by user where USER_ID is not a person, or shares of purposes and vendors "
        "where payloads are recycled. It is a finding about the delivery, not about the company.",
        "evidence",
        _EVIDENCE,
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
