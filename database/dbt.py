"""The program `dbt`: dbt itself, on the same database as the load.

It is installed under dbt's own name (pyproject.toml). It sets the variables that
dbt_project/profiles.yml reads, starts the embedded server when a command needs one, waits while
another build works in the same schemas, and then calls dbt's own command line. What it changes
inside dbt is in dbt_hooks.py.
"""

import gc
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from database import address, datasets, dbt_hooks, finished_build
from database.database_error import DatabaseError
from database.home import PROJECT_ROOT, consent_home
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
    _keep_private()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if not needs_database(arguments):
        _run({})
        return
    if _command(arguments) == "clone" and finished_build.is_refresh(arguments):
        sys.exit(
            "dbt: clone --full-refresh would drop stored models, and headline_history cannot be"
            " computed again. Without --full-refresh, what exists stays, and the rest is cloned."
        )
    found = _found(arguments)
    project = Path(os.environ.get("DBT_PROJECT_DIR", "."))
    if finished_build.IF_NEW in arguments:
        if finished_at := finished_build.when(found, arguments, project):
            print(
                f"Nothing is new since the build of {finished_at}: the models are not built again"
                " (FORCE=1 builds them)."
            )
            return
        sys.argv.remove(finished_build.IF_NEW)
    failures = dbt_hooks.Failures()
    progress = dbt_hooks.Progress() if _is_quiet_build(arguments) else None
    ran: dict[str, Any] = {"callbacks": [failures, *filter(None, [progress])]}
    with ExitStack() as while_dbt_runs:
        while_dbt_runs.callback(_print, failures)
        while_dbt_runs.enter_context(dbt_hooks.computed_once())
        close_connections = while_dbt_runs.enter_context(dbt_hooks.connections_to(found))
        note = finished_build.Note(found, arguments, project)
        if writes := _command(arguments) in WRITES:
            begin = partial(_begin, while_dbt_runs, found, note)
            while_dbt_runs.enter_context(dbt_hooks.when_target_is_known(begin))
        if progress:
            progress.begin()
        try:
            _run(ran)
        except SystemExit as end:
            if writes and end.code in (0, None):
                close_connections()  # they hand in the counters that the note holds
                note.write(ran)
                if progress:
                    progress.end()
            raise


def _run(state: dict[str, Any]) -> None:
    from dbt.cli.main import cli

    cli(obj=state)


def _found(arguments: Sequence[str]) -> address.Address:
    """The database, which is also named to dbt's profile."""
    try:
        found = address.checked(to_write=_command(arguments) in WRITES)
        os.environ.update(environment(found))
    except DatabaseError as error:
        sys.exit(f"dbt: {error}")
    return found


def _begin(
    while_dbt_runs: ExitStack, found: address.Address, note: finished_build.Note, schema: str
) -> None:
    """Keeps other builds out of the schemas that this one writes to."""
    from dbt_common.exceptions import DbtRuntimeError
    from dbt_common.invocation import get_invocation_id

    name = "consent build" if schema == datasets.DEFAULT_TARGET else f"consent build {schema}"
    waiting = f"dbt: another build works in {found.place}: waiting for it to end"
    try:
        connection = while_dbt_runs.enter_context(session_lock(found, name, waiting))
        if "test" not in sys.argv:
            note.take_away(schema)
    except DatabaseError as error:
        raise DbtRuntimeError(str(error)) from None
    with connection.cursor() as cursor:
        # macros/incremental/waiting.sql looks for this name, so as not to wait for its own run.
        cursor.execute("set application_name = %s", (f"consent build {get_invocation_id()}",))


def _print(failures: dbt_hooks.Failures) -> None:
    for clause in failures.sentences:
        print(f"dbt: {clause}.", file=sys.stderr)


def needs_database(arguments: Sequence[str]) -> bool:
    """Whether dbt connects to the database for this command line."""
    if {"-h", "--help", "--version"} & set(arguments):
        return False
    command = _command(arguments)
    return command in NEEDS_DATABASE or (command == "docs" and "generate" in arguments)


def _is_quiet_build(arguments: Sequence[str]) -> bool:
    return _command(arguments) == "build" and bool({"--quiet", "-q"} & set(arguments))


def _command(arguments: Sequence[str]) -> str:
    return next((word for word in arguments if word in ALL_COMMANDS), "")


def environment(found: address.Address) -> dict[str, str]:
    """Return the variables of profiles.yml for an address."""
    variables = {
        "CONSENT_DB_HOST": found.host,
        "CONSENT_DB_PORT": str(found.port),
        "CONSENT_DB_USER": found.user,
        "CONSENT_DB_NAME": found.database,
        "CONSENT_RAW_DATASET": datasets.configured().raw,
        "CONSENT_SCHEMA": datasets.target(),
        # The prefix makes dbt hide the value in its logs.
        "DBT_ENV_SECRET_CONSENT_DB_PASSWORD": found.password,
    }
    for name in ("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout"):
        if name in found.options:
            variables[f"CONSENT_DB_{name.upper()}"] = found.options[name]
    return variables


def _keep_private() -> None:
    """Nobody else reads what dbt writes below CONSENT_HOME: its log may quote rows."""
    folders = [
        os.environ[name] for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH") if name in os.environ
    ]
    if any(Path(folder).resolve().is_relative_to(consent_home()) for folder in folders):
        os.umask(0o077)


def _set_default_folders(arguments: Sequence[str]) -> None:
    """Outside a dbt project use ours; without a profiles.yml here use ours."""
    given = {word.split("=")[0] for word in arguments}
    here = Path.cwd()
    if "--project-dir" not in given and not (here / "dbt_project.yml").exists():
        os.environ.setdefault("DBT_PROJECT_DIR", str(PROJECT))
    if "--profiles-dir" not in given and not (here / "profiles.yml").exists():
        os.environ.setdefault("DBT_PROFILES_DIR", str(PROJECT))
