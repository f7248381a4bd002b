"""What the project no longer builds is dropped at the end of a run; nothing else is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

EVER = dict(map(str.split, Path(__file__).with_name("relations.txt").read_text().splitlines()))
RUN = ("run", "--select", "stg_consent__companies")
OBSOLETE = ("intermediate.int_company_readings", "intermediate.int_pair_companies")  # views


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """A database with the project's schemas, and nothing in them."""
    made = new_warehouse()
    raw.create(made.url)
    made.execute("create schema staging", "create schema intermediate", "create schema marts")
    return made


def test_whoever_removes_a_model_lists_it(warehouse: Warehouse) -> None:
    today = built_today(warehouse)
    assert today.items() - EVER.items() == set(), "add these to tests/upgrade/relations.txt"
    warehouse.execute(*(f"create {kind} {name} as select 1 as one" for name, kind in EVER.items()))

    said = warehouse.dbt(*RUN)

    assert relations(warehouse) == today.keys(), "set obsolete_relations() right"
    assert "Dropped, since the project no longer has them: " in said
    # only what fills relations drops any
    warehouse.execute(f"create view {OBSOLETE[0]} as select 1 as one")
    assert "Dropped" not in warehouse.dbt("test", "--select", "stg_consent__companies")


def test_what_others_made_or_read_stays(warehouse: Warehouse) -> None:
    read, of_another_kind = OBSOLETE
    warehouse.execute(
        f"create view {read} as select 1 as one",
        "create schema theirs",
        f"create view theirs.readings as select one from {read}",
        f"create table {of_another_kind} as select 2 as two",
    )
    said = warehouse.dbt(*RUN)
    assert f"The project no longer fills {read}, which theirs.readings reads" in said
    assert warehouse.rows("select one from theirs.readings") == [(1,)]
    assert warehouse.rows(f"select two from {of_another_kind}") == [(2,)]


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
