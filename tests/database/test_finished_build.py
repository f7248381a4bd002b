"""A build is left out only if nothing is new since the last one that finished in this database."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from database import finished_build
from database.dbt import PROJECT
from database.finished_build import Note
from sandbox import dbt_in_process
from sandbox.warehouse import Warehouse, dbt_command

ARGUMENTS = ["build", "--exclude-resource-type", "unit_test"]
EVERYTHING = {"WHICH": "build", "EXCLUDE_RESOURCE_TYPES": ("unit_test",)}
RAW, MART = "consent_raw", "marts.company_performance"


@pytest.fixture(scope="module")
def warehouse(new_warehouse: Callable[..., Warehouse], built: Warehouse) -> Warehouse:
    """input/, loaded and built; what the tests change in it stays changed."""
    return new_warehouse(built)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project, to be changed."""
    ignored = shutil.ignore_patterns("target", "logs", "dbt_packages")
    return Path(shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored))


@pytest.fixture
def finished(warehouse: Warehouse, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole build has just finished."""
    monkeypatch.delenv("FORCE", raising=False)
    write_note(warehouse, project)
    assert nothing_is_new(warehouse, project)


def write_note(warehouse: Warehouse, project: Path, **flags: Any) -> None:
    note = Note(warehouse.address, ARGUMENTS, project)
    note.take_away("analytics")
    credentials = SimpleNamespace(schema="analytics")
    note.write(
        {
            "flags": SimpleNamespace(**EVERYTHING | flags),
            "manifest": dbt_in_process.manifest_of(warehouse.address.database),
            "profile": SimpleNamespace(credentials=credentials),
        }
    )


def nothing_is_new(
    warehouse: Warehouse, project: Path, arguments: list[str] = ARGUMENTS, within: float = 0
) -> bool:
    """Asks for some seconds until something is: a session hands in its counters when it ends."""
    until = time.monotonic() + within
    while finished_build.when(warehouse.address, arguments, project) is not None:
        if time.monotonic() >= until:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("seeds/countries.csv", "France", "Frankreich"),
        ("models/marts/core/dim_companies.sql", "'Unknown'", "'unknown'"),
        ("macros/metrics/intervals.sql", "{#", "{# "),
        ("dbt_project.yml", "consent_window_seconds: 1800", "consent_window_seconds: 900"),
        ("profiles.yml", "threads: 4", "threads: 2"),
        ("models/mine.sql", "", "select 1 as one"),
    ],
)
def test_a_changed_file_of_the_project_is_new(
    warehouse: Warehouse, project: Path, finished: None, file: str, old: str, new: str
) -> None:
    path = project / file
    text = path.read_text() if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert not nothing_is_new(warehouse, project)
    path.write_text(text)
    if text:
        assert nothing_is_new(warehouse, project)


@pytest.mark.parametrize(
    "arguments",
    [
        [*ARGUMENTS, "--vars", "{consent_window_seconds: 900}"],
        [*ARGUMENTS, "--full-refresh"],
        [*ARGUMENTS, "--select", "fct_events"],
        [*ARGUMENTS, "--target", "another"],
        ["run"],
    ],
)
def test_other_arguments_are_new(
    warehouse: Warehouse, project: Path, finished: None, arguments: list[str]
) -> None:
    assert not nothing_is_new(warehouse, project, arguments)
    assert nothing_is_new(warehouse, project, ["--quiet", *ARGUMENTS, finished_build.IF_NEW])


@pytest.mark.parametrize("name", ["FORCE", "DBT_TARGET", "DBT_FULL_REFRESH", "DBT_VARS"])
def test_other_variables_are_new(
    warehouse: Warehouse,
    project: Path,
    finished: None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, "1")
    assert not nothing_is_new(warehouse, project)


def test_what_the_models_do_not_see_is_not_new(
    warehouse: Warehouse, project: Path, finished: None
) -> None:
    """Time stamps of files, statistics, relations of a user, folders of dbt."""
    warehouse.execute(
        f"update {RAW}.load_files set mtime_ns = mtime_ns + 1, mtime = now()",
        "analyze",
        "vacuum marts.fct_events",
        "create table if not exists marts.mine as select 1 as one",
    )
    (project / "target").mkdir()
    (project / "target" / "manifest.json").write_text("{}")
    assert nothing_is_new(warehouse, project, within=1)


@pytest.mark.parametrize(
    "flags",
    [
        {"SELECT": ("fct_events",)},
        {"EXCLUDE": ("fct_events",)},
        {"EXCLUDE_RESOURCE_TYPES": ("test", "unit_test")},
        {"EMPTY": True},
        {"WHICH": "run"},
    ],
)
def test_a_part_of_a_build_leaves_no_note(
    warehouse: Warehouse, project: Path, finished: None, flags: dict[str, Any]
) -> None:
    write_note(warehouse, project, **flags)
    assert not nothing_is_new(warehouse, project)


def test_a_build_that_did_not_finish_leaves_no_note(
    warehouse: Warehouse, project: Path, finished: None
) -> None:
    Note(warehouse.address, ARGUMENTS, project).take_away("analytics")
    assert not nothing_is_new(warehouse, project)


def test_a_load_that_lands_during_a_build_is_new(warehouse: Warehouse, project: Path) -> None:
    note = Note(warehouse.address, ARGUMENTS, project)
    note.take_away("analytics")
    warehouse.execute(
        f"insert into {RAW}._dlt_loads (load_id, schema_name, status, inserted_at)"
        " values ('late', 'consent', 0, now())"
    )
    credentials = SimpleNamespace(schema="analytics")
    note.write(
        {
            "flags": SimpleNamespace(**EVERYTHING),
            "manifest": dbt_in_process.manifest_of(warehouse.address.database),
            "profile": SimpleNamespace(credentials=credentials),
        }
    )
    assert not nothing_is_new(warehouse, project)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(f"insert into {RAW}._dlt_loads (load_id, schema_name, status, inserted_at)"
                     " values ('9', 'consent', 0, now())", id="load"),
        pytest.param(f"insert into {RAW}.event_changes values ('erasure', 'a', '2025-01-01', '1',"
                     " 0, 1)", id="erasure"),
        pytest.param(f"update {RAW}.load_files set outcome = 'refused'", id="files refused"),
        pytest.param(f"update {RAW}.load_files set vanished_at = now()", id="file vanished"),
        pytest.param("drop view marts.time_pairs", id="dropped view"),
        pytest.param("create or replace view marts.consent_daily as {}", id="replaced view"),
        pytest.param(f"update {MART} set event_count = 0", id="updated row"),
        pytest.param("delete from marts.fct_events where event_id = (select min(event_id) from"
                     " marts.fct_events)", id="deleted row"),
        pytest.param(f"truncate {MART}", id="emptied mart"),
        pytest.param(f"alter table {MART} add column mine text", id="new column"),
        pytest.param(f"alter table {MART} rename column industry to branch", id="renamed column"),
        pytest.param(f"drop table {MART} cascade", id="dropped mart"),
        pytest.param("drop table staging.countries cascade", id="dropped seed"),
        pytest.param(f"drop schema {RAW} cascade", id="dropped dataset"),
    ],
)  # fmt: skip
def test_a_change_in_the_database_is_new(
    warehouse: Warehouse, project: Path, change: str, finished: None
) -> None:
    """After the other tests: what is dropped here stays dropped."""
    if "{}" in change:
        ((view,),) = warehouse.rows("select pg_get_viewdef('marts.consent_daily'::regclass)")
        change = change.replace("{}", view)
    warehouse.execute(change)
    assert not nothing_is_new(warehouse, project, within=5)


@pytest.mark.slow
def test_our_dbt_leaves_out_a_build_and_says_so(
    new_warehouse: Callable[..., Warehouse], built: Warehouse
) -> None:
    """And not after a build that failed."""
    made = new_warehouse(built)
    command = dbt_command("--quiet", *ARGUMENTS)
    sentence = "Nothing is new since the build of"
    assert sentence not in made.run(*command, finished_build.IF_NEW)
    assert sentence in made.run(*command, finished_build.IF_NEW)
    made.run(*command, "--vars", "{consent_window_seconds: -1}", fails=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FORCE", raising=False)
        assert finished_build.when(made.address, ARGUMENTS, PROJECT) is None
