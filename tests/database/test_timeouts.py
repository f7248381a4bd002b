"""Timeouts that a server or a role sets for applications end neither a load nor a build."""

from collections.abc import Callable
from contextlib import closing
from unittest import mock

import dlt
import psycopg2
import pytest
from dlt.destinations.exceptions import DatabaseException

from database import address
from database.address import TIMEOUTS
from pipelines.consent.run import make_pipeline
from sandbox.warehouse import Warehouse
from tests.conftest import ROOT

OFF = ["0"] * len(TIMEOUTS)
SETTINGS = ", ".join(f"current_setting('{name}')" for name in TIMEOUTS)


@pytest.fixture(scope="module")
def impatient(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """A database in which statements end after 20 ms, and sessions that idle after 200 ms."""
    made = new_warehouse()
    limits = dict(zip(TIMEOUTS, ("20ms", "20ms", "50ms", "200ms", "100ms"), strict=True))
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


def test_connections_of_dlt_are_patient_after_an_error_too(impatient: Warehouse) -> None:
    """After an error dlt resets its session, which takes settings back."""
    with mock.patch.dict("os.environ", impatient.environment()):
        dlt.current.run_context().reload()
        with make_pipeline().sql_client() as client:
            with pytest.raises(DatabaseException):
                client.execute_sql("select from nowhere")
            [row] = client.execute_sql(f"select {SETTINGS}, current_setting('search_path')") or []
    dlt.current.run_context().reload()
    assert list(row[:-1]) == OFF and row[-1] == "consent_raw, public"


@pytest.mark.slow  # builds all models
def test_load_and_build_end(impatient: Warehouse) -> None:
    impatient.load(ROOT / "input")
    impatient.build()
    shown = impatient.dbt(
        "show", "--output", "json", "--inline", f"select concat_ws(',', {SETTINGS}) as s"
    )
    assert ",".join(OFF) in shown
