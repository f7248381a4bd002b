"""Notices broken down, computed a second time: delivered files -> pandas, row by row."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
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


def region_scopes(events: pd.DataFrame) -> dict[str, Any]:
    """Rates in the EEA, UK and CH and elsewhere, raw and standardised, and the odds ratio."""
    decisions = sides(events)["decision"]
    tables = []
    for _, own in decisions.groupby("company"):
        cells: list[float] = []
        for scope in ("EEA, UK and CH", "elsewhere"):
            opted_in = (own[own["region scope"] == scope].status != "opt-out").sum()
            cells += [opted_in, (own["region scope"] == scope).sum() - opted_in]
        tables.append(cells)
    a, b, c, d = np.array(tables, dtype=float).T
    n = a + b + c + d
    inside, outside = a + b > 0, c + d > 0
    odds_ratio = (a * d / n).sum() / (b * c / n).sum()
    both = inside & outside & (a + c > 0) & (b + d > 0)
    chi_square = sum(
        _breslow_day(odds_ratio, *cells)
        for cells in zip(*(x[both] for x in (a, b, c, d)), strict=True)
    )
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    factor = math.exp(rates.Z * math.sqrt(variance))
    return {
        "inside_consent_rate": a.sum() / (a + b).sum(),
        "outside_consent_rate": c.sum() / (c + d).sum(),
        "inside_standardised_rate": (n * a)[inside] @ (1 / (a + b)[inside]) / n[inside].sum(),
        "outside_standardised_rate": (n * c)[outside] @ (1 / (c + d)[outside]) / n[outside].sum(),
        "odds_ratio": odds_ratio,
        "odds_ratio_lower": odds_ratio / factor,
        "odds_ratio_upper": odds_ratio * factor,
    } | {"chi_square": chi_square, "degrees_of_freedom": int(both.sum()) - 1}


def _breslow_day(odds_ratio: float, a: float, b: float, c: float, d: float) -> float:
    """Squared distance of a from what the odds ratio says, over its variance."""
    lowest, highest = max(0.0, a - d), min(a + c, a + b)
    for _ in range(200):  # by halves: the odds ratio grows with the opt-ins inside
        x = (lowest + highest) / 2
        if x * (d - a + x) > odds_ratio * (a + b - x) * (a + c - x):
            highest = x
        else:
            lowest = x
    return (a - x) ** 2 * (1 / x + 1 / (a + b - x) + 1 / (a + c - x) + 1 / (d - a + x))


def chi_square_tail(value: float, degrees: int) -> float:
    """Chance of a larger chi-square, by the series of the incomplete gamma function."""
    half, term = value / 2, 2 / degrees
    total, step = term, 0
    while term > 1e-17 * total:
        step += 1
        term *= half / (degrees / 2 + step)
        total += term
    return 1 - total * math.exp(degrees / 2 * math.log(half) - half - math.lgamma(degrees / 2))


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
