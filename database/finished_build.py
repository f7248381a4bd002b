"""Whether anything is new since the last build that finished in this database.

Our `dbt` notes at the end of a whole build (`dbt build` without a selection that succeeded) what it
was made of and what it made, in one row of the table `finished_build`, beside the intermediate
models. `dbt build --if-new`, which `make run` and `make dbt-build` use, compares. Nothing is new if
all of these are the same:

- the loads, the change log (which erasures write to as well) and the ledger of files
- the project's files, with seeds and variables, and the versions of dbt and its adapter
- the arguments and dbt's environment variables, so also the target
- the relations: all there, none made again, altered or written to

A build takes the note away when it starts, so a build that was killed or failed leaves none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from database import address, datasets
from database.address import Address

TABLE = "finished_build"
IF_NEW = "--if-new"
"""Option of our `dbt build`: build only if something is new. `FORCE=1` builds anyway."""

_SAY_MORE_OR_LESS = frozenset([IF_NEW, "--quiet", "-q", "--debug", "-d"])
_NOT_OF_THE_PROJECT = frozenset(["target", "logs", "__pycache__"])
# Folders and passwords say nothing about what is built. The files in the folders do.
_NO_SETTINGS = ("DBT_LOG", "DBT_TARGET_PATH", "DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_ENV")
# Flags of dbt that make a build a part of the whole one, or one of other data.
_PARTS = ("select", "exclude", "selector", "resource_types", "empty", "sample", "defer")

_CREATE = """
create table if not exists {table} (
    inputs text not null, outputs text not null, relations text[] not null, raw text not null,
    finished_at timestamp with time zone not null default now()
)
"""
_LOADED = """
select
    (select md5(string_agg(load_id, ',' order by load_id)) from {raw}._dlt_loads where status = 0),
    (select count(*) || ' ' || sum(rows_joined) || ' ' || sum(rows_left) || ' ' || max(changed_at)
        from {raw}.event_changes),
    (select md5(string_agg(cast(to_jsonb(f) - array['mtime', 'mtime_ns', 'ctime_ns', 'started_at',
        'finished_at', 'vanished_at'] as text) || (vanished_at is null), ',' order by path,
        started_at)) from {raw}.load_files as f)
"""
# A change of a relation shows in the transaction of its catalog rows, one of its rows in counters.
_RELATIONS = """
select name, pg_class.oid, pg_class.xmin, relfilenode,
    (select max(cast(cast(xmin as text) as bigint)) from pg_rewrite where ev_class = pg_class.oid),
    (select md5(string_agg(attname || ' ' || atttypid || attnotnull, ',' order by attnum))
        from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped),
    n_tup_ins, n_tup_upd, n_tup_del
from unnest(%s) as listed (name)
left join pg_class on pg_class.oid = to_regclass(name)
left join pg_stat_all_tables on relid = pg_class.oid
order by name
"""
# dbt's sessions hand in their counters when they end.
_STILL_ENDING = """
select exists (select from pg_stat_activity where application_name = 'dbt'
    and datname = current_database() and usename = current_user and pid <> pg_backend_pid())
"""
_PATIENCE_SECONDS = 3


def when(found: Address, arguments: Sequence[str], project: Path) -> str | None:
    """When the build that has nothing new to add to finished; None: there is something to build."""
    import psycopg2

    schema = _target_schema(arguments, project)
    if os.environ.get("FORCE", "0") not in ("", "0") or is_refresh(arguments) or schema is None:
        return None
    try:
        with closing(address.connect(found)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "select inputs, outputs, relations, raw, to_char(finished_at at time zone 'UTC',"
                f" 'YYYY-MM-DD HH24:MI') from {_table(schema)}"
            )
            for inputs, outputs, relations, raw, finished_at in cursor.fetchall():
                if (raw, inputs, outputs) == (
                    datasets.configured().raw,
                    _inputs(cursor, raw, arguments, project),
                    _outputs(cursor, relations),
                ):
                    return f"{finished_at} UTC"
    except psycopg2.Error:
        pass  # nothing was ever built here, or what was built is gone
    return None


class Note:
    """The note that one run of `dbt` takes away when it starts, and writes when it has finished."""

    def __init__(self, found: Address, arguments: Sequence[str], project: Path) -> None:
        self._found, self._arguments, self._project = found, arguments, project
        self._inputs = ""

    def take_away(self, schema: str) -> None:
        """Before anything is written. `schema` is that of dbt's target."""
        import psycopg2

        with closing(address.connect(self._found)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("select to_regclass(%s) is not null", (_table(schema),))
            if cursor.fetchone()[0]:
                cursor.execute(f"delete from {_table(schema)}")
            try:
                # Now: a load that lands while the build goes on is new for the next one.
                self._inputs = _inputs(
                    cursor, datasets.configured().raw, self._arguments, self._project
                )
            except psycopg2.Error:
                self._inputs = ""

    def write(self, run: Mapping[str, Any]) -> None:
        """After a run that succeeded. `run` is what dbt's command line leaves in its `obj`."""
        flags, manifest = run.get("flags"), run.get("manifest")
        if flags is None or manifest is None or not self._inputs or not _is_whole(flags):
            return
        nodes = manifest.nodes.values()
        built = sorted(
            node.relation_name
            for node in nodes
            if node.resource_type in ("model", "seed") and node.relation_name
        )
        raw = next(source.schema for source in manifest.sources.values())
        schema = run["profile"].credentials.schema
        with closing(address.connect(self._found)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            _wait_for_the_end(cursor)
            cursor.execute(_CREATE.format(table=_table(schema)))
            cursor.execute(
                f"insert into {_table(schema)} (inputs, outputs, relations, raw)"
                " values (%s, %s, %s, %s)",
                (self._inputs, _outputs(cursor, built), built, raw),
            )


def _table(schema: str) -> str:
    prefix = "" if schema == datasets.DEFAULT_TARGET else f"{schema}_"
    return f'"{prefix}intermediate".{TABLE}'


def is_refresh(arguments: Iterable[str]) -> bool:
    """Whether a command line or the environment asks for a full refresh."""
    return bool({"--full-refresh", "-f"} & set(arguments)) or "DBT_FULL_REFRESH" in os.environ


def _is_whole(flags: Any) -> bool:
    """Whether a run of dbt built and tested everything; the tests of the code do not count."""
    left_out = set(map(str, getattr(flags, "EXCLUDE_RESOURCE_TYPES", None) or ())) - {"unit_test"}
    return flags.WHICH == "build" and not (
        left_out or any(getattr(flags, name.upper(), None) for name in _PARTS)
    )


def _target_schema(arguments: Sequence[str], project: Path) -> str | None:
    """The schema of the target that dbt will choose; None where only dbt can tell."""
    import yaml

    words = [part for word in arguments for part in word.split("=", 1)]
    options = dict(zip(words, words[1:], strict=False))
    folder = Path(options.get("--profiles-dir") or os.environ.get("DBT_PROFILES_DIR") or project)
    target = options.get("--target") or options.get("-t") or os.environ.get("DBT_TARGET")
    try:
        (profile,) = yaml.safe_load((folder / "profiles.yml").read_text()).values()
        schema = profile["outputs"][target or profile["target"]]["schema"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
        return None
    if variable := re.fullmatch(r"{{ *env_var\('(\w+)', *'(\w*)'\) *}}", schema):
        return os.environ.get(*variable.groups())
    return None if "{{" in schema else str(schema)


def _inputs(cursor: Any, raw: str, arguments: Iterable[str], project: Path) -> str:
    """A hash of all that a build is made of."""
    cursor.execute(_LOADED.format(raw=f'"{raw}"'))
    settings = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("DBT_") and not name.startswith(_NO_SETTINGS)
    }
    asked_for = [word for word in arguments if word not in _SAY_MORE_OR_LESS]
    versions = [version("dbt-core"), version("dbt-postgres")]
    profile = Path(os.environ.get("DBT_PROFILES_DIR") or project, "profiles.yml").read_text()
    return _hash([cursor.fetchone(), settings, asked_for, versions, profile, _files(project)])


def _files(project: Path) -> list[tuple[str, str]]:
    found = []
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(set(folders) - _NOT_OF_THE_PROJECT)
        for name in sorted(names):
            path = Path(folder, name)
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.append((str(path.relative_to(project)), content))
    return found


def _outputs(cursor: Any, relations: list[str]) -> str:
    """A hash of the state that relations are in."""
    cursor.execute(_RELATIONS, (relations,))
    return _hash(cursor.fetchall())


def _wait_for_the_end(cursor: Any) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        cursor.execute(_STILL_ENDING)
        if not cursor.fetchone()[0]:
            return
        time.sleep(0.05)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()
