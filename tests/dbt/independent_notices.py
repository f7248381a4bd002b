"""Notices broken down, computed a second time: delivered files -> pandas, row by row."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from tests.conftest import ROOT
from tests.dbt import independent_rates as rates

BREAKDOWNS = ("domain", "deployment", "position", "device", "sdk", "region scope")
Key = tuple[str, str, str]
"""Company, breakdown, value."""


def frame(folder: Path) -> pd.DataFrame:
    """Notices, choices and actions with a column for each breakdown; missing values `unknown`."""
    rows = rates.delivered(folder)
    events = rates.frame(folder)
    events["domain"] = _text(rows.DOMAIN).str.lower()
    events["deployment"] = _text(rows.DEPLOYMENT_ID)
    events["position"] = rows.PARAMETERS.map(
        lambda text: json.loads(text).get("position") if isinstance(text, str) else None
    )
    events["region scope"] = events.country.map(_scopes()).fillna("unknown")
    positions = _positions(events)
    keys = zip(events.company, events.deployment.fillna(""), strict=True)
    of_deployment = pd.Series([positions.get(key) for key in keys], index=events.index)
    events["position"] = events.position.fillna(of_deployment)
    for breakdown in BREAKDOWNS:
        events[breakdown] = events[breakdown].fillna("unknown")
    return events[events.type.isin(["consent.asked", "consent.given", "ui.action"])]


def parts(events: pd.DataFrame) -> dict[Key, pd.DataFrame]:
    """The rows of each value; those after the ten with most rows as `other`."""
    result: dict[Key, pd.DataFrame] = {}
    for company, own in events.groupby("company"):
        for breakdown in BREAKDOWNS:
            sizes = own.groupby(breakdown).size()
            largest = sorted(sizes.index, key=lambda value: (-sizes[value], value))[:10]
            shown = own[breakdown].where(own[breakdown].isin(largest), "other")
            for value, rows in own.groupby(shown):
                result[str(company), breakdown, str(value)] = rows
    return result


def sides(events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What notice_performance counts, by the name of its column."""
    given = events[events.type == "consent.given"]
    actions = events[events.type == "ui.action"]
    on_notice = given[~given.action.isin(["external", "webview"])]
    clicked = given[given.action == "click"]

    def with_status(rows: pd.DataFrame, *statuses: str) -> pd.DataFrame:
        return rows[rows.status.isin(statuses)]

    opt_in = ("full opt-in", "partial opt-in")
    changes = ["preferences.purposechanged", "preferences.vendorchanged"]
    return {
        "notice": events[events.type == "consent.asked"],
        "preference_opening": actions[actions.action == "preferences.shownpurposes"],
        "preference_change": actions[actions.action.isin(changes)],
        "choice": given,
        "choice_on_notice": on_notice,
        "decision": with_status(on_notice, *opt_in, "opt-out"),
        "opt_in": with_status(on_notice, *opt_in),
        "refusal": with_status(on_notice, "opt-out"),
        "clicked_choice": clicked,
        "clicked_decision": with_status(clicked, *opt_in, "opt-out"),
        "clicked_opt_in": with_status(clicked, *opt_in),
    }


def figures(events: pd.DataFrame, weighting: str) -> dict[str, rates.Figure]:
    """Rates with their intervals."""
    of = sides(events)
    clicked = of["clicked_decision"]
    return {
        name: rates.metric(events, name, weighting)
        for name in ("conversion_rate_on_notice", "no_choice_rate", "opt_in_rate", "consent_rate")
    } | {
        "clicked_consent_rate": rates.probability(clicked, clicked.status != "opt-out", weighting),
        "preference_openings_per_notice": rates.ratio(
            of["preference_opening"], of["notice"], weighting
        ),
    }


def _positions(events: pd.DataFrame) -> dict[Any, str]:
    notices = events[(events.type == "consent.asked") & events.position.notna()]
    keys = [notices.company, notices.deployment.fillna("")]
    return {key: min(own.mode()) for key, own in notices.groupby(keys).position}


def _scopes() -> dict[str, str]:
    with (ROOT / "dbt_project" / "seeds" / "countries.csv").open(encoding="utf-8") as lines:
        return {
            row["country_code"]: "EEA, UK and CH" if row["is_eea_uk_ch"] == "true" else "elsewhere"
            for row in csv.DictReader(lines)
        }


def _text(values: pd.Series) -> pd.Series:
    return values.astype("object").str.replace('"', "").str.strip().replace("", None)
