"""A database that commit 5691121 loaded and built goes on working after one `make run`."""

import gzip
import importlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from database.embedded import binaries
from sandbox.warehouse import Warehouse
from tests.dbt.compare_marts import Renames, Table, compare, read_marts
from tests.load.deliveries import DAY_NS, START_NS, Folder, events
from tests.upgrade.make_database import DELIVERY, HERE, SECOND

BUILD = ("--quiet", "build", "--exclude-resource-type", "unit_test")
HISTORY = {"headline_history", "metric_changes"}
NEW_METRICS = {
    "diagnosed_conversion_rate": "corrected_consent_conversion_rate",
    "diagnosed_event_count": "corrected_event_count",
}
STATE = "dlt/pipelines/consent_pipeline/state.json"
OF_A_USER = {
    "marts.notes": "create table marts.notes as select 'mine' as note",
    "marts.asked": "create view marts.asked as select note from marts.notes",
    "intermediate.int_notes": "create table intermediate.int_notes (note text)",
    "staging.stg_notes": "create view staging.stg_notes as select 1 as one",
}


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both deliveries in one folder. Their time stamps are not those that the ledger knows."""
    folder = tmp_path_factory.mktemp("upgrade") / "input"
    shutil.copytree(DELIVERY, folder)
    for file in folder.rglob("*.*"):
        stamp = START_NS + (DAY_NS if file.name in SECOND else 0)
        os.utime(file, ns=(stamp, stamp))
    return folder


@pytest.fixture(scope="module")
def restored(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """The database as the earlier commit left it; a template, not to be changed."""
    made = new_warehouse()
    dump = gzip.decompress((HERE / "database.sql.gz").read_bytes())
    psql = (str(binaries.folder() / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", made.url)
    subprocess.run(psql, input=dump, check=True, stdout=subprocess.DEVNULL)
    return made


@pytest.fixture(scope="module")
def upgraded(
    new_warehouse: Callable[..., Warehouse], restored: Warehouse, delivery: Path
) -> Warehouse:
    """The earlier database, with some relations of a user, after one run of today's code."""
    made = new_warehouse(restored)
    made.execute(*OF_A_USER.values())
    assert "0 files loaded, 5 unchanged since" in made.load(delivery)
    made.dbt(*BUILD)
    return made


@pytest.fixture(scope="module")
def fresh(
    new_warehouse: Callable[..., Warehouse],
    delivery: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    """A database that today's code loaded, in two runs, and built; to be read only."""
    first = tmp_path_factory.mktemp("upgrade-first") / "input"
    shutil.copytree(delivery, first, ignore=shutil.ignore_patterns(*SECOND))
    made = new_warehouse()
    made.load(first)
    return made.built_from(delivery)


def test_nothing_is_loaded_again(upgraded: Warehouse, restored: Warehouse) -> None:
    assert raw_rows(upgraded) == raw_rows(restored)


def test_the_change_log_is_filled(upgraded: Warehouse) -> None:
    ((events,),) = upgraded.rows("select count(*) from consent_raw.events")
    logged = "select sum(rows_joined), sum(rows_left) from consent_raw.event_changes"
    assert upgraded.rows(logged) == [(events, 0)]


def test_the_marts_are_those_of_a_new_database(upgraded: Warehouse, fresh: Warehouse) -> None:
    assert differences(fresh, upgraded, excluded=HISTORY) == {}


def test_history_is_kept(upgraded: Warehouse, restored: Warehouse) -> None:
    assert history(upgraded) == history(restored)
    assert seen_loads(upgraded) == seen_loads(restored)
    metrics = upgraded.rows("select distinct metric from marts.headline_history order by 1")
    assert NEW_METRICS.keys().isdisjoint(metric for (metric,) in metrics)

    compared = upgraded.rows(
        "select metric, count(previous_value), count(current_value) from marts.metric_changes"
        " where metric in ('event_count', 'corrected_event_count') group by 1 order by 1"
    )
    assert compared == [("corrected_event_count", 4, 4), ("event_count", 4, 4)]


def test_only_what_the_project_no_longer_has_is_dropped(
    upgraded: Warehouse, fresh: Warehouse
) -> None:
    assert relations(upgraded) == relations(fresh) | OF_A_USER.keys()
    assert upgraded.rows("select note from marts.asked") == [("mine",)]


@pytest.mark.slow
def test_the_next_run_changes_nothing(
    new_warehouse: Callable[..., Warehouse], upgraded: Warehouse, delivery: Path
) -> None:
    again = new_warehouse(upgraded)
    again.built_from(delivery)

    assert raw_rows(again) == raw_rows(upgraded)
    assert relations(again) == relations(upgraded)
    assert differences(upgraded, again) == {}
    assert history(again) == history(upgraded)


@pytest.mark.parametrize("working_folder", ["kept", "lost"])
def test_a_new_file_is_loaded(
    new_warehouse: Callable[..., Warehouse],
    restored: Warehouse,
    delivery: Path,
    tmp_path: Path,
    working_folder: str,
) -> None:
    warehouse = new_warehouse(restored)
    if working_folder == "kept":
        shutil.copytree(HERE / "dlt", warehouse.folder / "dlt")
        for name in ("load/new", "load/normalized", "load/loaded", "normalize/extracted"):
            # git keeps no empty folders
            pipeline = warehouse.folder / "dlt" / "pipelines" / "consent_pipeline"
            (pipeline / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(delivery, tmp_path / "input")
    Folder(tmp_path / "input").csv("events-company-5", events("new1", "new2"))

    assert "1 files loaded, 5 unchanged since" in warehouse.load(tmp_path / "input")

    before, after = raw_rows(restored), raw_rows(warehouse)
    assert len(after["events"]) == len(before["events"]) + 2
    assert after["companies"] == before["companies"]
    # what `dlt pipeline consent_pipeline show` looks for
    state = json.loads((warehouse.folder / STATE).read_text())
    module, _, destination = state["destination_type"].rpartition(".")
    assert hasattr(importlib.import_module(module), destination)


@pytest.mark.slow
@pytest.mark.parametrize("mart", ["company_performance", "metric_changes", "time_pairs"])
def test_one_mart_is_built_with_its_parents(
    new_warehouse: Callable[..., Warehouse],
    restored: Warehouse,
    upgraded: Warehouse,
    delivery: Path,
    mart: str,
) -> None:
    warehouse = new_warehouse(restored)
    refused = warehouse.dbt("run", "--select", f"+{mart}", fails=True)
    assert "load_files has layout 1" in refused and "`make load` brings it up" in refused
    assert marts(warehouse) == marts(restored)
    warehouse.load(delivery)
    warehouse.dbt("--quiet", "run", "--select", f"+{mart}")
    assert compare(marts(warehouse), marts(upgraded), Renames.read())[mart] == []
    assert history(warehouse) == history(restored)

    warehouse.dbt(*BUILD)
    assert differences(upgraded, warehouse) == {}
    assert relations(warehouse) == relations(upgraded) - OF_A_USER.keys()


def test_other_columns_are_another_layout(fresh: Warehouse) -> None:
    """`layouts.yml` knows the columns of each layout that a stored model ever had."""
    layouts = yaml.safe_load((HERE / "layouts.yml").read_text())
    only_models = ("--select", "config.materialized:incremental", "--resource-type", "model")
    stored = fresh.dbt("--quiet", "ls", *only_models, "--output", "name").split()
    assert sorted(stored) == sorted(name.partition(".")[2] for name in layouts)
    for relation, columns_of in layouts.items():
        ((comment,),) = fresh.rows(f"select obj_description('{relation}'::regclass, 'pg_class')")
        found = re.match(r"layout (\d+)", comment or "")
        number = int(found[1]) if found else 1
        columns = fresh.rows(
            "select column_name || ' ' || data_type from information_schema.columns"
            f" where table_schema || '.' || table_name = '{relation}' order by ordinal_position"
        )
        assert [column for (column,) in columns] == columns_of.get(number), (
            f"{relation} has other columns than layout {number}: raise `layout` in the model's"
            " meta, and add the columns to layouts.yml"
        )


def relations(warehouse: Warehouse) -> set[str]:
    """Everything in the project's schemas, as schema.name."""
    rows = warehouse.rows(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_schema in ('staging', 'intermediate', 'marts')"
    )
    return {name for (name,) in rows}


def raw_rows(warehouse: Warehouse) -> dict[str, list[Any]]:
    """All rows of the raw dataset, but for the stamps by which the ledger knows a file again."""
    raw = {
        name: warehouse.rows(f"select * from consent_raw.{name} order by 1, 2, 3")
        for name in ("events", "companies", "events_quarantine", "_dlt_loads")
    }
    raw["load_files"] = warehouse.rows(
        "select path, content_hash, first_mtime_ns, rows_read, rows_new, rows_changed,"
        " rows_unchanged, rows_duplicate, rows_quarantined, load_id, outcome, is_current"
        " from consent_raw.load_files order by 1, 2"
    )
    return raw


def history(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Every figure that was ever reported, by its metric's name of today."""
    rows = warehouse.rows(
        "select metric, reported_at, company_id, industry_detailed, industry, hq_country,"
        " metric_value, metric_lower, metric_upper from marts.headline_history"
    )
    return sorted(((NEW_METRICS.get(row[0], row[0]), *row[1:]) for row in rows), key=str)


def seen_loads(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows("select * from intermediate.int_reported_loads order by 1, 2")


def differences(
    before: Warehouse, after: Warehouse, excluded: Iterable[str] = ()
) -> dict[str, list[str]]:
    """What differs between the marts of two databases; empty where nothing does."""
    found = compare(marts(before, excluded), marts(after, excluded), Renames.read())
    return {mart: what for mart, what in found.items() if what}


def marts(warehouse: Warehouse, excluded: Iterable[str] = ()) -> dict[str, Table]:
    theirs = {"notes", "asked", *excluded}
    return {name: rows for name, rows in read_marts(warehouse.url).items() if name not in theirs}
