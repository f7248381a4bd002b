"""Timeouts that a server or a role sets for applications end neither a load nor a build."""

from collections.abc import Callable
from contextlib import closing
from unittest import mock

import dlt
import psycopg2
import pytest

from database import address, dbt
from database.address import TIMEOUTS, Address
from pipelines.consent.run import make_pipeline
from sandbox.warehouse import Warehouse
from tests.conftest import ROOT

OFF = ["0"] * len(TIMEOUTS)
SETTINGS = ", ".join(f"current_setting('{name}')" for name in TIMEOUTS)


@pytest.fixture(scope="module")
def impatient(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """A database in which statements end after 20 ms, and sessions that idle after 200 ms."""
    made = new_warehouse()
    limits = dict(zip(TIMEOUTS, ("20ms", "20ms", "50ms", "200ms"), strict=True))
    for name, limit in limits.items():
        made.execute(f"alter database {made.address.database} set {name} = '{limit}'")
    with pytest.raises(psycopg2.errors.QueryCanceled):
        made.rows("select pg_sleep(1)")
    return made


def test_own_connections_are_patient(impatient: Warehouse) -> None:
    with (
        closing(address.without_timeouts(address.connect(impatient.address))) as connection,
        connection.cursor() as cursor,
    ):
        connection.rollback()
        cursor.execute(f"select {SETTINGS}")
        assert list(cursor.fetchone()) == OFF


def test_connections_of_dlt_are_patient(impatient: Warehouse) -> None:
    with mock.patch.dict("os.environ", impatient.environment()):
        dlt.current.run_context().reload()
        with make_pipeline().sql_client() as client:
            [row] = client.execute_sql(f"select {SETTINGS}, pg_sleep(0.3)") or []
    dlt.current.run_context().reload()
    assert list(row[:-1]) == OFF


@pytest.mark.slow  # builds all models
def test_load_and_build_end(impatient: Warehouse) -> None:
    impatient.load(ROOT / "input")
    impatient.build()
    shown = impatient.dbt(
        "show", "--output", "json", "--inline", f"select concat_ws(',', {SETTINGS}) as s"
    )
    assert ",".join(OFF) in shown


def test_settings_of_the_user_reach_dbt_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=64MB")
    found = Address("h", 1, "u", "p", "d", False, {"options": "-c jit=off"})
    given = dbt.environment(found)["PGOPTIONS"]
    assert given.startswith("-c work_mem=64MB -c jit=off -c statement_timeout=0 ")


def test_a_pooler_that_refuses_options_is_known(
    database: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert address.takes_options(database)

    def refuse(*_: object, **__: object) -> None:
        raise psycopg2.OperationalError("FATAL:  unsupported startup parameter in options: jit")

    monkeypatch.setattr(address, "connect", refuse)
    assert not address.takes_options(database)
