"""company_overview on both inputs, against the independent calculation."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.dbt import independent, independent_times
from tests.dbt import independent_rates as rates

COUNTS = {
    "event_count": None,
    "pageview_count": "pageview",
    "consent_asked_count": "consent.asked",
    "consent_given_count": "consent.given",
    "ui_action_count": "ui.action",
}
SHARES = {
    "full_opt_in_share": "full opt-in",
    "partial_opt_in_share": "partial opt-in",
    "opt_out_share": "opt-out",
    "empty_share": "empty",
}
BOUNDS = ("", "_lower", "_upper", "_effective_sample_size", "_is_reliable")


@pytest.fixture(scope="module")
def overview(built: Warehouse) -> dict[str, dict[str, Any]]:
    return {
        company: row
        for company, row in built.rows(
            "select company_id, to_jsonb(o) from marts.company_overview o"
        )
    }


@pytest.fixture(scope="module")
def groups(folder: Path) -> dict[str, pd.DataFrame]:
    """Company -> its events with the corrected weight, and `all` -> all events."""
    events = rates.frame(folder)
    used = {company: weighting for company, (weighting, _) in rates.weightings(events).items()}
    is_weight = events.company.map(used) == "count"
    events["corrected"] = events["count"].where(is_weight, events.count_over_rate)
    return {str(company): own for company, own in events.groupby("company")} | {"all": events}


def test_one_row_per_company_with_events_and_one_for_all(
    overview: dict[str, Any], groups: dict[str, Any], folder: Path
) -> None:
    assert overview.keys() == groups.keys()
    for company, attributes in independent.companies_in(folder).items():
        if company in overview:
            found = overview[company]
            shown = (found["industry_detailed"], found["industry"], found["hq_country"])
            assert shown == attributes


def test_volume(overview: dict[str, Any], groups: dict[str, pd.DataFrame]) -> None:
    for company, own in groups.items():
        row = overview[company]
        assert row["event_row_count"] == len(own)
        for name, kind in COUNTS.items():
            events = own if kind is None else own[own.type == kind]
            assert row[name] == approx(events.count_over_rate.sum()), (company, name)


def test_rates(overview: dict[str, Any], groups: dict[str, pd.DataFrame]) -> None:
    for company, own in groups.items():
        choices = own[own.type == "consent.given"]
        expected = {
            "consent_conversion_rate": rates.metric(own, "conversion_rate", "count_over_rate"),
            "corrected_consent_conversion_rate": rates.metric(own, "conversion_rate", "corrected"),
            "consent_rate": rates.metric(own, "consent_rate", "corrected"),
        } | {
            name: rates.probability(choices, choices.status == status, "count_over_rate")
            for name, status in SHARES.items()
        }
        for name, figure in expected.items():
            found = [overview[company][name + bound] for bound in BOUNDS]
            assert found == approx(list(figure)), (company, name)


def test_times(overview: dict[str, Any], folder: Path) -> None:
    """Of all companies together: the credible choices of each, pooled."""
    pairs = independent_times.pairs_in(folder)
    pooled: list[float] = []
    for company in overview.keys() - {"all"}:
        own = [pair for pair in pairs if pair.company == company]
        by_method = {
            method: independent_times.summary((p for p in own if p.method == method), method)
            for method in ("user", "token", "cohort")
        }
        row = overview[company]
        method, median = independent_times.headline(by_method)
        assert row["is_time_credible"] is (method is not None)
        if method is None:
            first = next((m for m in by_method if by_method[m][0]), None)
            assert row["time_method"] == first
            continue
        mean = by_method[method][1 if method == "token" else 8]
        found = (row["time_method"], row["median_seconds_to_consent"])
        assert found == (method, approx(median))
        assert row["mean_seconds_to_consent"] == approx(mean)
        pooled += choices(own, method)
    assert overview["all"]["mean_seconds_to_consent"] == approx(sum(pooled) / len(pooled))
    middle = sorted(pooled)[(len(pooled) - 1) // 2]
    assert overview["all"]["median_seconds_to_consent"] == approx(middle)


def choices(pairs: list[independent_times.Pair], method: str) -> list[float]:
    """The lags of the choices: those of tokens, else one where the difference is at a new high."""
    own = [pair for pair in pairs if pair.method == method]
    if method == "token":
        return [pair.lag for pair in own]
    lags: list[float] = []
    for lag in sorted({pair.lag for pair in own}):
        forward = sum(p.lag <= lag for p in own if p.direction == "forward")
        backward = sum(p.lag <= lag for p in own if p.direction == "backward")
        lags += [lag] * max(forward - backward - len(lags), 0)
    return lags


def test_reach_and_hours(
    overview: dict[str, Any], groups: dict[str, pd.DataFrame], folder: Path
) -> None:
    countries: dict[str, set[str]] = {company: set() for company in groups}
    hours: dict[str, set[str]] = {company: set() for company in groups}
    of_file: dict[str, set[str]] = {}
    for event in independent.events_in(folder):
        for group in (event.company, "all"):
            if event.country:
                countries[group].add(event.country)
        of_file.setdefault(event.company, set()).add(f"{event.at:%F %H}")
    for group, own in groups.items():
        files = set(own.file)
        same = groups["all"][groups["all"].file.isin(files)]
        for company in set(same.company):
            hours[group] |= of_file[company]
    for company, row in overview.items():
        assert row["country_count"] == len(countries[company])
        assert row["observed_hours"] == len(hours[company])
