"""What an incremental build must never get wrong: it gives what a full rebuild would give."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.warehouse import UNTESTED, Warehouse
from tests.dbt import raw_tables as raw

CODE_UNTESTED = ("--exclude-resource-type", "unit_test")
"""Unit tests see no database: they run once, in test_descriptions.py."""
TABLES = (
    "marts.dim_companies marts.fct_events marts.consent_daily marts.company_performance"
    " marts.company_event_types marts.company_consent_status marts.company_consent_conversion"
    " marts.company_time_to_consent intermediate.int_consent_pairs intermediate.int_consent_daily"
    " marts.sampling_diagnosis intermediate.int_sampling_daily"
    " marts.time_pairs marts.company_hours marts.delivery_coverage"
    " marts.company_time_to_consent_by_status"
    " intermediate.int_payload_daily intermediate.int_quality_daily marts.company_purposes"
    " marts.company_vendors marts.purpose_compliance marts.consent_status_reconciliation"
    " marts.data_quality intermediate.int_user_spans marts.refusal_integrity"
    " marts.company_traffic_consent marts.evidence_checks"
).split()


@pytest.fixture(scope="module")
def built_once(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Three companies, some days, one user who is asked and chooses across midnight; built."""
    made = new_warehouse()
    raw.create(made.url, user_id=False)
    raw.companies(
        made.url,
        [
            ("a", "Gaming / Sport", "Sport", "France"),
            ("c", "Other", "Other", None),
            ("lists", "Other", "Other", None),
        ],
    )
    raw.load(made.url, "1757000002.5", first_delivery())
    made.dbt("build", *UNTESTED)
    return made


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse], built_once: Warehouse) -> Warehouse:
    """A copy of it for one test."""
    return new_warehouse(built_once)


def notice(event_id: str, day: int, vendors: Any, **values: Any) -> dict[str, Any]:
    """A notice with lists."""
    payload = {"purposes": ["cookies"], "purposes_li": ["cookies"], "vendors": vendors}
    time = f"2025-09-0{day} 10:00Z"
    given = {"type": "consent.asked", "event_time": time, "parameters": payload}
    return raw.event(event_id, **{"apikey": "lists", **given, **values})


def choice(event_id: str, day: int, enabled: Any, disabled: Any) -> dict[str, Any]:
    """A choice of vendors."""
    payload = {"action": "click", "vendors": {"enabled": enabled, "disabled": disabled}}
    given = {"type": "consent.given", "event_time": f"2025-09-0{day} 11:00Z"}
    return raw.event(event_id, apikey="lists", parameters=payload, **given)


def first_delivery() -> list[dict[str, Any]]:
    return [
        notice("list_moves_day", 5, [1, "google"]),
        notice("list_stays", 5, ["1"]),
        choice("list_changes", 6, [1], ["google"]),
        choice("list_becomes_pageview", 7, [2], []),
        notice("list_untouched", 8, [3]),
        raw.event("no_list", apikey="lists", event_time="2025-09-09 10:00Z"),
        raw.event("moves_day", event_time="2025-09-05 10:00Z", rate=0.1, count=10),
        raw.event("moves_company", event_time="2025-09-05 11:00Z"),
        raw.event("changes_type", event_time="2025-09-05 12:00Z"),
        raw.event("alone_that_day", event_time="2025-09-07 12:00Z", country='"ES"'),
        raw.event("asked", type="consent.asked", event_time="2025-09-05 23:59:50Z", rate=0.5),
        raw.event(
            "given", type="consent.given", event_time="2025-09-06 00:00:10Z", consent="opt-out"
        ),
        raw.event("of_b", apikey="b", event_time="2025-09-05 10:00Z"),
    ]


def second_delivery() -> list[dict[str, Any]]:
    """Everything moves, of the lists all but one day; now with user ids."""
    return [
        notice("list_moves_day", 6, [1, "google"]),
        choice("list_changes", 6, [], [1, "google"]),
        raw.event("list_becomes_pageview", apikey="lists", event_time="2025-09-07 11:00Z"),
        notice("list_of_new_company", 8, [3], apikey="new", country=None),
        raw.event("moves_day", event_time="2025-09-08 10:00Z", rate=0.1, count=10),
        raw.event("moves_company", apikey="new", event_time="2025-09-05 11:00Z"),
        raw.event(
            "changes_type", type="consent.given", event_time="2025-09-05 12:00Z", user_id="u"
        ),
        raw.event("alone_that_day", event_time="2025-09-05 12:00Z"),
        raw.event(
            "given", type="consent.given", event_time="2025-09-06 00:00:30Z", consent="partial"
        ),
        raw.event("notice", type="consent.asked", event_time="2025-09-05 11:59:58Z", user_id="u"),
    ]


def contents(warehouse: Warehouse) -> dict[str, list[str]]:
    """Every row of every table as text, floats to nine digits; parts by load are added up."""
    return {
        table: sorted(map(str, map(_rounded, warehouse.rows(f"select * from {table}"))))
        for table in TABLES
    }


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in row)


def assert_like_a_full_rebuild(warehouse: Warehouse) -> None:
    incremental = contents(warehouse)
    compared = (f"+{table.partition('.')[2]}" for table in TABLES)
    warehouse.dbt("run", "--full-refresh", "--select", *compared)
    full = contents(warehouse)
    for table in TABLES:
        assert incremental[table] == full[table], table


def stamps(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Which transaction wrote each row of the lists of 8 September."""
    return warehouse.rows(
        "select xmin::text, item_id, state from intermediate.int_payload_daily"
        " where event_date = '2025-09-08' and company_id = 'lists' order by 2, 3"
    )


def test_changed_events_replace_and_their_old_groups_are_redone(warehouse: Warehouse) -> None:
    untouched = stamps(warehouse)
    raw.add_user_id(warehouse.url)
    raw.load(warehouse.url, "1757000001.5", second_delivery())  # a smaller id: clocks differ

    warehouse.dbt("build", *CODE_UNTESTED)

    assert untouched and stamps(warehouse) == untouched
    vendors = "select vendor_id, shown_row_count, enabled_row_count, disabled_row_count from marts.company_vendors where company_id = 'lists'"  # noqa: E501
    assert sorted(warehouse.rows(vendors)) == [("1", 2, 0, 1), ("3", 1, 0, 0), ("google", 1, 0, 1)]
    regions = "select company_id, region from marts.purpose_compliance order by 1"
    assert warehouse.rows(regions) == [("lists", "EEA, UK and CH"), ("new", "unknown")]

    days = "select event_date::text, event_row_count from marts.consent_daily where company_id = 'a' and event_type = 'pageview'"  # noqa: E501
    assert sorted(warehouse.rows(days)) == [("2025-09-05", 1), ("2025-09-08", 1)]
    users = "select pair_count, mean_seconds from marts.company_time_to_consent where company_id = 'a' and method = 'user'"  # noqa: E501
    assert warehouse.rows(users) == [(1, 2.0)]
    across_midnight = "select lag_seconds from intermediate.int_consent_pairs where event_id = 'asked' and method = 'cohort'"  # noqa: E501
    assert warehouse.rows(across_midnight) == [(40.0,)]
    assert_like_a_full_rebuild(warehouse)


@pytest.mark.slow  # builds all models twice
def test_fact_built_twice_before_its_aggregates(warehouse: Warehouse) -> None:
    """The day that an event left between two partial builds is redone as well."""
    for load_id, day in (("1757000003.5", 8), ("1757000004.5", 9)):
        moved = raw.event("moves_day", event_time=f"2025-09-0{day} 10:00Z", rate=0.1, count=10)
        raw.load(warehouse.url, load_id, [moved])
        warehouse.dbt("run", "--select", "fct_events")

    warehouse.dbt("run")
    assert_like_a_full_rebuild(warehouse)


def test_unfinished_load_waits(warehouse: Warehouse) -> None:
    before = contents(warehouse)
    raw.load(
        warehouse.url,
        "1757000003.5",
        [raw.event("early"), raw.event("of_b", consent="opt-out")],
        finished=False,
    )  # noqa: E501

    warehouse.dbt("run", "--select", "fct_events")
    assert contents(warehouse)["marts.fct_events"] == before["marts.fct_events"]

    raw.finish(warehouse.url, "1757000003.5")
    warehouse.dbt("run", "--select", "fct_events")
    taken = (
        "select event_id, consent_status from marts.fct_events where event_id in ('of_b', 'early')"
    )
    assert sorted(warehouse.rows(taken)) == [("early", "empty"), ("of_b", "opt-out")]


@pytest.mark.parametrize(
    ("load_id", "keeps_loads"),
    [
        pytest.param("1758000000.5", False, id="all_dropped", marks=pytest.mark.slow),
        pytest.param("1756000000.5", True, id="loads_kept_and_clock_behind"),
    ],
)
def test_dataset_made_anew_is_built_anew(
    warehouse: Warehouse, load_id: str, keeps_loads: bool
) -> None:
    loads = warehouse.rows("select load_id from consent_raw._dlt_loads")
    raw.create(warehouse.url)
    raw.companies(warehouse.url, [("z", None, None, None)])
    raw.load(warehouse.url, load_id, [raw.event("only", apikey="z"), raw.event("of_b", apikey="z")])
    for (old,) in loads if keeps_loads else []:
        raw.finish(warehouse.url, old)

    warehouse.dbt("build", *CODE_UNTESTED)

    rows = warehouse.rows("select event_id, company_id from marts.fct_events order by 1")
    assert rows == [("of_b", "z"), ("only", "z")]
    volumes = warehouse.rows("select company_id, event_row_count from marts.company_performance")
    assert volumes == [("z", 2)]


def test_reconciliation_notices_what_is_lost(warehouse: Warehouse) -> None:
    warehouse.execute("delete from marts.fct_events where event_id = 'of_b'")
    printed = warehouse.dbt("test", "--select", "test_type:singular", fails=True)
    assert "Failure in test assert_fct_events_hold_the_raw_events" in printed
    assert "Failure in test assert_marts_add_up_to_fct_events" in printed


def test_reconciliation_bears_a_load_that_lands_during_the_build(warehouse: Warehouse) -> None:
    """Another load took a row over from a built one and brought a new row."""
    raw.load(warehouse.url, "1757000009.5", [raw.event("of_b"), raw.event("late")])
    landed = "update consent_raw._dlt_loads set inserted_at = now() + interval '1 hour'"
    warehouse.execute(landed + " where load_id = '1757000009.5'")
    warehouse.dbt("test", "--select", "test_type:singular")


def test_reconciliation_notices_a_load_that_was_never_built(warehouse: Warehouse) -> None:
    raw.load(warehouse.url, "1757000009.5", [raw.event("late")])
    printed = warehouse.dbt("test", "--select", "test_type:singular", fails=True)
    assert "Failure in test assert_fct_events_hold_the_raw_events" in printed


@pytest.mark.slow  # builds all models three times
def test_a_first_build_does_not_wait_for_a_load_that_was_cut_off(warehouse: Warehouse) -> None:
    """It leaves out the event that the load has replaced, until the load is complete."""
    raw.load(warehouse.url, "1757000003.5", [raw.event("of_b", apikey="b")], finished=False)
    warehouse.dbt("build", "--full-refresh", *CODE_UNTESTED)
    ((events,),) = warehouse.rows("select count(*) from marts.fct_events")
    assert events == len(first_delivery()) - 1

    raw.finish(warehouse.url, "1757000003.5")
    warehouse.dbt("build", *CODE_UNTESTED)
    assert warehouse.rows("select count(*) from marts.fct_events") == [(events + 1,)]
    assert_like_a_full_rebuild(warehouse)


def test_events_are_taken_in_from_one_snapshot(warehouse: Warehouse) -> None:
    """Else a load that lands between two statements would be noted, but not be taken in."""
    warehouse.execute(
        "create table marts.levels (level text)",
        "create function marts.note() returns trigger language plpgsql as $$ begin insert into"
        " marts.levels values (current_setting('transaction_isolation')); return null; end $$",
        "create trigger note after insert on marts.fct_events execute function marts.note()",
    )
    raw.load(warehouse.url, "1757000003.5", [raw.event("new")])
    warehouse.dbt("run", "--select", "fct_events")
    assert warehouse.rows("select level from marts.levels") == [("repeatable read",)]
    built = "select count(*) from intermediate.int_built_loads where _dlt_load_id = '1757000003.5'"
    assert warehouse.rows(built) == [(1,)]
