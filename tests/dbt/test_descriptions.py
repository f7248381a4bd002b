"""Every model says what one row of it is, every column what it holds."""

import json
from collections.abc import Callable

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    made = new_warehouse()
    raw.create(made.url)
    made.dbt("--write-json", "build")  # also: nothing fails where there are no events at all
    return made


def test_every_model_and_column_is_described(warehouse):
    manifest = json.loads((warehouse.folder / "target" / "manifest.json").read_text())
    nodes = {
        (node["schema"], node["name"]): node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    }
    assert [
        name for name, node in nodes.items() if "Grain: one row" not in node["description"]
    ] == []

    columns = warehouse.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('staging', 'intermediate', 'marts')"
    )
    described = {
        (*model, name)
        for model, node in nodes.items()
        for name, column in node["columns"].items()
        if column["description"]
    }
    assert sorted(set(columns) - described) == []
    assert sorted(described - set(columns)) == []


def test_no_other_schema_is_made(warehouse):
    schemas = warehouse.rows("select schema_name from information_schema.schemata")
    made = {name for (name,) in schemas if not name.startswith(("pg_", "information_schema"))}
    assert made == {"consent_raw", "staging", "intermediate", "marts", "public"}
