"""Panels of purposes and vendors: they follow the company and industry filters only."""

from __future__ import annotations

from dashboard.charts import purpose_heatmap
from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text import answers
from dashboard.text.formatting import counted, percent, whole

PURPOSES = ("purposes", "What do people allow?", COMPANIES)
VENDORS = ("vendors", "Which vendors are allowed?", COMPANIES)
COMPLIANCE = ("compliance", "Which legal bases should be checked?", COMPANIES)
TOP_VENDORS = 20
"""The title is about so many of the vendors that most choices name."""


@not_built_yet(*PURPOSES)
def purposes(selection: Selection) -> Panel:
    """Heat map of the share of choices that allow each purpose under the legal basis consent."""
    found = selection.mart("company_purposes", "tcf_kind, tcf_id, purpose_id")
    found = found[(found.legal_basis == "consent") & found.corrected_enabled_rate.notna()]
    found = found[found.tcf_id.notna()]
    if found.empty:
        return Panel.without_rows(*PURPOSES)
    # Purposes and special features are numbered separately in the IAB's list: 1 and S1.
    prefix = found.tcf_kind.map({"purpose": "", "special feature": "S"}).fillna("")
    found = found.assign(
        purpose=prefix + found.tcf_id.astype(int).astype(str) + " " + found.purpose_label,
        rate=found.corrected_enabled_rate,
        lower=found.corrected_enabled_rate_lower,
        upper=found.corrected_enabled_rate_upper,
        choices=found.enabled_row_count + found.disabled_row_count,
    )
    keep = ["company", "short", "purpose", "rate", "lower", "upper", "choices"]
    rows = list(dict.fromkeys(found.sort_values(["tcf_kind", "tcf_id"]).purpose))
    columns = list(found.groupby("short").rate.mean().sort_values(ascending=False).index)
    sums = found.groupby("purpose_label")[["enabled_row_count", "choices"]].sum()
    allowed = (sums.enabled_row_count / sums.choices).sort_values(ascending=False)
    ends = [(str(allowed.index[end]), float(allowed.iloc[end])) for end in (0, -1)]
    return Panel(
        PURPOSES[0],
        answers.purposes(ends[0], ends[1]),
        "The share of choices that allow a purpose of the IAB's list, of the choices made on the "
        "notice that offer it under consent. The companies whose visitors allow most come first. "
        "S: special features. Blank: not offered. Grey: fewer than five rows.",
        COMPANIES,
        chart=purpose_heatmap.purposes(found[keep], rows, columns),
        table=DataTable(found, [
            ("company", "company", None),
            ("purpose", "purpose", None),
            ("rate", "allowed", percent),
            ("lower", "from", percent),
            ("upper", "to", percent),
            ("choices", "choices (rows)", whole),
        ]),
        notes=selection.recycled_payloads(found),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*VENDORS)
def vendors(selection: Selection) -> Panel:
    """The vendors that most choices name, over the chosen companies."""
    found = selection.mart("company_vendors")
    found = found[found.legal_basis == "consent"]
    if found.empty:
        return Panel.without_rows(*VENDORS)
    sums = found.groupby(["vendor_id", "vendor_name"], dropna=False, as_index=False).agg(
        companies=("company_id", "nunique"),
        enabled=("enabled_row_count", "sum"),
        disabled=("disabled_row_count", "sum"),
    )
    sums["choices"] = sums.enabled + sums.disabled
    sums = sums[sums.choices > 0].assign(rate=sums.enabled / sums.choices)
    sums["vendor"] = [
        f"{name} ({key})" if isinstance(name, str) else key
        for key, name in zip(sums.vendor_id, sums.vendor_name, strict=True)
    ]
    sums = sums.sort_values(["choices", "vendor_id"], ascending=[False, True])
    top = sums[sums.choices >= answers.FEW_ROWS].head(TOP_VENDORS)
    if top.empty:
        title = f"Fewer than {answers.FEW_ROWS} choices name the same vendor: too few for shares"
    else:
        title = answers.vendors(list(top.rate), top.vendor.iloc[0])
    return Panel(
        VENDORS[0],
        title,
        f"{counted(len(sums), 'vendor')} under consent; the vendors named in most choices come "
        "first. A number is the vendor's id in the IAB's list. Counts are rows, unweighted.",
        COMPANIES,
        table=DataTable(sums, [
            ("vendor", "vendor", None),
            ("rate", "allowed", percent),
            ("choices", "choices", whole),
            ("companies", "companies", whole),
        ], limit=12),
        notes=selection.recycled_payloads(found),
    )  # fmt: skip


@not_built_yet(*COMPLIANCE)
def compliance(selection: Selection) -> Panel:
    """Purposes that need consent but are listed under legitimate interest."""
    found = selection.mart("purpose_compliance", "listed_row_count desc")
    if found.empty:
        sentence = "Purposes 1 and 3 to 6 need consent; no event lists one otherwise."
        return Panel.without_rows(COMPLIANCE[0], answers.legal_bases(0), COMPANIES, sentence)
    found = found.assign(
        purpose=found.tcf_id.astype(str) + " " + found.purpose_label,
        event=found.event_type.map({"consent.asked": "notice", "consent.given": "choice"}),
    )
    return Panel(
        COMPLIANCE[0],
        answers.legal_bases(found.company_id.nunique()),
        "Purposes 1 and 3 to 6 listed under legitimate interest. These are findings to check, not "
        "verdicts: the rule concerns registered vendors in the EEA, the UK and Switzerland.",
        COMPANIES,
        table=DataTable(found, [
            ("short", "company", None),
            ("purpose", "purpose", None),
            ("listed_share", "share", percent),
            ("event", "in", None),
            ("region", "region", None),
            ("listed_row_count", "rows", whole),
        ], limit=8),
        notes=selection.recycled_payloads(found),
    )  # fmt: skip
