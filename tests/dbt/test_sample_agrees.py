"""The marts on real deliveries against the independent calculation (independent.py)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.conftest import OTHER_SAMPLE
from tests.dbt import independent

COMPANY = "industry_detailed, industry, hq_country"


@pytest.fixture(scope="module")
def sample(sample_input: Path, new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    warehouse = new_warehouse()
    warehouse.load(sample_input)
    warehouse.dbt("build", "--exclude-resource-type", "unit_test")
    return warehouse


@pytest.fixture(scope="module")
def events(sample_input: Path) -> list[independent.Event]:
    return independent.events_in(sample_input)


@pytest.fixture(scope="module")
def companies(sample_input: Path) -> dict[str, tuple[str, ...]]:
    return independent.companies_in(sample_input)


def test_every_event_and_company_is_there(
    sample: Warehouse, events: list[independent.Event], companies: dict[str, tuple[str, ...]]
) -> None:
    counted = sample.rows("select count(*), count(distinct event_id) from marts.fct_events")
    assert counted == [(len(events), len(events))]
    if not OTHER_SAMPLE:
        assert len(events) == 4758
    rows = sample.rows(f"select company_id, {COMPANY} from marts.dim_companies")
    assert {row[0]: row[1:] for row in rows} == companies
    if not OTHER_SAMPLE:
        assert len(rows) == 40


def test_company_performance(
    sample: Warehouse, events: list[independent.Event], companies: dict[str, tuple[str, ...]]
) -> None:
    expected = independent.performance(events, companies)
    names = list(next(iter(expected.values())))
    query = f"select company_id, {', '.join(names)} from marts.company_performance"
    found = {row[0]: dict(zip(names, row[1:], strict=True)) for row in sample.rows(query)}
    assert found.keys() == expected.keys()
    assert all(found[company] == approx(expected[company]) for company in expected)


def test_company_consent_conversion(
    sample: Warehouse, events: list[independent.Event], companies: dict[str, tuple[str, ...]]
) -> None:
    query = "select company_id, consent_conversion_rate from marts.company_consent_conversion"
    assert dict(sample.rows(query)) == approx(independent.conversion(events, companies))


def test_company_event_types(sample: Warehouse, events: list[independent.Event]) -> None:
    query = "select company_id, event_type, event_count, event_row_count, event_share from marts.company_event_types"  # noqa: E501
    assert _keyed(sample.rows(query), 2) == _approx(independent.event_types(events))


def test_company_consent_status(sample: Warehouse, events: list[independent.Event]) -> None:
    query = "select company_id, scope, consent_status, event_count, event_row_count, event_share from marts.company_consent_status"  # noqa: E501
    assert _keyed(sample.rows(query), 3) == _approx(independent.statuses(events))


def test_company_time_to_consent(
    sample: Warehouse, events: list[independent.Event], companies: dict[str, tuple[str, ...]]
) -> None:
    query = "select company_id, method, asked_event_count, pair_count, mean_seconds, median_seconds, p90_seconds from marts.company_time_to_consent"  # noqa: E501
    assert _keyed(sample.rows(query), 2) == _approx(independent.times(events, companies))


def test_consent_daily_adds_up(sample: Warehouse, events: list[independent.Event]) -> None:
    query = "select sum(count_over_rate_sum), sum(event_row_count) from marts.consent_daily"
    assert sample.rows(query)[0] == approx((sum(e.weight for e in events), len(events)))


def test_every_company_mart_carries_the_company(sample: Warehouse) -> None:
    marts = sample.rows(
        "select table_name from information_schema.columns where table_schema = 'marts'"
        " and (table_name like 'company%' or table_name = 'consent_daily')"
        " group by table_name"
    )
    for (mart,) in marts:
        off = f"select count(*) from marts.{mart} join marts.dim_companies using (company_id, {COMPANY})"  # noqa: E501
        # company_overview has a row of all companies together, too
        each = f"select count(*) from marts.{mart} where company_id <> 'all'"
        assert sample.rows(off) == sample.rows(each), mart


def test_nothing_new_changes_no_row(sample: Warehouse) -> None:
    rows = "select xmin::text, event_id from marts.fct_events order by 2"
    relations = (
        "select oid::regclass::text, oid from pg_class where relkind in ('r', 'v') order by 1"
    )
    before, relations_before = sample.rows(rows), sample.rows(relations)
    sample.dbt("run")
    assert sample.rows(rows) == before
    assert sample.rows(relations) == relations_before  # none was made again


def test_documentation_is_one_file(sample: Warehouse) -> None:
    sample.dbt("docs", "generate", "--static")
    assert (sample.folder / "target" / "static_index.html").stat().st_size > 1_000_000


def _keyed(rows: list[tuple[Any, ...]], width: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {row[:width]: row[width:] for row in rows}


def _approx(values: dict[Any, Any]) -> dict[Any, Any]:
    return {key: approx(tuple(value)) for key, value in values.items()}


def test_payload_is_parsed_once_an_event(sample: Warehouse) -> None:
    compiled = sample.folder / "target/compiled/consent/models/marts/core/fct_events.sql"
    plan = sample.rows("explain (verbose) " + compiled.read_text(encoding="utf-8"))
    assert sum(line.count("parameters)::jsonb") for (line,) in plan) == 1
    plan = sample.rows("explain (verbose) select count(*) from staging.stg_consent__events")
    assert not any("parameters)::jsonb" in line for (line,) in plan)
