"""The companies in one table: every answer of the assignment, from `marts.company_overview`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.panels.data_table import Column, DataTable
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.queries import frames
from dashboard.text import answers
from dashboard.text.formatting import counted, number, percent, seconds, whole, whole_percent

TABLE = ("companies", "The companies side by side", COMPANIES)
COLUMNS: list[Column] = [
    ("company_name", "company", None),
    ("corrected_consent_conversion_rate", "per notice", percent),
    ("sure", "95 % interval", None),
    ("consent_conversion_rate", "COUNT / RATE", percent),
    ("full_opt_in_share", "accept all", whole_percent),
    ("partial_opt_in_share", "in part", whole_percent),
    ("opt_out_share", "nothing", whole_percent),
    ("empty_share", "no status", whole_percent),
    ("time", "average time", seconds),
    ("median", "half within", seconds),
    ("event_count", "events", number),
    ("pageview_count", "page views", number),
    ("consent_asked_count", "notices", number),
    ("consent_given_count", "choices", number),
    ("ui_action_count", "actions", number),
    ("country_count", "countries", whole),
    ("industry", "industry", None),
    ("hq_country", "headquarters", None),
]
_SHARES = ["full_opt_in_share", "partial_opt_in_share", "opt_out_share", "empty_share"]


@not_built_yet(*TABLE)
def company_table(selection: Selection) -> Panel:
    """One row per company, the highest conversion first, and one for all of them."""
    found = frames.by_company(selection.marts, "company_overview", selection.filters)
    if found.empty:
        return Panel.without_rows(*TABLE, is_wide=True)
    rate = "corrected_consent_conversion_rate"
    found["is_all"] = found.company_id == "all"
    found = found.sort_values(["is_all", rate], ascending=[True, False])
    found["sure"] = [_sure(row, rate) for row in found.to_dict("records")]
    if found.weighting_verdict.isin(answers.DOUBTS).any():
        is_unsure = found.is_all & (found.sure == answers.FEW)
        found["sure"] = found.sure.mask(is_unsure, "in doubt")
    for name, column in (("time", "mean"), ("median", "median")):
        seconds_to = pd.to_numeric(found[f"{column}_seconds_to_consent"])
        found[name] = seconds_to.where(found.is_time_credible.astype(bool))
    few = pd.to_numeric(found.full_opt_in_share_effective_sample_size) < answers.FEW_ROWS
    found.loc[few, _SHARES] = float("nan")
    notes = (
        "Choices per notice and their interval by the corrected weighting, the rest by the "
        "assignment's formula. A heading sorts.",
    )
    note = f"No shares for {counted(int(few.sum()), 'company', 'companies')}: fewer than five rows."
    return Panel(
        TABLE[0],
        answers.best(_rates(found, rate), int(found[rate][~found.is_all].notna().sum())),
        "",
        COMPANIES,
        table=DataTable(found, COLUMNS, link=("company", "company_id")),
        notes=(*notes, note) if few.any() else notes,
        is_wide=True,
        is_sortable=True,
    )


def _rates(found: pd.DataFrame, rate: str) -> list[answers.Rate]:
    """The companies' rates, from the highest: those with an interval, where there are any."""
    kept = found[~found.is_all & found[rate].notna()]
    sure = kept[kept[f"{rate}_is_reliable"].astype(bool)]
    kept = sure if len(sure) else kept
    if kept.empty:
        return []
    ends = [pd.to_numeric(kept[f"{rate}_{end}"]) for end in ("lower", "upper")]
    doubts = kept.weighting_verdict.map(answers.DOUBTS).fillna(0).astype(int)
    rows = zip(kept.company_name, kept[rate].astype(float), doubts, *ends, strict=True)
    return [
        answers.Rate(name, value, upper >= ends[0].iloc[0], doubt, lower, upper)
        for name, value, doubt, lower, upper in rows
    ]


def _sure(row: dict[Any, Any], rate: str) -> str:
    """How sure a company's conversion is, in few words."""
    if pd.isna(row[rate]):
        return "no notice"
    lower, upper = (float(row[f"{rate}_{end}"] or "nan") for end in ("lower", "upper"))
    doubt = answers.DOUBTS.get(row["weighting_verdict"], 0)
    return answers.sure(lower, upper, bool(row[f"{rate}_is_reliable"]), doubt)
