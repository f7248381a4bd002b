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
    events = [raw.event(f"asked{n}", type="consent.asked") for n in range(10)]
    events += [raw.event(f"given{n}", type="consent.given", consent="opt-out") for n in range(5)]
    raw.load(made.url, "1757000002.5", [*events, raw.event("of_b", apikey="b")])
    made.build(["+metric_changes"])  # with the seeds
    return made


@pytest.mark.slow
def test_without_a_load_there_is_no_report(new_warehouse: Callable[..., Warehouse]) -> None:
    made = new_warehouse()
    raw.create(made.url)
    made.build(["+metric_changes"])
    assert reports(made) == []


@pytest.mark.slow  # builds all models again and again
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


def headlines(warehouse: Warehouse) -> dict[str, float]:
    """The volume of each company in the last report."""
    return dict(
        warehouse.rows(
            "select company_id, metric_value from marts.headline_history"
            " where metric = 'event_count'"
            " and reported_at = (select max(reported_at) from marts.headline_history)"
        )
    )


STALE = {
    "the headlines": ("+int_reported_loads", "headline_history"),
    "what they are made of": (
        *("+int_reported_loads", "int_company_totals", "int_company_measures"),
        *("int_company_metrics", "int_company_estimates", "headline_history"),
    ),
    "one of them": ("+company_time_to_consent", "headline_history"),
    "the list of loads": ("+int_company_estimates", "headline_history+"),
}
"""What a build leaves as it was -> the models that it builds."""


@pytest.mark.parametrize(
    "partial",
    [
        pytest.param(models, id=left_out, marks=marks)
        for (left_out, models), marks in zip(
            STALE.items(),
            ([], [pytest.mark.slow], [pytest.mark.campaign], [pytest.mark.campaign]),
            strict=True,
        )
    ],
)
def test_a_report_is_made_of_the_same_loads(
    new_warehouse: Callable[..., Warehouse], built: Warehouse, partial: tuple[str, ...]
) -> None:
    warehouse = new_warehouse(built)
    before = reports(warehouse), headlines(warehouse)
    more = [raw.event(f"late{n}", _source_file="late.csv") for n in range(100)]
    raw.load(warehouse.url, "1757000003.5", more)

    said = warehouse.dbt("run", "--select", *partial)
    assert "marts.headline_history stays as it is: this run left out tables" in said
    assert (reports(warehouse), headlines(warehouse)) == before

    warehouse.dbt("run", *MODELS)
    assert len(reports(warehouse)) == len(before[0]) + 1
    assert headlines(warehouse) == before[1] | {"a": before[1]["a"] + 100}
    brought = "select distinct file_paths from marts.metric_changes where company_id = 'a'"
    assert warehouse.rows(brought) == [("late.csv",)]


@pytest.mark.slow
def test_changes_wait_for_the_files_of_their_report(
    new_warehouse: Callable[..., Warehouse], built: Warehouse
) -> None:
    """int_activity_hourly, which knows the files, is not among the headlines' parents."""
    warehouse = new_warehouse(built)
    changes = "select * from marts.metric_changes order by company_id, metric"
    before = warehouse.rows(changes)
    raw.load(warehouse.url, "1757000003.5", [raw.event("late", _source_file="late.csv")])
    said = warehouse.dbt("run", "--select", "+headline_history", "metric_changes")
    assert "marts.metric_changes stays as it is" in said
    assert "marts.headline_history stays" not in said
    assert warehouse.rows(changes) == before

    warehouse.dbt("run", *MODELS)
    brought = "select distinct file_paths from marts.metric_changes where company_id = 'a'"
    assert warehouse.rows(brought) == [("late.csv",)]
