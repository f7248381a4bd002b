"""Purposes, vendors, findings, statuses and oddities, on both inputs, against plain Python."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import independent
from tests.dbt import independent_payload as payload
from tests.dbt import independent_rates as rates

CONSENT = ("consent.asked", "consent.given")
FIGURES = ("shown", "enabled", "disabled", "enabled_everywhere", "disabled_everywhere")


@pytest.fixture(scope="module")
def choices(folder: Path) -> list[payload.Choice]:
    return payload.choices_in(folder)


@pytest.fixture(scope="module")
def items(folder: Path, choices: list[payload.Choice]) -> dict[payload.Key, Any]:
    return payload.items(choices, rates.weightings(rates.frame(folder)))


@pytest.mark.parametrize("kind", ["purpose", "vendor"])
def test_counts_of_items(built: Warehouse, items: dict[payload.Key, Any], kind: str) -> None:
    columns = ", ".join(
        f"{figure}_row_count, {figure}_count, {figure}_count_lower, {figure}_count_upper,"
        f" {figure}_count_is_reliable"
        for figure in FIGURES
    )
    found = _of_kind(built, kind, columns)
    wanted = {
        key: sum((payload.total(figures[f][0]) for f in FIGURES), ())
        for key, figures in items.items()
        if key[1] == kind
    }
    _assert_same(found, wanted)


@pytest.mark.parametrize("kind", ["purpose", "vendor"])
def test_rates_of_items(built: Warehouse, items: dict[payload.Key, Any], kind: str) -> None:
    names = ("enabled_rate", "corrected_enabled_rate", "enabled_rate_everywhere")
    bounds = ("", "_lower", "_upper", "_effective_sample_size")
    columns = ", ".join(f"{name}{bound}" for name in names for bound in bounds)
    wanted = {
        key: payload.rate(figures["enabled"][0], figures["disabled"][0])
        + payload.rate(figures["enabled"][1], figures["disabled"][1])
        + payload.rate(figures["enabled_everywhere"][0], figures["disabled_everywhere"][0])
        for key, figures in items.items()
        if key[1] == kind
    }
    _assert_same(_of_kind(built, kind, columns), wanted)


@pytest.mark.parametrize("kind", ["purpose", "vendor"])
def test_choices_for_each_notice(
    built: Warehouse, items: dict[payload.Key, Any], kind: str
) -> None:
    names = ("enabled_per_shown", "corrected_enabled_per_shown")
    columns = ", ".join(f"{name}{bound}" for name in names for bound in ("", "_lower", "_upper"))
    wanted = {
        key: payload.per_shown(figures["enabled"][0], figures["shown"][0])
        + payload.per_shown(figures["enabled"][1], figures["shown"][1])
        for key, figures in items.items()
        if key[1] == kind
    }
    _assert_same(_of_kind(built, kind, columns), wanted)


def test_vendor_1_is_one_vendor(built: Warehouse) -> None:
    one = "select count(*), count(distinct (company_id, legal_basis)) from marts.company_vendors where tcf_id = 1"  # noqa: E501
    ((rows, companies),) = built.rows(one)
    assert rows == companies > 0


def test_findings(built: Warehouse, choices: list[payload.Choice]) -> None:
    rows = built.rows(
        "select company_id, event_type, region, purpose_id, checked_row_count, listed_row_count,"
        " listed_share from marts.purpose_compliance"
    )
    _assert_same({row[:4]: row[4:] for row in rows}, payload.findings(choices))


def test_statuses(built: Warehouse, choices: list[payload.Choice]) -> None:
    found: Counter[Any] = Counter()
    for *key, rows in built.rows(
        "select company_id, consent_status, recomputed_status, event_row_count"
        " from marts.consent_status_reconciliation"
    ):
        found[tuple(key)] += rows
    assert found == payload.statuses(choices)
    agreeing = "select company_id from marts.consent_status_reconciliation group by 1 having min(company_agreement_share) < 1"  # noqa: E501
    assert built.rows(agreeing) == []


def test_oddities(built: Warehouse, folder: Path, choices: list[payload.Choice]) -> None:
    """Rows checked and affected, of each company that has any to check."""
    events, listed = rates.frame(folder), independent.companies_in(folder)
    wanted = {}
    for company, own in events.groupby("company"):
        of_company = [event for event in choices if event.company == company]
        for check, figures in _oddities(own, of_company, company in listed).items():
            if figures[0]:
                wanted[check, company] = figures
    checks = {check for check, _ in wanted}
    found = built.rows(
        "select check_name, company_id, rows_checked, rows_affected from marts.data_quality"
    )
    assert {row[:2]: row[2:] for row in found if row[0] in checks} == wanted
    shares = (
        "select rows_affected / cast(rows_checked as float), affected_share from marts.data_quality"  # noqa: E501
    )
    assert all(share == pytest.approx(other) for share, other in built.rows(shares))


def _oddities(
    events: pd.DataFrame, choices: list[payload.Choice], is_listed: bool
) -> dict[str, tuple[int, int]]:
    """Check -> rows checked, rows affected, of one company."""
    sampled = events[events.rate < 1]
    given = [event for event in choices if event.type == "consent.given"]
    asked = [event for event in choices if event.type == "consent.asked"]
    sums = {
        weighting: [events[events.type == kind][weighting].sum() for kind in CONSENT]
        for weighting in ("count_over_rate", "count")
    }
    is_above = any(chosen > shown for shown, chosen in sums.values())
    return {
        "RATE missing": (len(events), events.rate.isna().sum()),
        "COUNT is round(1 / RATE)": (
            len(sampled),
            (sampled["count"] == (1 / sampled.rate).round()).sum(),
        ),
        "external or webview choice": (len(given), sum(not e.is_on_notice for e in given)),
        "given with status empty": (len(given), sum(e.status == "empty" for e in given)),
        "asked with a status": (
            len(asked),
            sum(e.status not in ("empty", "unknown") for e in asked),
        ),
        "notice or choice without lists": (len(choices), sum(not e.lists for e in choices)),
        "status differs from the lists": (len(given), 0),
        "no country": (len(events), events.country.isna().sum()),
        "country that is not in ISO 3166": (len(events), 0),
        "payload encoded twice": (len(events), 0),
        "EVENT_ID belongs to another company": (len(events), 0),
        "company not in the company file": (len(events), 0 if is_listed else len(events)),
        "conversion above 1": (len(asked), len(asked) if is_above else 0),
        "quarantined": (len(events), 0),
    }


def _of_kind(built: Warehouse, kind: str, columns: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    mart = (
        f"select company_id, '{kind}', legal_basis, {kind}_id, {columns} from marts.company_{kind}s"  # noqa: E501
    )
    return {row[:4]: row[4:] for row in built.rows(mart)}


def _assert_same(
    found: dict[tuple[Any, ...], tuple[Any, ...]], wanted: dict[tuple[Any, ...], tuple[Any, ...]]
) -> None:
    assert found.keys() == wanted.keys()
    differing = [key for key in wanted if not all(map(_is_same, found[key], wanted[key]))]
    assert [(key, found[key], wanted[key]) for key in differing[:3]] == []


def _is_same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
