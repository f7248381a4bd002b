"""Every model says what one row of it is, every column what it holds, and who may rely on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    made = new_warehouse()
    raw.create(made.url)
    made.dbt("--write-json", "build")  # also: nothing fails where there are no events at all
    return made


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    written = (warehouse.folder / "target" / "manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(written))


def test_every_model_and_column_is_described(
    warehouse: Warehouse, manifest: dict[str, Any]
) -> None:
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


def test_no_other_schema_is_made(warehouse: Warehouse) -> None:
    schemas = warehouse.rows("select schema_name from information_schema.schemata")
    made = {name for (name,) in schemas if not name.startswith(("pg_", "information_schema"))}
    assert made == {"consent_raw", "staging", "intermediate", "marts", "public"}


def test_marts_are_public_and_have_an_owner(manifest: dict[str, Any]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    access = {(node["schema"], node["access"]) for node in models}
    assert access == {("staging", "protected"), ("intermediate", "protected"), ("marts", "public")}
    (group,) = {node["group"] for node in models}
    assert manifest["groups"][f"group.consent.{group}"]["owner"]["email"]


def test_what_people_look_at_depends_on_public_models_only(manifest: dict[str, Any]) -> None:
    for exposure in manifest["exposures"].values():
        models = [manifest["nodes"][name] for name in exposure["depends_on"]["nodes"]]
        assert models and {node["access"] for node in models} == {"public"}
