"""Marts are for everyone, the other models for this project; freshness looks at what matters."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt import raw_tables as raw
from tests.dbt.conftest import Warehouse


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    made = new_warehouse()
    raw.create(made.url)
    return made


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    warehouse.dbt("parse")
    parsed = json.loads((warehouse.folder / "target" / "manifest.json").read_text())
    return dict(parsed)


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


def test_events_are_as_fresh_as_the_last_load_that_brought_some(warehouse: Warehouse) -> None:
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

    warehouse.dbt("source", "freshness")

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
