"""The program `dbt`: dbt itself, on the same database as the load.

It is installed under dbt's own name (pyproject.toml). It sets the variables that
dbt_project/profiles.yml reads, starts the embedded server when a command needs one, waits while
another build works in the same database, and then calls dbt's own command line.
"""

import gc
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from database import address
from database.database_error import DatabaseError
from database.home import PROJECT_ROOT
from database.session_lock import session_lock

PROJECT = PROJECT_ROOT / "dbt_project"

NEEDS_DATABASE = frozenset(
    ["build", "clone", "compile", "debug", "retry", "run", "run-operation", "seed", "show"]
    + ["snapshot", "source", "test"]
)
# Two of these at once would write to the same tables, or test them half-way.
WRITES = NEEDS_DATABASE - {"compile", "debug", "show", "source"}
OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
ALL_COMMANDS = NEEDS_DATABASE | {"clean", "deps", "docs", "init", "list", "ls", "parse"}


def main() -> None:
    """Run dbt with this process's arguments; exit with dbt's own code."""
    # dbt keeps its objects until it ends, so collecting garbage only costs time.
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    arguments = sys.argv[1:]
    _set_default_folders(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with _database(arguments):
        from dbt.cli.main import cli

        cli()


@contextmanager
def _database(arguments: Sequence[str]) -> Iterator[None]:
    """Names the database to dbt and, for a command that writes, keeps other builds out of it."""
    if not needs_database(arguments):
        yield
        return
    try:
        found = address.checked()
    except DatabaseError as error:
        sys.exit(f"dbt: {error}")
    variables = environment(found)
    if not address.takes_options(found):
        del variables["PGOPTIONS"]
    os.environ.update(variables)
    if _command(arguments) not in WRITES:
        yield
        return
    waiting = f"dbt: another build works in {found.place}: waiting for it to end"
    with session_lock(found, "consent build", waiting):
        yield


def needs_database(arguments: Sequence[str]) -> bool:
    """Whether dbt connects to the database for this command line."""
    if {"-h", "--help", "--version"} & set(arguments):
        return False
    command = _command(arguments)
    return command in NEEDS_DATABASE or (command == "docs" and "generate" in arguments)


def _command(arguments: Sequence[str]) -> str:
    return next((word for word in arguments if word in ALL_COMMANDS), "")


def environment(found: address.Address) -> dict[str, str]:
    """Return the variables of profiles.yml for an address."""
    variables = {
        "CONSENT_DB_HOST": found.host,
        "CONSENT_DB_PORT": str(found.port),
        "CONSENT_DB_USER": found.user,
        "CONSENT_DB_NAME": found.database,
        # libpq reads it for each connection that dbt opens, one for each thread: a hook would reach
        # those of the models only. dbt's profile has no place for such settings.
        "PGOPTIONS": " ".join(
            [os.environ.get("PGOPTIONS", ""), found.options.get("options", "")]
            + [f"-c {name}=0" for name in address.TIMEOUTS]
        ).strip(),
        # The prefix makes dbt hide the value in its logs.
        "DBT_ENV_SECRET_CONSENT_DB_PASSWORD": found.password,
    }
    for name in ("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout"):
        if name in found.options:
            variables[f"CONSENT_DB_{name.upper()}"] = found.options[name]
    return variables


def _set_default_folders(arguments: Sequence[str]) -> None:
    """Outside a dbt project use ours; without a profiles.yml here use ours."""
    given = {word.split("=")[0] for word in arguments}
    here = Path.cwd()
    if "--project-dir" not in given and not (here / "dbt_project.yml").exists():
        os.environ.setdefault("DBT_PROJECT_DIR", str(PROJECT))
    if "--profiles-dir" not in given and not (here / "profiles.yml").exists():
        os.environ.setdefault("DBT_PROFILES_DIR", str(PROJECT))
