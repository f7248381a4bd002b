"""Panels of notices by where they are shown and to whom, and of consent tokens."""

from __future__ import annotations

import pandas as pd

from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text.formatting import counted, figure, percent, whole

NOTICES = ("notices", "How do notices do, by place and audience?", COMPANIES)
REGIONS = (
    "region-scopes",
    "Does consent differ where TCF applies?",
    COMPANIES,
)
TOKENS = ("tokens", "What becomes of a consent?", COMPANIES)


@not_built_yet(*NOTICES)
def notices(selection: Selection) -> Panel:
    """Each company's breakdowns: notices, preferences, choices, and rates by value."""
    found = selection.mart("notice_performance", "breakdown, notice_row_count desc, value")
    found = found[found.notice_row_count + found.choice_row_count > 0]
    values = found.groupby(["company_id", "breakdown"]).value.transform("size")
    broken_down = found[values > 1]
    if broken_down.empty:
        sentence = "Every company has one domain, deployment, position, device, SDK and region."
        return Panel.without_rows(*NOTICES, sentence if len(found) else "No notice was shown.")
    sure = broken_down[broken_down.consent_rate_is_reliable]
    ends = sure.groupby(["short", "breakdown"]).agg(
        lowest=("consent_rate_upper", "min"), highest=("consent_rate_lower", "max")
    )
    apart = ends[ends.highest > ends.lowest].reset_index()
    title = "Within companies, no breakdown shows a sure difference in consent"
    if len(apart):
        by = ", ".join(sorted(set(apart.breakdown)))
        companies = counted(apart.short.nunique(), "company", "companies")
        title = f"Consent differs within {companies}: by {by}"
    return Panel(
        NOTICES[0],
        title,
        "From notices to choices: how often the preferences were opened and changed, and how many "
        "chose on the notice. Corrected weighting. A value is the position, deployment, domain, "
        "device, SDK or region; the ten with most events, the rest as other. Only notices say "
        "their position, so choices take it from their deployment.",
        COMPANIES,
        table=DataTable(broken_down.sort_values(["short", "breakdown", "choice_row_count"],
                                                ascending=[True, True, False]), [
            ("short", "company", None),
            ("breakdown", "by", None),
            ("value", "value", None),
            ("notice_count", "notices", whole),
            ("preference_opening_count", "preferences opened", whole),
            ("preference_change_count", "changed", whole),
            ("choice_on_notice_count", "choices", whole),
            ("conversion_rate_on_notice", "choices per notice", percent),
            ("consent_rate", "consent", percent),
            ("consent_rate_lower", "from", percent),
            ("consent_rate_upper", "to", percent),
            ("clicked_consent_rate", "clicked only", percent),
            ("refusal_rate", "refused", percent),
            ("no_choice_rate", "no choice", percent),
        ], limit=10),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*REGIONS)
def region_scopes(selection: Selection) -> Panel:
    """Consent where TCF applies against the rest, within companies, and what all come to."""
    found = selection.mart("region_scope_consent", "company_id")
    found = found[found.inside_decision_row_count + found.outside_decision_row_count > 0]
    if found.empty:
        return Panel.without_rows(*REGIONS, "Nobody accepted or refused on a notice.")
    of_all = found[found.company_id == "all"]
    companies = found[found.company_id != "all"].sort_values("short")
    title, notes = REGIONS[1], []
    for row in of_all[of_all.odds_ratio_is_reliable].to_dict("records"):
        found_out = str(row["finding"]).rstrip(".")
        if row["companies_differ"] is True:  # null with fewer than two companies
            found_out = "companies differ"
        title = found_out
        if not found_out.startswith("People"):
            title = (
                f"Consent where TCF applies and elsewhere: {found_out[0].lower()}{found_out[1:]}"
            )
        raw, standardised = (
            f"{percent(row[f'inside_{kind}'])} against {percent(row[f'outside_{kind}'])}"
            for kind in ("consent_rate", "standardised_rate")
        )
        notes.append(
            f"All companies: {raw}; standardised by company {standardised}. Odds ratio "
            f"{row['odds_ratio']:.2f} ({row['odds_ratio_lower']:.2f} to "
            f"{row['odds_ratio_upper']:.2f}). {row['finding']}"
        )
    return Panel(
        REGIONS[0],
        title,
        "The EEA, UK and CH against the rest: opt-ins among the decisions on the notice, rows as "
        "delivered. An odds ratio below 1 means fewer opt-ins where TCF applies.",
        COMPANIES,
        table=DataTable(companies, [
            ("short", "company", None),
            ("inside_decision_row_count", "decisions, EEA, UK, CH", whole),
            ("inside_consent_rate", "consent", percent),
            ("outside_decision_row_count", "decisions elsewhere", whole),
            ("outside_consent_rate", "consent elsewhere", percent),
            ("odds_ratio", "odds ratio", figure),
            ("odds_ratio_lower", "from", figure),
            ("odds_ratio_upper", "to", figure),
        ], limit=10),
        notes=tuple(notes),
    )  # fmt: skip


@not_built_yet(*TOKENS)
def tokens(selection: Selection) -> Panel:
    """First choices, changes and renewals; partial choices; age; withdrawals in apps."""
    found = selection.mart("company_tokens")
    found = found[found.token_count + found.app_choice_row_count > 0]
    if found.empty:
        return Panel.without_rows(*TOKENS, "No choice names a token or what was chosen before.")
    return Panel(
        TOKENS[0],
        _of_partials(found),
        "A website's consent has a token. On its first day a choice is the first one; later ones "
        "are changes or renewals, and an equal one was sent again. An app says what was chosen "
        "before. Rows as delivered.",
        COMPANIES,
        table=DataTable(found.sort_values("short"), [
            ("short", "company", None),
            ("token_count", "tokens", whole),
            ("first_choice_count", "first choices", whole),
            ("change_count", "changes", whole),
            ("renewal_count", "renewals", whole),
            ("later_choice_count", "change or renewal", whole),
            ("resent_row_count", "sent again", whole),
            ("partial_row_count", "partial", whole),
            ("partial_list_grew_row_count", "list may have grown", whole),
            ("older_than_6_months_row_count", "older than 6 months", whole),
            ("older_than_12_months_row_count", "older than 12 months", whole),
            ("app_choice_row_count", "choices in apps", whole),
            ("app_withdrawal_row_count", "withdrawn", whole),
            ("app_grant_row_count", "granted", whole),
        ], limit=10),
        notes=selection.recycled_payloads(found),
        is_wide=True,
    )  # fmt: skip


def _of_partials(found: pd.DataFrame) -> str:
    """The title: how many decisions on older tokens are partial, against those of the first day."""
    first, later = (
        (found[f"{day}_partial_row_count"].sum(), found[f"{day}_decision_row_count"].sum())
        for day in ("first_day", "later")
    )
    if not later[1]:
        return "All decisions were made on a token's first day"
    return (
        f"Partial decisions: {whole(later[0])} of {whole(later[1])} on older tokens, "
        f"{whole(first[0])} of {whole(first[1])} on the first day"
    )
