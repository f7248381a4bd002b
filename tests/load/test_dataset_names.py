"""dlt's own settings say what the schemas of the load are called."""

from pathlib import Path

import pytest

from database import datasets
from database.address import Address
from database.database_error import DatabaseError
from sandbox.warehouse import Warehouse, dbt_command
from tests.load.conftest import Loader
from tests.load.deliveries import events

NAMES = {
    "PIPELINES__CONSENT_PIPELINE__DATASET_NAME": "Other-Raw",
    "PIPELINES__DATASET_NAME_LAYOUT": "of_%s",
    "DESTINATION__POSTGRES__STAGING_DATASET_NAME_LAYOUT": "new_%s",
}


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NAMES.items():
        monkeypatch.setenv(name, value)


def schemas(loader: Loader) -> set[str]:
    return set(loader.column("select nspname from pg_namespace where nspname ~ 'raw|stag'"))


def test_load_uses_the_names_of_dlt_s_configuration(renamed: None, loader: Loader) -> None:
    loader.input.csv("a", [*events("e1"), *events("e2", RATE="7")])
    said = loader.load().text
    assert "Rejected rows are in of_other_raw.events_quarantine" in said
    assert schemas(loader) == {"of_other_raw", "new_of_other_raw"}
    loader.input.csv("b", events("e3"))
    loader.load()
    for arguments in ([], ["--full-refresh"]):
        loader.load(*arguments)
        assert loader.column("select event_id from of_other_raw.events order by 1") == ["e1", "e3"]
    assert schemas(loader) == {"of_other_raw", "new_of_other_raw"}


def test_datasets_of_one_home_are_apart(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """dlt's working folder knows one dataset; the next run asks the database for the other."""
    loader.input.csv("a", events("e1"))
    loader.load()
    with monkeypatch.context() as patch:
        for name, value in NAMES.items():
            patch.setenv(name, value)
        loader.input.csv("b", events("e2"))
        loader.load()
    loader.input.csv("c", events("e3"))
    loader.load()
    assert loader.ids() == ["e1", "e2", "e3"]
    assert loader.column("select event_id from of_other_raw.events order by 1") == ["e1", "e2"]


@pytest.mark.slow  # processes of dbt
def test_dbt_reads_that_dataset(renamed: None, loader: Loader, tmp_path: Path) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    made = Warehouse(loader.address, tmp_path / "home")
    made.run(*dbt_command("run", "--select", "stg_consent__events"))
    assert made.rows("select event_id from staging.stg_consent__events") == [("e1",)]
    said = made.run(*dbt_command("source", "freshness"))
    assert "ERROR" not in said and "PASS freshness of consent_raw.events" in said


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SCHEMA__NAMING", "direct", "snake_case, not direct"),
        ("SCHEMA__NAMING", "none such", "cannot be read"),
        ("PIPELINES__DATASET_NAME_LAYOUT", "fixed", "cannot be read"),
        ("DATASET_NAME", "marts", "must be two schemas, and none of staging, intermediate"),
        ("DESTINATION__POSTGRES__STAGING_DATASET_NAME_LAYOUT", "%s", "must be two schemas"),
        ("DESTINATION__POSTGRES__STAGING_DATASET_NAME_LAYOUT", "staging", "must be two schemas"),
    ],
)
def test_names_that_cannot_work_are_refused(
    database: Address, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(DatabaseError, match=sentence):
        datasets.configured()


def test_page_reads_the_schemas_of_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "select marts.x from marts.fct_events as marts join staging.y using (smarts.z)"
    monkeypatch.delenv("CONSENT_SCHEMA", raising=False)
    assert '"marts".fct_events' in datasets.in_target(query)
    monkeypatch.setenv("CONSENT_SCHEMA", "dev")
    assert 'from "dev_marts".fct_events as marts join "dev_staging".y' in datasets.in_target(query)
