"""install_packages.py: with and without the hub, with half-made folders, with the real package."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from database.dbt import PROJECT
from sandbox.warehouse import Warehouse, dbt_command
from tests.dbt import raw_tables as raw
from tests.dbt.test_incremental import contents, first_delivery, second_delivery


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project without anything installed."""
    ignored = shutil.ignore_patterns("dbt_packages", "target", "logs")
    return Path(shutil.copytree(PROJECT, tmp_path / "dbt_project", ignore=ignored))


def install(project: Path, *arguments: str, **environment: str) -> str:
    """Run the installation with a hub that nobody answers for."""
    variables = os.environ | {"DBT_PACKAGE_HUB_URL": "http://127.0.0.1:9/", "DBT_UTILS": ""}
    variables |= environment
    command = [sys.executable, str(project / "install_packages.py"), *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.mark.slow  # asks for the hub
def test_without_the_hub_our_own_package_serves_and_says_so_once(project: Path) -> None:
    with ThreadPoolExecutor() as pool:  # two at once, as by `make run` twice
        silent, printed = sorted(pool.map(install, [project, project]))
    assert silent == ""
    assert printed.count("\n") == 1 and "hub cannot be reached" in printed
    assert (project / "dbt_packages/dbt_utils/macros/columns.sql").is_file()

    started = time.perf_counter()
    assert install(project) == ""
    assert time.perf_counter() - started < 2


@pytest.mark.slow  # asks for the hub, as the one above
def test_a_half_made_folder_is_replaced(project: Path) -> None:
    half_made = project / "dbt_packages" / "dbt_utils"
    half_made.mkdir(parents=True)
    (half_made / "dbt_project.yml").write_text("name: dbt_utils\n")
    install(project)
    assert (half_made / "macros/tests.sql").is_file()


@pytest.mark.slow  # asks for the hub twice
def test_a_changed_package_of_ours_is_installed_again(project: Path) -> None:
    install(project)
    (project / "offline_packages/dbt_utils/macros/more.sql").write_text("{# #}")
    install(project)
    assert (project / "dbt_packages/dbt_utils/macros/more.sql").is_file()


def test_a_folder_that_is_no_package_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        install(project, DBT_UTILS=str(tmp_path))


def test_the_real_package_gives_the_same_tables(
    project: Path, new_warehouse: Callable[[], Warehouse]
) -> None:
    real = os.environ.get("DBT_UTILS")
    if not real:
        pytest.skip("DBT_UTILS names no copy of the real dbt_utils")
    tables = []
    for environment in ({}, {"DBT_UTILS": real}):
        install(project, **environment)
        warehouse = new_warehouse()
        raw.create(warehouse.url)
        raw.load(warehouse.url, "1.5", [*first_delivery(), *second_delivery()[-1:]])
        warehouse.run(*dbt_command("build", "--project-dir", str(project)))
        tables.append(contents(warehouse))
    assert tables[0] == tables[1]
