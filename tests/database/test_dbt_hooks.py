"""What the launcher replaces inside dbt, and that all of libpq's parameters get there."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from dbt.cli import requires
from dbt.context.macros import MacroNamespace
from dbt_common.clients import agate_helper
from dbt_common.events import functions
from dbt_common.exceptions import base

from database import address, dbt_hooks
from sandbox.warehouse import Warehouse
from tests.conftest import CREDENTIALS, free_port
from tests.load.deliveries import Folder, events

connections: Any = importlib.import_module("dbt.adapters.postgres.connections")


def test_what_is_replaced_is_there() -> None:
    assert connections.psycopg2 is psycopg2
    assert "psycopg2.connect(" in inspect.getsource(connections.PostgresConnectionManager.open)
    assert "load_profile(" in inspect.getsource(requires.profile)


def namespace() -> MacroNamespace:
    """Macros of one name in several places; the names of their packages are names, too."""
    names: Any = ({"a": 1, "b": 2}, {"a": 3, "c": 4}, {"a": 5, "d": 6, "dbt": 7})
    ours, root, internal = names
    packages: Any = {"consent": ours, "dbt_utils": root, "c": root}
    return MacroNamespace(root, ours, internal, packages)


def test_what_stays_the_same_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are those of dbt's own functions, which are dbt's own again afterwards."""
    rows, names = [("null", "2025-09-05", None), ("7", "", True)], ["text", "day", "truth"]
    own = agate_helper.table_from_rows(rows, names, text_only_columns={"text"})
    own_macros = dict(namespace())
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "hidden")
    with dbt_hooks.computed_once():
        for _ in range(2):
            same = agate_helper.table_from_rows(rows, names, text_only_columns={"text"})
            assert [list(row) for row in same.rows] == [list(row) for row in own.rows]
            assert [type(kind) for kind in same.column_types] == [
                type(kind) for kind in own.column_types
            ]
        assert functions.env_scrubber("with hidden in it") == "with ***** in it"
        assert len(agate_helper.empty_table().rows) == 0  # type: ignore[no-untyped-call]
        assert dict(namespace()) == own_macros and "z" not in namespace()
    assert vars(functions)["env_secrets"] is base.env_secrets


def test_parameters_of_libpq_reach_load_and_dbt(
    new_warehouse: Callable[..., Warehouse], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two hosts of which the first is down, a password file, a service, settings of the session."""
    made = new_warehouse()
    found = made.address
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:*:*:{found.user}:{found.password}\n")
    passwords.chmod(0o600)
    (tmp_path / "services").write_text("[consent]\napplication_name=of the service\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv(
        CREDENTIALS,
        f"postgresql://{found.user}:@127.0.0.1/{found.database}?passfile={passwords}"
        f"&host=127.0.0.1,localhost&port={free_port()},{found.port}&service=consent"
        "&target_session_attrs=read-write&keepalives_idle=77&options=-c%20work_mem%3D7MB",
    )
    configured = address.configured()
    assert configured is not None and configured.password == ""
    asked = Warehouse(configured, made.folder)
    Folder(tmp_path / "input").csv("a", events("e1"))
    asked.load(tmp_path / "input")
    shown = asked.dbt(
        *("show", "--output", "json", "--inline"),
        "select concat_ws(',', current_setting('application_name'), current_setting('work_mem'),"
        " (select count(*) from consent_raw.events)) as s",
    )
    assert "of the service,7MB,1" in shown


def test_other_databases_are_dbt_s_own_affair(new_warehouse: Callable[..., Warehouse]) -> None:
    ours, other = new_warehouse().address, new_warehouse().address
    given = {"host": other.host, "port": other.port, "user": other.user}
    given |= {"password": other.password, "dbname": other.database}
    with dbt_hooks.connections_to(ours):
        theirs = connections.psycopg2.connect(**given, application_name="theirs")
    assert theirs.info.dbname == other.database
    assert theirs.info.dsn_parameters["application_name"] == "theirs"
    theirs.close()
    assert connections.psycopg2 is psycopg2
