"""Panels of changes over time, and of how many choices a test needs to find one."""

from __future__ import annotations

import pandas as pd

from dashboard.charts import trend_chart
from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text.alert_sentence import METRICS, points, when
from dashboard.text.formatting import counted, duration, percent, whole

ALERTS = ("alerts", "Did consent change beyond chance?", COMPANIES)
PLAN = ("plan", "How many choices does a test need?", COMPANIES)
TESTS = ("tests", "Is the test over?", COMPANIES)
LIFT = 2
"""The lift in points that the plan's title tells."""


@not_built_yet(*ALERTS)
def alerts(selection: Selection) -> Panel:
    """Changes from one period to the next that chance does not explain; one company's rates."""
    found = selection.mart("consent_trend", "company_id, metric, period_start")
    if found.empty:
        return Panel.without_rows(*ALERTS, "No notice was shown, and nobody chose.")
    compared = int(found.p_value.notna().sum())
    raised = found[found.is_alert].sort_values(["q_value", "period_start"])
    by_company = raised.short.nunique()
    titles = {
        0: f"No change beyond chance among {counted(compared, 'change')}",
        1: f"{raised.short.iloc[0]}: consent changed beyond chance" if by_company else "",
    }
    rates = found[found.metric == "consent_rate"]
    told = raised.company_id.iloc[0] if by_company else _longest(rates)
    shown = rates[rates.company_id == told]
    name = shown.short.iloc[0] if len(shown) else ""
    chart = trend_chart.trend(
        pd.DataFrame({
            "start": shown.period_start.map(lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ")),
            "value": shown.metric_value,
            "lower": shown.metric_lower,
            "upper": shown.metric_upper,
            "rows": shown.base_row_count,
            "is_alert": shown.is_alert,
        })
    ) if len(shown) > 1 else None  # fmt: skip
    table = raised.assign(
        when=[when(t, p) for t, p in zip(raised.period_start, raised.period, strict=True)],
        rate=raised.metric.map(METRICS),
    )
    return Panel(
        ALERTS[0],
        titles.get(by_company, f"Consent changed beyond chance in {by_company} companies")
        if compared
        else ALERTS[1],
        "Each day is compared with the one before (each hour, for a company with one day). Listed "
        "is what is left at a false discovery rate of 5 % over all companies, days and rates. A "
        "finding to check, not a verdict."
        if compared
        else "No company has two periods in a row with enough choices to compare.",
        COMPANIES,
        chart=chart,
        table=DataTable(shown.assign(when=shown.period_start.dt.strftime("%Y-%m-%d %H:%M")), [
            ("when", "from (UTC)", None),
            ("metric_value", "consent rate", percent),
            ("metric_lower", "at least", percent),
            ("metric_upper", "at most", percent),
            ("base_row_count", "rows", whole),
        ]) if not by_company and chart else DataTable(table, [
            ("short", "company", None),
            ("when", "from", None),
            ("rate", "rate", None),
            ("previous_value", "before", percent),
            ("metric_value", "now", percent),
            ("value_change", "points", points),
            ("country_mix_change", "of them: other regions", points),
            ("device_mix_change", "other devices", points),
            ("notice_mix_change", "other notices", points),
        ]) if by_company else None,
        notes=(f"The chart shows {name}.",) if chart else (),
        is_table_open=True,
    )  # fmt: skip


def _longest(rates: pd.DataFrame) -> str:
    """The company with the most reliable periods."""
    counts = rates[rates.is_reliable].company_id.value_counts()
    return str(counts.index[0]) if len(counts) else ""


@not_built_yet(*PLAN)
def plan(selection: Selection) -> Panel:
    """Choices, notices and time that a lift of 1, 2 and 5 points needs."""
    order = f"lift_points <> {LIFT}, lift_points, hours, company_id"
    found = selection.mart("sample_size_plan", order)
    if found.empty:
        return Panel.without_rows(*PLAN)
    planned = found[found.obstacle.isna()]
    usual = planned[planned.lift_points == LIFT]
    title = PLAN[1]
    if len(usual):
        hours = usual.hours
        span = duration(hours.min())
        if len(usual) > 1:
            span += f" to {duration(hours.max())}"
        title = f"To find a lift of {LIFT} points takes {span} of a company's choices"
    reasons = found[found.obstacle.notna()].drop_duplicates("short")
    return Panel(
        PLAN[0],
        title,
        "For two equal arms, at 80 % power and a level of 5 %, from today's consent rate and the "
        "volume per observed hour. Where choices are sampled, people make more than there are "
        "rows. Times of capped deliveries are upper bounds.",
        COMPANIES,
        table=DataTable(planned, [
            ("short", "company", None),
            ("lift_points", "lift in points", whole),
            ("consent_rate", "consent today", percent),
            ("choice_row_count_per_arm", "rows per arm", whole),
            ("choice_count", "choices", whole),
            ("notice_count", "notices", whole),
            ("hours", "time", duration),
        ], limit=10) if len(planned) else None,
        notes=tuple(
            f"{row.short}: {row.obstacle}." for row in reasons.itertuples() if len(reasons) <= 3
        ) or ((f"{len(reasons)} companies have no plan for some lift.",) if len(reasons) else ()),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*TESTS)
def tests(selection: Selection) -> Panel:
    """Arms of experiments: their difference from the control, and whether the test is over."""
    found = selection.mart("experiment_arms", "company_id, is_control desc, arm")
    arms = found[~found.is_control.astype(bool)]
    if arms.empty:
        return Panel.without_rows(*TESTS, "No test runs: EXPERIMENT is empty, or has one arm.")
    over = int((arms.is_test_over == True).sum())  # noqa: E712  (null where it cannot be told)
    return Panel(
        TESTS[0],
        f"{over} of {counted(len(arms), 'arm')} have the choices that were planned",
        "A test is over when an arm and its control have the choices that a difference of 2 points "
        "needs, whatever the difference is: who stops at the first good day finds too many.",
        COMPANIES,
        table=DataTable(arms, [
            ("short", "company", None),
            ("arm", "arm", None),
            ("consent_rate", "consent", percent),
            ("difference_from_control", "points", points),
            ("difference_from_control_lower", "from", points),
            ("difference_from_control_upper", "to", points),
            ("effective_sample_size", "choices", whole),
            ("planned_decision_count", "planned", whole),
            ("test_verdict", "verdict", None),
        ], limit=10),
        is_wide=True,
    )  # fmt: skip
