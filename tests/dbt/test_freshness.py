"""Freshness looks at what people wait for: loads that brought events, and files that were read."""

import json
from collections.abc import Callable

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw


def test_events_are_as_fresh_as_the_last_load_that_brought_some(
    new_warehouse: Callable[..., Warehouse],
) -> None:
    warehouse = new_warehouse()
    raw.create(warehouse.url)
    days_ago = {"of events": 9, "of companies": 1, "of old events": 2, "not finished": 0}
    for load_id, days in days_ago.items():
        status = 1 if load_id == "not finished" else 0
        warehouse.execute(
            "insert into consent_raw._dlt_loads (load_id, status, inserted_at)"
            f" values ('{load_id}', {status}, now() - interval '{days} days')"
        )
    for load_id, table, new in (
        ("of events", "events", 3),
        ("of companies", "companies", 3),
        ("of old events", "events", 0),
        ("not finished", "events", 3),
    ):
        warehouse.execute(
            "insert into consent_raw.load_files (load_id, table_name, rows_new, rows_changed,"
            f" finished_at) values ('{load_id}', '{table}', {new}, 0,"
            f" now() - interval '{days_ago[load_id]} days')"
        )

    warehouse.dbt("--write-json", "source", "freshness")

    written = json.loads((warehouse.folder / "target" / "sources.json").read_text())
    found = {
        result["unique_id"].rpartition(".")[2]: (
            result["status"],
            round(result["max_loaded_at_time_ago_in_s"] / 86400),
        )
        for result in written["results"]
    }
    assert found == {
        "events": ("warn", 9),
        "companies": ("pass", 1),
        "_dlt_loads": ("pass", 1),
        "load_files": ("pass", 0),
    }
