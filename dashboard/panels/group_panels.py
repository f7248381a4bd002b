"""Panels that compare groups: devices, SDKs, industries, days; a company and its industry."""

from __future__ import annotations

from dashboard.charts import group_charts
from dashboard.panels.data_table import Column, DataTable
from dashboard.panels.panel import COMPANIES, EVERY_FILTER, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text import answers
from dashboard.text.formatting import percent, whole

GROUPS = ("groups", "Who chooses most often?", EVERY_FILTER)
DAYS = ("days", "Does it change over time?", EVERY_FILTER)
BENCHMARKS = ("benchmarks", "How do companies compare with their industry?", COMPANIES)
KINDS = {"device": "Device", "sdk": "SDK", "industry": "Industry"}
COLUMNS: list[Column] = [
    ("value", "choices per notice", percent),
    ("lower", "from", percent),
    ("upper", "to", percent),
    ("sure", "95 % interval", None),
    ("asked_rows", "rows of notices", whole),
]


@not_built_yet(*GROUPS)
def groups(selection: Selection) -> Panel:
    """Conversion by device, SDK and industry."""
    rates = selection.group_rates
    rates = rates[rates.kind.isin(list(KINDS))].copy()
    if rates.empty:
        return Panel.without_rows(*GROUPS, "No notice was shown here.")
    rates["order"] = rates.kind.map(list(KINDS).index)
    rates = rates.sort_values(["order", "value"], ascending=[True, False])
    rates["label"] = rates.kind.map(KINDS) + ": " + rates["name"]
    for kind in KINDS:
        rates[kind] = rates["name"].where(rates.kind == kind)
    # The title compares devices that many people use; others have wide intervals.
    devices = rates[(rates.kind == "device") & rates.is_reliable]
    devices = devices[devices.asked_rows >= 0.1 * devices.asked_rows.sum()]
    columns = (devices["name"], devices.value, devices.lower, devices.upper)
    ends = list(zip(*columns, strict=True))
    return Panel(
        GROUPS[0],
        answers.groups(ends, int(rates.doubt.max())),
        "Choices per notice, corrected weighting, by device, SDK and industry. Groups differ in "
        "their companies, too: a difference here is not yet a difference between people.",
        chart=group_charts.groups(rates),
        table=DataTable(rates, [("label", "group", None), *COLUMNS]),
    )


@not_built_yet(*DAYS)
def days(selection: Selection) -> Panel:
    """Conversion by day."""
    rates = selection.group_rates
    rates = rates[rates.kind == "day"].sort_values("name")
    if rates.empty:
        return Panel.without_rows(*DAYS, "No notice was shown here.")
    rates = rates.assign(day=rates["name"])
    sure = rates[rates.is_reliable]
    return Panel(
        DAYS[0],
        answers.days(
            list(zip(sure.day, sure.lower, sure.upper, strict=True)),
            len(rates),
            int(rates.doubt.max()),
        ),
        "Choices per notice by day (UTC), corrected weighting, with 95 % intervals. The first and "
        "the last day may be incomplete.",
        chart=group_charts.days(rates),
        table=DataTable(rates, [("day", "day", None), *COLUMNS]),
    )


@not_built_yet(*BENCHMARKS)
def benchmarks(selection: Selection) -> Panel:
    """Each company's conversion beside that of its industry."""
    found = selection.mart("company_benchmarks")
    found = found[
        (found.metric == "conversion_rate")
        & (found.formula == "corrected")
        & (found.benchmark == "industry")
        & found.benchmark_value.notna()
    ]
    if found.empty:
        sentence = "A mean of fewer than three companies would tell what another company has."
        return Panel.without_rows(BENCHMARKS[0], answers.benchmarks(0, 0, 0), COMPANIES, sentence)
    found = found.sort_values("difference", ascending=False)
    positions = found.position.value_counts()
    return Panel(
        BENCHMARKS[0],
        answers.benchmarks(
            int(positions.get("above", 0)), int(positions.get("below", 0)), len(found)
        ),
        "Choices per notice beside the mean of the industry's companies, where it has at least "
        "three. Above or below: the 95 % interval does not hold the mean.",
        COMPANIES,
        table=DataTable(found, [
            ("short", "company", None),
            ("metric_value", "choices per notice", percent),
            ("benchmark_value", "its industry", percent),
            ("position", "position", None),
            ("difference", "difference", percent),
            ("industry", "industry", None),
        ]),
    )  # fmt: skip
