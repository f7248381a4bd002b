"""Development, CI and production in one database: each target has its own schemas."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.queries.marts import Marts
from sandbox.warehouse import Warehouse, dbt_command
from tests.dbt import raw_tables as raw

pytestmark = pytest.mark.slow  # processes of dbt

RELATIONS = """
select nspname || '.' || relname, pg_class.oid from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'v') and nspname ~ '(staging|intermediate|marts)$' order by 1
"""


@pytest.fixture(scope="module")
def production(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """One load, and the default target built as far as dim_companies; its artifacts are kept."""
    made = new_warehouse()
    raw.create(made.url)
    raw.load(made.url, "1757000002.5", [raw.event("first")])
    made.run(*dbt_command("run", "--select", "+dim_companies"))
    (made.folder / "target").rename(made.folder / "state")
    return made


def test_another_target_has_its_own_schemas(
    production: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = production.rows(RELATIONS)
    monkeypatch.setenv("CONSENT_SCHEMA", "dev")
    production.run(*dbt_command("run", "--select", "+dim_companies"))
    production.run(*dbt_command("seed"))
    after = dict(production.rows(RELATIONS))
    assert [(name, after.pop(name)) for name, _ in before] == before
    assert {name.split(".")[0] for name in after} == {
        "dev_staging",
        "dev_intermediate",
        "dev_marts",
    }
    read = production.rows("select pg_get_viewdef('dev_staging.stg_consent__events'::regclass)")
    assert "consent_raw.events" in read[0][0]
    marts = Marts(lambda: production.address)
    assert len(marts.frame("select * from marts.dim_companies")) > 0
    marts.close()


def test_defer_reads_what_production_built(
    production: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSENT_SCHEMA", "ci")
    state = str(production.folder / "state")
    for _ in range(2):
        production.run(
            *dbt_command("run", "--select", "int_consent_daily", "dim_companies"),
            *("--defer", "--state", state),
        )
    built = {name for name, _ in production.rows(RELATIONS) if name.startswith("ci_")}
    assert built == {"ci_intermediate.int_consent_daily", "ci_marts.dim_companies"}
    ours, theirs = (
        production.rows(f"select * from {schema}.dim_companies order by 1")
        for schema in ("ci_marts", "marts")
    )
    assert ours == theirs


def test_builds_of_two_targets_do_not_wait_for_each_other(
    production: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from database.session_lock import session_lock

    with session_lock(production.address, "consent build", "waiting"):
        monkeypatch.setenv("CONSENT_SCHEMA", "dev")
        said = production.run(*dbt_command("run", "--select", "stg_consent__loads"))
    assert "another build" not in said
