"""Panels of what the data itself says about refusals, page views, ids and payloads."""

from __future__ import annotations

import pandas as pd

from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text.answers import FEW_ROWS
from dashboard.text.formatting import counted, percent, whole

REFUSALS = ("refusals", "Is a refusal respected?", COMPANIES)
PAGE_VIEWS = ("page-views", "What do page views say about consent?", COMPANIES)
EVIDENCE = ("evidence", "Can ids and payloads be trusted?", COMPANIES)
VERDICTS = ["fails", "cannot be told", "holds"]


@not_built_yet(*REFUSALS)
def refusals(selection: Selection) -> Panel:
    """Companies and deployments with something to check about refusals, decisions and notices."""
    found = selection.mart("refusal_integrity")
    found = found[found.refusal_row_count + found.decision_row_count + found.notice_row_count > 0]
    to_check = found[found.finding.notna()]
    if to_check.empty:
        sentence = "Checked: interest left on, opt-ins without a click, notices after a decision."
        title = "Nothing to check about refusals"
        return Panel.without_rows(REFUSALS[0], title, COMPANIES, sentence, is_wide=True)
    of_companies = to_check[to_check.deployment_id == "all"]
    left_on = of_companies[of_companies.refusal_with_legitimate_interest_row_count >= 5]
    companies = counted(len(left_on), "company", "companies")
    title = f"{companies} left legitimate interest on after refusals"
    return Panel(
        REFUSALS[0],
        title if len(left_on) else "No company leaves legitimate interest on after refusals",
        "Findings to check, not verdicts. A refusal is an opt-out by click. Where nobody refused "
        "in 50 decisions or more, the upper bound says how many could have. Counts are rows.",
        COMPANIES,
        table=DataTable(_all_first(to_check), [
            ("short", "company", None),
            ("deployment_id", "deployment", None),
            ("refusal_row_count", "refusals", whole),
            ("refusal_with_legitimate_interest_row_count", "interest left on", whole),
            ("legitimate_interest_share_lower", "at least", percent),
            ("refusal_rate", "of decisions refused", percent),
            ("refusal_rate_upper", "at most", percent),
            ("consent_without_click_row_count", "opt-ins without a click", whole),
            ("finding", "to check", None),
        ], limit=10),
        notes=selection.recycled_payloads(found),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*PAGE_VIEWS)
def page_views(selection: Selection) -> Panel:
    """Page views by what they say about consent, and deployments with errors of consent mode."""
    found = selection.mart("company_traffic_consent")
    found = found[found.pageview_row_count > 0]
    if found.empty:
        return Panel.without_rows(*PAGE_VIEWS, "There are no page views.")
    hidden = found[(found.deployment_id == "all") & (found.full_opt_in_on_web_verdict == "fails")]
    notes = []
    if len(hidden):
        notes.append(
            "Opted-in page views of the web SDK never say full opt-in at "
            f"{', '.join(hidden.short)}: read full and partial together."
        )
    is_shown = (found.deployment_id == "all") | (found.gcm_error_row_count > 0)
    companies = found[found.deployment_id == "all"]
    shares = companies[companies.pageview_row_count >= FEW_ROWS].opt_in_share.dropna()
    title = f"Fewer than {FEW_ROWS} page views of each company: too few for shares"
    if len(shares):
        ends = list(dict.fromkeys(percent(share, 0) for share in (shares.min(), shares.max())))
        title = f"{' to '.join(ends)} of a company's page views are of people who opted in"
    return Panel(
        PAGE_VIEWS[0],
        title,
        "Shares of page views, corrected weighting: opted in (full or partial), opted out, or "
        "nothing said. Deployments are listed where page views report an error of Google's "
        "consent mode.",
        COMPANIES,
        table=DataTable(_all_first(found[is_shown]), [
            ("short", "company", None),
            ("deployment_id", "deployment", None),
            ("pageview_row_count", "rows", whole),
            ("opt_in_share", "opted in", percent),
            ("opt_in_share_lower", "from", percent),
            ("opt_in_share_upper", "to", percent),
            ("opt_out_share", "opted out", percent),
            ("none_share", "nothing said", percent),
            ("gcm_error_row_count", "errors", whole),
        ], limit=10),
        notes=tuple(notes),
    )  # fmt: skip


@not_built_yet(*EVIDENCE)
def evidence(selection: Selection) -> Panel:
    """Whether USER_ID stands for a person and payloads are distinct, one sentence per company."""
    found = selection.mart("evidence_checks")
    found = found[found.company_id.isin(selection.companies.index)]
    if found.empty:
        return Panel.without_rows(*EVIDENCE)
    failing = found[found.verdict == "fails"]
    title = f"{counted(len(failing), 'check fails', 'checks fail')}: some figures are not reliable"
    order = found.verdict.map(VERDICTS.index)
    return Panel(
        EVIDENCE[0],
        title if len(failing) else "No check of ids and payloads fails",
        "Where USER_ID does not stand for a person, time by user is not credible, and the next "
        "method takes its place. Where payloads are recycled, figures from payloads are not "
        "reliable.",
        COMPANIES,
        table=DataTable(found.assign(order=order).sort_values(["order", "check_name", "short"]), [
            ("short", "company", None),
            ("check_name", "check", None),
            ("verdict", "verdict", None),
            ("sentence", "why", None),
        ], limit=8),
        is_wide=True,
    )  # fmt: skip


def _all_first(found: pd.DataFrame) -> pd.DataFrame:
    """Each company's own row before those of its deployments."""
    is_part = found.deployment_id != "all"
    return found.assign(is_part=is_part).sort_values(["short", "is_part", "deployment_id"])
