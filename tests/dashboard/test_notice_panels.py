"""Panels of notices, region scopes and tokens in each state."""

from typing import Any

import pandas as pd

from dashboard.panels import notice_panels

RATES = (
    "conversion_rate_on_notice consent_rate consent_rate_lower consent_rate_upper"
    " clicked_consent_rate refusal_rate no_choice_rate"
).split()
COUNTS = (
    "notice_row_count choice_row_count notice_count preference_opening_count"
    " preference_change_count choice_on_notice_count"
).split()
SCOPES = {
    "company_id": "a", "short": "shop.example", "inside_decision_row_count": 40,
    "outside_decision_row_count": 20, "inside_consent_rate": 0.7, "outside_consent_rate": 0.8,
    "inside_standardised_rate": 0.7, "outside_standardised_rate": 0.8, "odds_ratio": 0.6,
    "odds_ratio_lower": 0.3, "odds_ratio_upper": 0.9, "odds_ratio_is_reliable": True,
    "companies_differ": None, "finding": "People in the EEA, UK and CH consent less.",
}  # fmt: skip


class Marts:
    """A selection whose marts hold these rows."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def mart(self, *_: str) -> pd.DataFrame:
        return self.frame

    def recycled_payloads(self, _: pd.DataFrame) -> tuple[str, ...]:
        return ()


def titled(maker: Any, rows: list[dict[str, Any]], columns: list[str]) -> tuple[str, str]:
    """Title and everything else that the panel says."""
    panel = maker(Marts(pd.DataFrame(rows, columns=columns)))
    cells = [cell.text for row in panel.table.rows for cell in row] if panel.table else []
    assert not {"nan", "None"} & set(cells)
    return panel.title, " ".join([panel.lead, *panel.notes])


def value(name: str, lower: float | None, upper: float | None) -> dict[str, Any]:
    """One value of a company's positions, with an interval of its consent rate."""
    return dict.fromkeys(COUNTS, 30) | dict.fromkeys(RATES) | {
        "company_id": "a", "short": "shop.example", "breakdown": "position", "value": name,
        "consent_rate_lower": lower, "consent_rate_upper": upper,
        "consent_rate_is_reliable": lower is not None,
    }  # fmt: skip


def test_notices() -> None:
    columns = list(value("", None, None))

    def said(*rows: dict[str, Any]) -> tuple[str, str]:
        return titled(notice_panels.notices, list(rows), columns)

    assert "No notice" in said()[1]
    assert "one domain" in said(value("popup", 0.5, 0.6))[1]
    apart = said(value("popup", 0.5, 0.6), value("bottom", 0.7, 0.8))
    assert apart[0] == "Consent differs within 1 company: by position"
    assert "no breakdown" in said(value("popup", 0.5, 0.75), value("bottom", 0.7, 0.8))[0]
    assert "no breakdown" in said(value("popup", None, None), value("bottom", 0.7, 0.8))[0]


def test_region_scopes() -> None:
    def said(*rows: dict[str, Any]) -> tuple[str, str]:
        return titled(notice_panels.region_scopes, [SCOPES | row for row in rows], list(SCOPES))

    assert "Nobody accepted" in said()[1]
    of_all = {"company_id": "all", "short": "all"}
    assert said({}, of_all)[0] == "People in the EEA, UK and CH consent less"
    differ = said({}, of_all | {"companies_differ": True, "finding": "Companies differ."})
    assert differ[0].endswith("companies differ")
    assert "Odds ratio 0.60 (0.30 to 0.90)" in differ[1]
    unsure = of_all | {"odds_ratio_is_reliable": False, "odds_ratio": None, "finding": None}
    assert "Odds" not in said({"odds_ratio": None, "odds_ratio_lower": None}, unsure)[1]
