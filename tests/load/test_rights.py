"""A role that owns its schemas but may not create others: what works, and which right is named."""

from collections.abc import Callable, Iterator

import pytest

from pipelines.consent.bookkeeping import raw_schemas
from sandbox.warehouse import SandboxError, Warehouse
from tests.load.conftest import Loader
from tests.load.deliveries import Folder, events


@pytest.fixture
def may_not_create(loader: Loader) -> Iterator[Loader]:
    """One event is loaded; from then on, the database's owner may create no schema in it."""
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql(f"revoke create on database {loader.address.database} from current_user")
    yield loader


def test_load_and_full_refresh_work_in_schemas_that_exist(may_not_create: Loader) -> None:
    loader = may_not_create
    loader.input.csv("b", events("e2"))
    loader.load()
    assert loader.ids() == ["e1", "e2"]
    loader.load("--full-refresh")
    assert loader.ids() == ["e1", "e2"]
    assert loader.sql("select count(*), min(outcome) from load_files") == [(2, "loaded")]


@pytest.mark.parametrize(
    "schema", ["consent_raw", pytest.param("consent_raw_staging", marks=pytest.mark.slow)]
)
def test_schema_that_is_missing_is_named_with_the_right(
    may_not_create: Loader, schema: str
) -> None:
    loader = may_not_create
    loader.sql(f"drop schema {schema} cascade")
    for arguments in ([], ["--full-refresh"]):
        result = loader.run(*arguments)
        user, database = loader.address.user, loader.address.database
        assert result.code == 2
        assert f"GRANT CREATE ON DATABASE {database} TO {user}" in result.text
        assert f"CREATE SCHEMA {schema} AUTHORIZATION {user}" in result.text
    if schema != "consent_raw":
        assert loader.ids() == ["e1"]  # nothing was dropped
    loader.sql(f"grant create on database {loader.address.database} to {loader.address.user}")
    loader.load()
    assert loader.ids() == ["e1"]


def test_schema_in_which_nothing_may_be_created_is_named(loader: Loader) -> None:
    loader.sql("create schema consent_raw")
    loader.sql("revoke create on schema consent_raw from current_user")
    loader.input.csv("a", events("e1"))
    result = loader.run()
    assert result.code == 2
    assert f"ALTER SCHEMA consent_raw OWNER TO {loader.address.user}" in result.text


def test_full_refresh_that_fails_drops_nothing(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is dropped in one transaction."""
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql("create view public.reader as select * from consent_raw.events")
    with monkeypatch.context() as patch:
        broken = raw_schemas._RELATIONS + " union all select 'consent_raw', 'none', 'nonsense'"
        patch.setattr(raw_schemas, "_RELATIONS", broken + " order by 2")
        result = loader.run("--full-refresh")
    assert result.code == 2 and "nothing is lost" in result.text
    assert loader.ids() == ["e1"] and loader.sql("select event_id from public.reader") == [("e1",)]


def test_build_works_in_schemas_that_exist(
    new_warehouse: Callable[..., Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = new_warehouse()
    folder = tmp_path_factory.mktemp("input")
    Folder(folder).csv("a", events("e1"))
    made.load(folder)
    made.execute(f"revoke create on database {made.address.database} from current_user")
    with pytest.raises(SandboxError) as refused:
        made.build(["stg_consent__load_files"])
    said = " ".join(str(refused.value).split())
    assert "The schema staging is missing" in said
    assert f"GRANT CREATE ON DATABASE {made.address.database} TO {made.address.user}" in said
    made.execute(
        f"grant create on database {made.address.database} to current_user",
        "create schema staging",
        f"revoke create on database {made.address.database} from current_user",
    )
    made.build(["stg_consent__load_files"])
    assert len(made.rows("select from staging.stg_consent__load_files")) == 1
