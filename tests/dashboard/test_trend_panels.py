"""Panels of alerts and planning in each state: nothing there, nothing to compare, several."""

from typing import Any

import pandas as pd
import pytest

from dashboard.panels import trend_panels
from dashboard.panels.panel import Panel

START = pd.Timestamp("2025-09-05", tz="UTC")
PERIOD = {
    "company_id": "a", "short": "shop.example", "period": "day", "metric": "consent_rate",
    "metric_value": 0.6, "metric_lower": 0.5, "metric_upper": 0.7, "base_row_count": 90,
    "is_reliable": True, "previous_value": None, "value_change": None, "country_mix_change": None,
    "device_mix_change": None, "notice_mix_change": None, "p_value": None, "q_value": None,
    "is_alert": False,
}  # fmt: skip
PLANNED = {
    "company_id": "a", "short": "shop.example", "lift_points": 2, "consent_rate": 0.75,
    "choice_row_count_per_arm": 7155, "choice_count": 14310.0, "notice_count": 26018.0,
    "hours": 54.2, "obstacle": None,
}  # fmt: skip


class Marts:
    """A selection whose marts hold these rows."""

    def __init__(self, rows: list[dict[str, Any]], columns: dict[str, Any]) -> None:
        self.frame = pd.DataFrame(rows, columns=list(columns))

    def mart(self, *_: str) -> pd.DataFrame:
        return self.frame


def made(maker: Any, rows: list[dict[str, Any]], columns: dict[str, Any]) -> Panel:
    panel: Panel = maker(Marts(rows, columns))
    said = [panel.title, panel.lead, *panel.notes]
    said += [cell.text for row in panel.table.rows for cell in row] if panel.table else []
    assert not [text for text in said if text in ("nan", "None") or " nan" in text]
    return panel


def periods(changes: list[tuple[str, float | None, bool]]) -> list[dict[str, Any]]:
    """Two days for each company: p-value and alert of the second."""
    made = []
    for company, p, alert in changes:
        first = {**PERIOD, "company_id": company, "short": company, "period_start": START}
        change = {"p_value": p, "q_value": p, "is_alert": alert, "previous_value": 0.8,
                  "value_change": -0.2, "country_mix_change": 0.01}  # fmt: skip
        made += [first, {**first, **change, "period_start": START + pd.Timedelta(days=1)}]
    return made


@pytest.mark.parametrize(
    ("changes", "title", "lead", "rows"),
    [
        ([], "Did consent change", "No notice was shown", 0),
        ([("a", None, False)], "Did consent change", "No company has two periods", 2),
        ([("a", 0.5, False)], "No change beyond chance among 1 change", "Each day", 2),
        ([("a", 1e-9, True), ("b", 0.4, False)], "a: consent changed beyond", "Each day", 1),
        ([("a", 1e-9, True), ("b", 1e-8, True)], "in 2 companies", "Each day", 2),
    ],
)
def test_alerts(
    changes: list[tuple[str, float | None, bool]], title: str, lead: str, rows: int
) -> None:
    panel = made(trend_panels.alerts, periods(changes), {**PERIOD, "period_start": START})
    assert title in panel.title and lead in panel.lead
    assert len(panel.table.rows if panel.table else []) == rows
    assert (panel.chart is not None) is bool(changes)


def test_plan() -> None:
    assert "Nothing here matches" in made(trend_panels.plan, [], PLANNED).lead
    one = made(trend_panels.plan, [PLANNED], PLANNED)
    assert "lift of 2 points takes 2\N{NO-BREAK SPACE}days of" in one.title
    nothing = dict.fromkeys(("choice_row_count_per_arm", "choice_count", "notice_count", "hours"))
    without = {**PLANNED, **nothing, "obstacle": "the rate cannot rise so far"}
    none = made(trend_panels.plan, [without], PLANNED)
    assert none.title == trend_panels.PLAN[1] and none.table is None
    assert none.notes == ("shop.example: the rate cannot rise so far.",)


def test_experiments() -> None:
    columns = (
        "company_id short arm is_control consent_rate difference_from_control"
        " difference_from_control_lower difference_from_control_upper effective_sample_size"
        " planned_decision_count is_test_over test_verdict"
    ).split()
    arms = [
        dict(zip(columns, row, strict=True))
        for row in (
            ("a", "a", "control", True, 0.5, None, None, None, 900.0, 9804, None, None),
            ("a", "a", "x", False, 0.5, 0.0, None, None, 900.0, 9804, False, "not over: …"),
            ("a", "a", "y", False, None, None, None, None, None, 9804, None, "cannot be told: …"),
        )
    ]
    names = dict.fromkeys(columns)
    assert "No test runs" in made(trend_panels.tests, arms[:1], names).lead
    assert made(trend_panels.tests, arms, names).title.startswith("0 of 2 arms have")
