"""Companies, events, the daily sums and what was reported, on both inputs, against pandas."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.dbt import independent
from tests.dbt import independent_rates as rates

COMPANY = "industry_detailed, industry, hq_country"
REPORTED = {
    "consent_conversion_rate": ("conversion_rate", "assignment"),
    "corrected_consent_conversion_rate": ("conversion_rate", "corrected"),
    "consent_rate": ("consent_rate", "corrected"),
    "event_count": ("event_count", "assignment"),
    "corrected_event_count": ("event_count", "corrected"),
}


@pytest.fixture(scope="module")
def events(folder: Path) -> pd.DataFrame:
    return rates.frame(folder)


def test_every_company_of_file_and_events(
    built: Warehouse, folder: Path, events: pd.DataFrame
) -> None:
    listed = independent.companies_in(folder)
    unlisted = {company: ("Unknown",) * 3 for company in set(events.company) - set(listed)}
    rows = built.rows(f"select company_id, {COMPANY}, has_events from marts.dim_companies")
    assert {row[0]: row[1:4] for row in rows} == listed | unlisted
    assert {row[0] for row in rows if row[4]} == set(events.company)


def test_every_event_once(built: Warehouse, events: pd.DataFrame) -> None:
    rows = built.rows(
        "select _source_file, company_id, event_type, consent_status, count(distinct event_id),"
        " sum(extrapolated_count) from marts.fct_events group by 1, 2, 3, 4"
    )
    wanted = events.groupby(["file", "company", "type", "status"]).count_over_rate
    assert {row[:4]: row[4:] for row in rows} == _approx(wanted.agg(["size", "sum"]))


def test_consent_daily(built: Warehouse, events: pd.DataFrame) -> None:
    """Both weightings' sums at the mart's own grain."""
    names = "count_over_rate", "count"
    sums = [f"{name}_{part}" for name in names for part in ("sum", "variance", "square_sum")]
    keys = "day country device sdk type status action".split()
    rows = built.rows(
        "select company_id, cast(event_date as text), country_code, device_type, sdk_type,"
        " event_type, consent_status, action, event_row_count, "
        f"{', '.join(sums)} from marts.consent_daily"
    )
    weighted = events.assign(rows=1)
    for name in names:
        weighted[f"{name}_sum"] = weighted[name]
        weighted[f"{name}_square_sum"] = weighted[name] ** 2
        weighted[f"{name}_variance"] = (1 - weighted.rate) * weighted[name] ** 2
    weighted[keys] = weighted[keys].fillna("")
    wanted = weighted.groupby(["company", *keys])[["rows", *sums]].sum(min_count=1)
    found = {
        tuple(value or "" for value in row[:8]): tuple(
            math.nan if value is None else value for value in row[8:]
        )
        for row in rows
    }
    assert len(found) == len(rows)
    assert found == _approx(wanted)


def test_first_report(built: Warehouse, events: pd.DataFrame) -> None:
    """Values and intervals of each company, brought by the files that hold it."""
    used = rates.weightings(events)
    wanted: dict[tuple[str, str], Any] = {}
    for company, own in events.groupby("company"):
        for name, (metric, formula) in REPORTED.items():
            weighting = "count_over_rate" if formula == "assignment" else used[str(company)][0]
            wanted[str(company), name] = rates.metric(own, metric, weighting)[:3]
    history = built.rows(
        "select company_id, metric, metric_value, metric_lower, metric_upper"
        " from marts.headline_history where metric <> 'median_seconds_to_consent'"
    )
    found = {row[:2]: row[2:] for row in history}
    assert {key for key in wanted if wanted[key][0] is not None} <= found.keys() <= wanted.keys()
    assert found == {key: approx(wanted[key]) for key in found}

    changes = built.rows(
        "select company_id, metric, previous_value, current_value, has_moved, file_paths"
        " from marts.metric_changes where metric <> 'median_seconds_to_consent'"
    )
    files = events.groupby("company").file.agg(lambda names: ", ".join(sorted(set(names))))
    assert {row[:2]: row[3] for row in changes} == {key: approx(found[key][0]) for key in found}
    assert all(row[2] is None and row[4] is None and row[5] == files[row[0]] for row in changes)


def _approx(rows: pd.DataFrame) -> dict[tuple[str, ...], Any]:
    return {tuple(row[0]): approx(tuple(row[1:]), nan_ok=True) for row in rows.itertuples()}
