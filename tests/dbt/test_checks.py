"""The checks that save a scan find what a scan would."""

from collections.abc import Callable

import pytest

from sandbox import dbt_in_process
from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

UNIT_TESTS = ("--exclude-resource-type", "unit_test")
RECONCILED = "assert_fct_events_hold_the_raw_events"


@pytest.fixture(scope="module")
def built_once(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Two loads, each built when it came: the old one an hour before the new one."""
    made = new_warehouse()
    raw.create(made.url)
    for load_id, event_id in (("1757000001.5", "old"), ("1757000002.5", "new")):
        raw.load(made.url, load_id, [raw.event(event_id, rate=0.5)])
    made.dbt("build", *UNIT_TESTS)
    made.execute(
        "update intermediate.int_built_loads set built_at = built_at - interval '1 hour'"
        " where _dlt_load_id = '1757000001.5'"
    )
    return made


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse], built_once: Warehouse) -> Warehouse:
    """A copy of it for one test."""
    return new_warehouse(built_once)


def weigh_double(warehouse: Warehouse, event_id: str) -> None:
    doubled = "update marts.fct_events set extrapolated_count = 2 * extrapolated_count"
    warehouse.execute(f"{doubled} where event_id = '{event_id}'")


def test_a_wrong_weight_of_a_new_load_stops_the_build(warehouse: Warehouse) -> None:
    weigh_double(warehouse, "new")
    printed = warehouse.dbt("build", "--select", RECONCILED, fails=True)
    assert f"Failure in test {RECONCILED}" in printed


def test_a_wrong_weight_of_any_load_stops_the_test(warehouse: Warehouse) -> None:
    weigh_double(warehouse, "old")
    warehouse.dbt("build", "--select", RECONCILED)
    printed = warehouse.dbt("test", "--select", RECONCILED, fails=True)
    assert f"Failure in test {RECONCILED}" in printed


@pytest.mark.slow  # builds all models again and again
def test_loads_that_no_build_has_compared_wait_for_one(warehouse: Warehouse) -> None:
    """A build without tests, or whose tests failed, leaves its loads to the next one."""
    for load_id, event_id in (("1757000003.5", "third"), ("1757000004.5", "fourth")):
        raw.load(warehouse.url, load_id, [raw.event(event_id, rate=0.5)])
        warehouse.dbt("run")
    weigh_double(warehouse, "third")
    warehouse.dbt("build", "--select", RECONCILED, fails=True)


@pytest.mark.parametrize(("event_id", "stops_the_build"), [("new", True), ("old", False)])
def test_a_lost_row_is_found(warehouse: Warehouse, event_id: str, stops_the_build: bool) -> None:
    """In a new load by the next build, in any load by `dbt test`."""
    warehouse.execute(f"delete from marts.fct_events where event_id = '{event_id}'")
    for check in (RECONCILED, "assert_day_loads_hold_fct_events"):
        warehouse.dbt("build", "--select", check, fails=stops_the_build)
        printed = warehouse.dbt("test", "--select", check, fails=True)
        assert f"Failure in test {check}" in printed


def test_a_change_log_that_is_ahead_is_found(warehouse: Warehouse) -> None:
    """A row of the log too many, of an old load's group that the newest load took an event from."""
    warehouse.execute(
        "insert into consent_raw.event_changes select max(load_id), 'a', '2025-09-05',"
        " min(load_id), 0, 1 from consent_raw.event_changes"
    )
    warehouse.build(["int_day_loads"])
    printed = warehouse.dbt("build", "--select", "assert_day_loads_hold_fct_events", fails=True)
    assert "Failure in test assert_day_loads_hold_fct_events" in printed


def test_each_stored_aggregate_has_to_add_up(warehouse: Warehouse) -> None:
    counted = ("consent_daily", "activity_hourly", "quality_daily", "sampling_daily")
    of_old = "where _dlt_load_id = '1757000001.5'"
    warehouse.execute(
        *(f"update intermediate.int_{name} set event_row_count = 2 {of_old}" for name in counted),
        "insert into intermediate.int_payload_daily (company_id, event_date, _dlt_load_id,"
        " item_type, event_row_count) values ('a', '2025-09-05', '1757000001.5', 'event', 1)",
        "insert into intermediate.int_consent_pairs (company_id, event_date, method, direction)"
        " values ('a', '2025-09-05', 'user', 'forward')",
    )
    sums = "assert_stored_aggregates_add_up_to_fct_events"
    pairs = "assert_pairs_are_those_of_fct_events"
    warehouse.dbt("build", "--select", sums, pairs)  # nothing is new
    printed = warehouse.dbt("test", "--select", sums, pairs, fails=True)
    assert f"Failure in test {sums}" in printed and "Got 5 results" in printed
    assert f"Failure in test {pairs}" in printed and "Got 1 result," in printed


@pytest.mark.parametrize("is_doubled", [False, True])
def test_without_its_index_a_key_is_scanned(warehouse: Warehouse, is_doubled: bool) -> None:
    index = (
        "select indexname from pg_indexes where schemaname = 'marts'"
        " and tablename = 'fct_events' and indexdef like '%UNIQUE%'"
    )
    ((name,),) = warehouse.rows(index)
    warehouse.execute(f'drop index marts."{name}"')
    if is_doubled:
        warehouse.execute("insert into marts.fct_events select * from marts.fct_events limit 1")
    warehouse.dbt("test", "--select", "test_name:unique_by_index", fails=is_doubled)


def test_a_mart_refuses_a_key_twice(warehouse: Warehouse) -> None:
    keys = warehouse.rows(
        "select table_name from information_schema.table_constraints"
        " where constraint_type = 'PRIMARY KEY' and table_schema = 'marts'"
    )
    tables = warehouse.rows(
        "select table_name from information_schema.tables where table_schema = 'marts'"
        " and table_type = 'BASE TABLE'"
    )
    # never made anew as a whole, or as small as the company file: their keys have tests
    others = {("dim_companies",), ("fct_events",), ("headline_history",)}
    assert set(keys) == set(tables) - others


def test_every_share_of_a_mart_is_checked(packages: None) -> None:
    nodes = dbt_in_process.manifest().nodes
    check = nodes["test.consent.assert_shares_lie_within_0_and_1"].raw_code
    shares = [
        (node.name, column)
        for key, node in nodes.items()
        if key.startswith("model.") and node.schema == "marts"
        for column in node.columns
        if column.endswith("_share")
    ]
    assert len(shares) > 10
    for mart, column in shares:
        (line,) = [line for line in check.splitlines() if f"'{mart}': " in line]
        assert f"'{column}'" in line


def test_a_share_above_1_is_found(warehouse: Warehouse) -> None:
    warehouse.execute("update marts.data_quality set affected_share = 2")
    printed = warehouse.dbt("build", "--select", "assert_shares_lie_within_0_and_1", fails=True)
    assert "Failure in test assert_shares_lie_within_0_and_1" in printed
