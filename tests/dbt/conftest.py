"""Databases for the dbt tests, and dbt run on them as people run it."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from database import address
from database.address import Address

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"


@dataclass(frozen=True)
class Warehouse:
    """One database and dbt on it; everything that dbt writes goes to `folder`."""

    url: str
    folder: Path

    def dbt(self, *arguments: str, fails: bool = False) -> str:
        """Run the project's `dbt`; returns what it prints."""
        return self.run(str(Path(sys.executable).with_name("dbt")), *arguments, fails=fails)

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a program with this database as the configured one."""
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def built_from(self, folder: Path) -> "Warehouse":
        """Load a delivery and build all models, their tests left out; returns itself."""
        script = str(ROOT / "pipelines" / "consent_pipeline.py")
        self.run(sys.executable, script, "--input", str(folder))
        kinds = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        self.dbt("--quiet", "build", *kinds)
        return self

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DESTINATION__POSTGRES__CREDENTIALS": self.url,
            "CONSENT_HOME": str(self.folder),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def execute(self, statement: str) -> None:
        with (
            closing(psycopg2.connect(self.url)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.fixture(scope="session")
def packages() -> None:
    """dbt's packages, as `make` installs them."""
    variables = os.environ | {"DBT_UTILS": ""}
    subprocess.run([sys.executable, "install_packages.py"], cwd=PROJECT, env=variables, check=True)


@pytest.fixture(scope="session")
def new_warehouse(
    database: Address, packages: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Warehouse]]:
    """Makes databases, empty or copies of another one; they go with the session."""
    admin = address.connect(database)
    admin.autocommit = True
    names = []

    def make(template: Warehouse | None = None) -> Warehouse:
        names.append(f"dbt_{secrets.token_hex(6)}")
        copied = f" template {template.url.rpartition('/')[2]}" if template else ""
        with admin.cursor() as cursor:
            cursor.execute(f"create database {names[-1]}{copied}")
        url = database.url.replace(f"/{database.database}", f"/{names[-1]}")
        return Warehouse(url, tmp_path_factory.mktemp("dbt"))

    yield make
    with admin.cursor() as cursor:
        for name in names:
            cursor.execute(f"drop database {name} with (force)")
    admin.close()


@pytest.fixture(scope="session", params=["input-sample", "input"])
def folder(request: pytest.FixtureRequest) -> Path:
    """The deliveries that the marts are compared over: a real one, and the project's own."""
    if request.param == "input":
        return ROOT / "input"
    return Path(request.getfixturevalue("sample_input"))


@pytest.fixture(scope="session")
def built(folder: Path, new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """A database with the delivery in it and all models, to be read only."""
    return new_warehouse().built_from(folder)
