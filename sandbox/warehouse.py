"""One database, with the project's load and its models run on it."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from database import address, dbt, dbt_hooks
from database.address import Address
from database.home import PROJECT_ROOT
from sandbox import dbt_in_process

SCRIPT = PROJECT_ROOT / "pipelines" / "consent_pipeline.py"
UNTESTED = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""Arguments of `dbt build` that leave every test out."""


_END_IDLE = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = %s and state = 'idle'
"""


class SandboxError(Exception):
    """A command did not end as expected; the message holds what it printed."""


@dataclass(frozen=True)
class Warehouse:
    """One database; what dlt and dbt write on the disk goes to `folder`."""

    address: Address
    folder: Path

    @classmethod
    def create(cls, server: Address, folder: Path, template: Warehouse | None = None) -> Warehouse:
        """Create a database on `server`: an empty one, or a copy of `template`.

        Postgres copies only what nobody is connected to, so idle sessions of the template end.
        """
        name = f"sandbox_{secrets.token_hex(6)}"
        copied = f" template {template.address.database}" if template else ""
        with closing(address.connect(server)) as admin, admin.cursor() as cursor:
            admin.autocommit = True
            if template:
                cursor.execute(_END_IDLE, (template.address.database,))
            cursor.execute(f"create database {name}{copied}")
        return cls(dataclasses.replace(server, database=name, is_embedded=False), folder)

    def drop(self, server: Address) -> None:
        """Drop the database; `server` is another database of the same server."""
        with closing(address.connect(server)) as admin, admin.cursor() as cursor:
            admin.autocommit = True
            cursor.execute(f"drop database {self.address.database} with (force)")

    @property
    def url(self) -> str:
        """The database's address as a URL."""
        return self.address.url

    def environment(self) -> dict[str, str]:
        """Return the variables that make this the configured database of a process."""
        return {
            "DESTINATION__POSTGRES__CREDENTIALS": self.url,
            "CONSENT_HOME": str(self.folder),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    def load(self, delivery: Path) -> str:
        """Load a delivery in this process; return what that printed. SandboxError: it failed."""
        import dlt

        from pipelines.consent_pipeline import main

        said = io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment()),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            dlt.current.run_context().reload()  # it looks at CONSENT_HOME once only
            code = main(["--input", str(delivery)])
        dlt.current.run_context().reload()
        if code != 0:
            raise SandboxError(said.getvalue())
        return said.getvalue()

    def dbt(self, *arguments: str, fails: bool = False) -> str:
        """Run dbt in this process; return what it printed.

        Raises SandboxError: it failed, or did not although `fails` says that it must.
        """
        variables = self.environment() | dbt.environment(self.address)
        with dbt_hooks.connections_to(self.address), dbt_hooks.computed_once():
            succeeded, printed = dbt_in_process.invoke(
                list(arguments), self.address.database, variables
            )
        if succeeded is fails:
            raise SandboxError(f"dbt {' '.join(arguments)}\n{printed}")
        return printed

    def build(self, select: Sequence[str] = ()) -> None:
        """Build the models, all or those selected, without their tests."""
        chosen = ("--select", *select) if select else ()
        self.dbt("--quiet", "build", *UNTESTED, *chosen)

    def built_from(self, delivery: Path, select: Sequence[str] = ()) -> Warehouse:
        """Load a delivery and build the models, all or those selected; return itself."""
        self.load(delivery)
        self.build(select)
        return self

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a program with this as the configured database; return what it printed.

        Raises SandboxError: it failed, or did not although `fails` says that it must.
        """
        done = subprocess.run(
            command,
            cwd=dbt.PROJECT,
            env=os.environ | self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        printed = done.stdout + done.stderr
        if (done.returncode != 0) is not fails:
            raise SandboxError(f"{' '.join(command)}\n{printed}")
        return printed

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with closing(address.connect(self.address)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def execute(self, *statements: str) -> None:
        """Run statements, each in a separate transaction."""
        with closing(address.connect(self.address)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for statement in statements:
                cursor.execute(statement)


def load_command(delivery: Path) -> list[str]:
    """Return the command line that loads a delivery as a user does, in a separate process."""
    return [sys.executable, str(SCRIPT), "--input", str(delivery)]


def dbt_command(*arguments: str) -> list[str]:
    """Return the command line of the project's `dbt`."""
    return [str(Path(sys.executable).with_name("dbt")), *arguments]
