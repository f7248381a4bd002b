"""What the project no longer builds is dropped at the end of a run; nothing else is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

EVER = dict(map(str.split, Path(__file__).with_name("relations.txt").read_text().splitlines()))
RUN = ("run", "--select", "stg_consent__companies")
OBSOLETE = "intermediate.int_company_readings"


@pytest.fixture(scope="module")
def template(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    made = new_warehouse()
    raw.create(made.url)
    made.execute("create schema staging", "create schema intermediate", "create schema marts")
    made.dbt(*RUN)
    return made


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse], template: Warehouse) -> Warehouse:
    return new_warehouse(template)


def test_whoever_removes_a_model_lists_it(warehouse: Warehouse) -> None:
    today = built_today(warehouse)
    assert today.items() - EVER.items() == set(), "add these to tests/upgrade/relations.txt"
    names = EVER.keys() - {"staging.stg_consent__companies"}
    warehouse.execute(*(f"create {EVER[name]} {name} as select 1 as one" for name in names))

    said = warehouse.dbt(*RUN)

    assert relations(warehouse) == today.keys(), "set obsolete_relations() right"
    assert "Dropped, since the project no longer has them: " in said
    assert "Dropped" not in warehouse.dbt(*RUN)


def test_what_another_relation_reads_stays(warehouse: Warehouse) -> None:
    warehouse.execute(
        f"create view {OBSOLETE} as select 1 as one",
        "create schema theirs",
        f"create view theirs.readings as select one from {OBSOLETE}",
    )
    said = warehouse.dbt(*RUN)
    assert f"The project no longer fills {OBSOLETE}, which theirs.readings reads" in said
    assert warehouse.rows("select one from theirs.readings") == [(1,)]


def test_another_kind_of_that_name_is_somebody_elses(warehouse: Warehouse) -> None:
    warehouse.execute(f"create table {OBSOLETE} as select 1 as one")
    warehouse.dbt(*RUN)
    assert warehouse.rows(f"select one from {OBSOLETE}") == [(1,)]


def test_only_build_and_run_drop(warehouse: Warehouse) -> None:
    warehouse.execute(f"create view {OBSOLETE} as select 1 as one")
    warehouse.dbt("test", "--select", "stg_consent__companies")
    assert warehouse.rows(f"select one from {OBSOLETE}") == [(1,)]


def built_today(warehouse: Warehouse) -> dict[str, str]:
    """schema.name -> 'table' or 'view', of every model and seed of the project."""
    kinds = ("--resource-type", "model", "--resource-type", "seed")
    keys = ("--output", "json", "--output-keys", "schema name config")
    nodes = map(json.loads, warehouse.dbt("--quiet", "ls", *kinds, *keys).splitlines())
    return {
        f"{node['schema']}.{node['name']}": (
            "view" if node["config"]["materialized"] == "view" else "table"
        )
        for node in nodes
    }


def relations(warehouse: Warehouse) -> set[str]:
    rows = warehouse.rows(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('staging', 'intermediate', 'marts')"
    )
    return {name for (name,) in rows}
