"""A changed seed, variable or model reaches the figures with the next build, without a flag."""

from collections.abc import Callable

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw


@pytest.fixture(scope="module")
def built_small(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Choices in France by legitimate interest; one token was changed after 90 seconds."""
    made = new_warehouse()
    raw.create(made.url)
    lists = {"purposes_li": {"enabled": ["create_ads_profile"], "disabled": []}}
    chosen = [
        raw.event(f"g{number}", type="consent.given", parameters=lists) for number in range(3)
    ]
    times = {"created": "2025-09-05T01:00:00Z", "updated": "2025-09-05T01:01:30Z"}
    chosen.append(raw.event("late", type="consent.given", parameters=lists | times))
    raw.load(made.url, "1757000002.5", chosen)
    made.build()
    return made


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse], built_small: Warehouse) -> Warehouse:
    return new_warehouse(built_small)


def regions(warehouse: Warehouse) -> list[tuple[str]]:
    return warehouse.rows("select distinct region from marts.purpose_compliance order by 1")


def test_a_corrected_seed_reaches_the_figures(warehouse: Warehouse) -> None:
    assert regions(warehouse) == [("EEA, UK and CH",)]
    warehouse.execute("update staging.countries set is_eea_uk_ch = false where country_code = 'FR'")
    said = warehouse.dbt("run", "--select", "int_payload_daily+")
    assert "intermediate.int_payload_daily changes from" in said
    assert regions(warehouse) == [("elsewhere",)]


def test_a_seed_takes_new_columns_without_a_flag(warehouse: Warehouse) -> None:
    """As after an upgrade; the views that read it stay."""
    warehouse.execute("alter table staging.countries add column continent text")
    warehouse.dbt("seed", "--select", "countries")
    columns = (
        "select count(*) from information_schema.columns where table_schema = 'staging'"
        " and table_name = 'countries' and column_name = 'continent'"
    )
    assert warehouse.rows(columns) == [(0,)]
    assert warehouse.rows("select count(*) > 0 from marts.consent_daily") == [(True,)]


def test_empty_is_refused(warehouse: Warehouse) -> None:
    before = warehouse.rows("select count(*) from marts.fct_events")
    assert "--empty would empty the marts" in warehouse.dbt("run", "--empty", fails=True)
    assert warehouse.rows("select count(*) from marts.fct_events") == before


def test_a_changed_variable_reaches_the_figures(warehouse: Warehouse) -> None:
    lags = "select lag_seconds from intermediate.int_consent_pairs where method = 'token'"
    assert warehouse.rows(lags) == [(90.0,)]
    said = warehouse.dbt(
        "run",
        "--select",
        "fct_events",
        "int_consent_pairs",
        "--vars",
        "{consent_window_seconds: 60}",
    )
    assert "intermediate.int_consent_pairs changes from" in said
    assert "marts.fct_events changes" not in said
    assert warehouse.rows(lags) == []


@pytest.mark.slow
def test_what_was_computed_from_an_earlier_rule_is_computed_again(warehouse: Warehouse) -> None:
    """Only the last of three models was built by today's rule, from what the others held."""
    earlier = "comment on {} is 'layout 2, rule 0123456789ab'"
    warehouse.execute(
        earlier.format("view staging.stg_consent__events"),
        earlier.format("table marts.fct_events"),
        "update marts.fct_events set country_code = 'XX'",
    )
    warehouse.dbt("run", "--full-refresh", "--select", "int_consent_daily")
    said = warehouse.dbt("run")
    assert "marts.fct_events changes from" in said
    assert ", rule stale to layout" in said
    countries = "select distinct country_code from intermediate.int_consent_daily"
    assert warehouse.rows(countries) == [("FR",)]
    assert "changes from" not in warehouse.dbt("run")


def test_the_same_rule_computes_nothing_again(warehouse: Warehouse) -> None:
    kept = "select xmin, ctid from marts.fct_events order by ctid"
    before = warehouse.rows(kept)
    said = warehouse.dbt("run", "--select", "config.materialized:incremental")
    assert "changes from" not in said
    assert warehouse.rows(kept) == before
