"""dbt in this process: a command takes a second here, and six in a separate process.

Most of a dbt command's time is Python's imports and parsing the project. Here both happen once:
the manifest is parsed for a database that does not exist, and every run gets a copy of it in which
that name is replaced by the real one.
"""

import contextlib
import dataclasses
import functools
import gc
import io
import os
import pickle
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING
from unittest import mock

from database.dbt import PROJECT

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_PARSED_FOR = "sandbox_000000000000"
"""The name that the manifest is parsed for; real ones have the same length (see `manifest_of`)."""

FOLDERS = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))


def invoke(arguments: list[str], database: str, environment: Mapping[str, str]) -> tuple[bool, str]:
    """Run a dbt command; return whether it succeeded, and what it printed.

    `environment` is what profiles.yml reads. Variables that are read while the project is parsed
    are those of the first call: `--vars` reaches the models' SQL, but not their configuration.
    """
    from dbt.cli.main import dbtRunner

    manifest = manifest_of(database)
    # Nobody reads the log. Writing the artifacts takes as long as running thirty models; the
    # documentation is made of them.
    written = str("docs" in arguments).lower()
    variables = {"DBT_LOG_LEVEL_FILE": "none", "DBT_WRITE_JSON": written, **environment}
    printed = io.StringIO()
    with mock.patch.dict(os.environ, variables), contextlib.redirect_stdout(printed):
        result = dbtRunner(manifest).invoke([*arguments, *FOLDERS])
    if result.exception is not None:
        printed.write(f"{type(result.exception).__name__}: {result.exception}")
    return result.success, printed.getvalue()


def manifest() -> "Manifest":
    """Return the parsed project: its models, and what each of them reads."""
    return manifest_of(_PARSED_FOR)


def manifest_of(database: str) -> "Manifest":
    """Return the parsed project with the names that its relations have in `database`."""
    if len(database) != len(_PARSED_FOR):
        raise ValueError(f"{database} is not as long as {_PARSED_FOR}")
    # Names of relations hold the database. In the pickle each is preceded by its length, so a name
    # of the same length can simply take its place.
    from dbt.contracts.graph.manifest import Manifest

    return Manifest(**pickle.loads(_parsed().replace(_PARSED_FOR.encode(), database.encode())))


@functools.cache
def _parsed() -> bytes:
    """Parse the project; return a pickle of its manifest's fields by name."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    gc.set_threshold(1_000_000)  # dbt's objects live long: looking among them takes its time
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            "CONSENT_DB_NAME": _PARSED_FOR,
            "DBT_TARGET_PATH": folder,
            "DBT_LOG_PATH": folder,
        }
        with mock.patch.dict(os.environ, variables):
            result = dbtRunner().invoke(["--quiet", "parse", *FOLDERS])
    if result.exception is not None:
        raise result.exception
    gc.freeze()
    # Field by field: a Manifest of dbt 1.11 that is pickled as a whole comes back with its look-ups
    # mixed up. Those begin with "_" and are made again when needed.
    names = [field.name for field in dataclasses.fields(Manifest) if field.name[0] != "_"]
    return pickle.dumps({name: getattr(result.result, name) for name in names})
