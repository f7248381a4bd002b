"""Times to consent, hours and coverage, on both inputs, against the independent calculation."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.dbt import independent, independent_hours, independent_times

FIGURES = (
    "pair_count, mean_seconds, median_seconds, p90_seconds, placebo_pair_count,"
    " placebo_mean_seconds, placebo_median_seconds, placebo_p90_seconds, corrected_mean_seconds,"
    " corrected_median_seconds, corrected_p90_seconds, excess_pair_count,"
    " excess_pair_count_lower, timely_share, is_credible"
)


@pytest.fixture(scope="module")
def pairs(folder: Path) -> list[independent_times.Pair]:
    return independent_times.pairs_in(folder)


@pytest.fixture(scope="module")
def by_method(folder: Path, pairs: list[independent_times.Pair]) -> dict[str, dict[str, Any]]:
    """Company -> method -> summary; of all companies and methods, also without pairs."""
    return {
        company: {
            method: independent_times.summary(
                (p for p in pairs if (p.company, p.method) == (company, method)), method
            )
            for method in ("user", "token", "cohort")
        }
        for company in {*independent.companies_in(folder), *(p.company for p in pairs)}
    }


def test_company_time_to_consent(built: Warehouse, by_method: dict[str, dict[str, Any]]) -> None:
    rows = built.rows(f"select company_id, method, {FIGURES} from marts.company_time_to_consent")
    assert {company for company, *_ in rows} == set(by_method)
    for company, method, *found in rows:
        assert found == approx(list(by_method[company][method]), nan_ok=True), (company, method)


def test_headline(built: Warehouse, by_method: dict[str, dict[str, Any]]) -> None:
    rows = built.rows(
        "select distinct company_id, headline_method, headline_median_seconds"
        " from marts.company_time_to_consent"
    )
    assert len(rows) == len(by_method)
    for company, method, median in rows:
        assert (method, median) == approx(independent_times.headline(by_method[company]))


def test_company_time_to_consent_by_status(
    built: Warehouse, pairs: list[independent_times.Pair]
) -> None:
    groups: dict[Any, list[independent_times.Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.company, pair.method, pair.status), []).append(pair)
    query = f"select company_id, method, consent_status, {FIGURES} from marts.company_time_to_consent_by_status"  # noqa: E501
    found = {row[:3]: list(row[3:]) for row in built.rows(query)}
    assert found.keys() == groups.keys()
    for key, own in groups.items():
        assert found[key] == approx(list(independent_times.summary(own, key[1]))), key


def test_time_pairs(built: Warehouse, pairs: list[independent_times.Pair]) -> None:
    rows = built.rows(
        "select company_id, method, direction, event_id, next_event_id, consent_status,"
        " country_code, lag_seconds from marts.time_pairs"
    )
    found = {(row[1], row[3]): row for row in rows}
    assert len(found) == len(rows) == len(pairs)
    for pair in pairs:
        wanted = (pair.company, pair.method, pair.direction, *pair.ids, pair.status, pair.country)
        *names, lag = found[pair.method, pair.ids[0]]
        assert (*names,) == wanted
        assert lag == approx(pair.lag, abs=1e-6)


def test_delivery_coverage(built: Warehouse, folder: Path) -> None:
    wanted = independent_hours.coverage(independent_hours.frame(folder))
    rows = built.rows(
        "select file_path, company_id, first_event_at, last_event_at, span_hours,"
        " observed_hour_count, active_hour_count, event_row_count, file_row_count, is_capped"
        " from marts.delivery_coverage"
    )
    assert len(rows) == len(wanted)
    for path, company, first, last, span, *counts in rows:
        row = wanted.loc[path, company]
        assert (first, last) == (row["first"], row["last"])
        assert span == approx(row.span)
        assert counts == [row.observed, row.active, row.rows, row.file_rows, row.is_capped]


def test_company_hours(built: Warehouse, folder: Path) -> None:
    wanted = independent_hours.hours(independent_hours.frame(folder))
    names = [
        f"{n}_{kind}"
        for n in ("event", "consent_asked", "consent_given")
        for kind in ("row_count", "count")
    ]  # noqa: E501
    query = f"select company_id, hour_at, {', '.join(names)}, event_count_upper, event_count_per_observed_hour, event_count_per_observed_hour_lower, event_count_per_observed_hour_effective_sample_size, event_count_per_observed_hour_is_reliable from marts.company_hours"  # noqa: E501
    rows = built.rows(query)
    assert len(rows) == len(wanted)
    of_company = wanted.groupby(level=0)
    totals = of_company[["event_count", "event_variance", "event_square", "event_row_count"]].sum()
    for company, hour, *found in rows:
        row = wanted.loc[company, pd.Timestamp(hour).tz_convert("UTC")]
        upper = row.event_count + 1.959963984540054 * row.event_variance**0.5
        is_reliable = row.event_row_count >= 5
        all_hours, hour_count = totals.loc[company], of_company.size()[company]
        half = 1.959963984540054 * all_hours.event_variance**0.5
        has_interval = bool(all_hours.event_row_count >= 5)
        per_hour = [
            all_hours.event_count / hour_count,
            max(all_hours.event_count - half, 0) / hour_count if has_interval else None,
            all_hours.event_count**2 / all_hours.event_square,
        ]
        assert found[:-1] == approx([*row[names], upper if is_reliable else None, *per_hour])
        assert found[-1] is has_interval


def test_corrected_hours_add_up_to_the_corrected_volume(built: Warehouse) -> None:
    rows = built.rows("""
        select sum(hours.corrected_event_count), max(estimates.metric_value)
        from marts.company_hours as hours
        join intermediate.int_company_estimates as estimates using (company_id)
        where estimates.metric = 'event_count' and estimates.formula = 'corrected'
        group by company_id
    """)
    assert rows
    assert [row[0] for row in rows] == approx([row[1] for row in rows])


def test_no_experiment_no_arms(built: Warehouse) -> None:
    assert built.rows("select count(*) from marts.experiment_arms") == [(0,)]
