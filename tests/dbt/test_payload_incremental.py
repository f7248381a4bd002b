"""Counts of purposes, vendors and oddities, kept by day: an incremental build gives a full one."""

from collections.abc import Callable
from typing import Any

from sandbox.warehouse import UNTESTED, Warehouse
from tests.dbt import raw_tables as raw

KEPT = ("intermediate.int_payload_daily", "intermediate.int_quality_daily")
MARTS = "company_purposes company_vendors purpose_compliance consent_status_reconciliation data_quality".split()  # noqa: E501
TABLES = (*KEPT, *(f"marts.{mart}" for mart in MARTS))


def notice(event_id: str, day: int, vendors: Any, **values: Any) -> dict[str, Any]:
    payload = {"purposes": ["cookies"], "purposes_li": ["cookies"], "vendors": vendors}
    time = f"2025-09-0{day} 10:00Z"
    given = {"type": "consent.asked", "event_time": time, "parameters": payload}
    return raw.event(event_id, **{**given, **values})


def choice(event_id: str, day: int, enabled: Any, disabled: Any) -> dict[str, Any]:
    payload = {"action": "click", "vendors": {"enabled": enabled, "disabled": disabled}}
    time = f"2025-09-0{day} 11:00Z"
    return raw.event(event_id, type="consent.given", event_time=time, parameters=payload)


def build(warehouse: Warehouse, *arguments: str) -> None:
    warehouse.dbt("build", *UNTESTED, *arguments, "--select", *(f"+{mart}" for mart in MARTS))


def contents(warehouse: Warehouse) -> dict[str, list[str]]:
    return {
        table: sorted(str(row) for row in warehouse.rows(f"select * from {table}"))
        for table in TABLES
    }


def stamps(warehouse: Warehouse, day: int) -> list[tuple[Any, ...]]:
    """Which transaction wrote each kept row of a day."""
    rows = f"select xmin::text, item_id, state from {KEPT[0]} where event_date = '2025-09-0{day}'"
    return sorted(warehouse.rows(rows))


def test_events_that_move_change_and_vanish(new_warehouse: Callable[..., Warehouse]) -> None:
    warehouse = new_warehouse()
    raw.create(warehouse.url)
    first = [
        notice("moves_day", 5, [1, "google"]),
        notice("stays", 5, ["1"]),
        choice("changes_list", 6, [1], ["google"]),
        choice("becomes_pageview", 7, [2], []),
        notice("untouched", 8, [3]),
        raw.event("no_list", event_time="2025-09-09 10:00Z"),
    ]
    raw.load(warehouse.url, "1757000001.5", first)
    build(warehouse)
    before = stamps(warehouse, 8)

    second = [
        notice("moves_day", 6, [1, "google"]),
        choice("changes_list", 6, [], [1, "google"]),
        raw.event("becomes_pageview", event_time="2025-09-07 11:00Z"),
        notice("of_new_company", 8, [3], apikey="new", country=None),
    ]
    raw.load(warehouse.url, "1757000002.5", second)
    build(warehouse)

    vendors = "select vendor_id, shown_row_count, enabled_row_count, disabled_row_count from marts.company_vendors where company_id = 'a'"  # noqa: E501
    assert sorted(warehouse.rows(vendors)) == [("1", 2, 0, 1), ("3", 1, 0, 0), ("google", 1, 0, 1)]
    assert [row for row in stamps(warehouse, 8) if row in before] == before
    incremental = contents(warehouse)
    build(warehouse, "--full-refresh")
    full = contents(warehouse)
    for table in TABLES:
        assert incremental[table] == full[table], table
    regions = "select company_id, region from marts.purpose_compliance order by 1"
    assert warehouse.rows(regions) == [("a", "EEA, UK and CH"), ("new", "unknown")]
