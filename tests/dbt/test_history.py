"""What was reported when: one report a build that saw a new load, and what moved between two."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

MODELS = ("--select", "+metric_changes")


def reports(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Every report with its rows, oldest first."""
    return warehouse.rows(
        "select reported_at, count(*) from marts.headline_history group by 1 order by 1"
    )


@pytest.fixture(scope="module")
def built(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """Ten notices and five choices of a, one event of b; reported once."""
    made = new_warehouse()
    raw.create(made.url)
    raw.companies(made.url, [("a", "Gaming", "Gaming", "France")])
    made.dbt("run", *MODELS)
    assert reports(made) == []
    events = [raw.event(f"asked{n}", type="consent.asked") for n in range(10)]
    events += [raw.event(f"given{n}", type="consent.given", consent="opt-out") for n in range(5)]
    raw.load(made.url, "1757000002.5", [*events, raw.event("of_b", apikey="b")])
    made.dbt("run", *MODELS)
    return made


def test_only_a_new_load_makes_a_report(built: Warehouse) -> None:
    first = reports(built)
    assert len(first) == 1
    moved = "select distinct has_moved from marts.metric_changes"
    assert built.rows(moved) == [(None,)]

    built.dbt("run", *MODELS)
    built.dbt("run", *MODELS, "--full-refresh")
    assert reports(built) == first

    # its id is smaller than that of the first: clocks differ
    given = [raw.event(f"more{n}", type="consent.given", consent="opt-out") for n in range(5)]
    raw.load(built.url, "1757000001.5", [event | {"_source_file": "new.csv"} for event in given])
    built.dbt("run", *MODELS)
    built.dbt("run", *MODELS)

    assert len(reports(built)) == 2
    changes = built.rows(
        "select company_id, metric, previous_value, current_value, has_moved, file_paths"
        " from marts.metric_changes where metric in ('event_count', 'consent_conversion_rate')"
        " order by 1, 2"
    )
    assert changes == [
        ("a", "consent_conversion_rate", 0.5, 1.0, True, "new.csv"),
        ("a", "event_count", 15.0, 20.0, True, "new.csv"),
        ("b", "event_count", 1.0, 1.0, False, None),
    ]
