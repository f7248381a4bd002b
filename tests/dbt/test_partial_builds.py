"""A build of some models leaves all others as they are, and readers never notice a build."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest

from database import address
from sandbox import dbt_in_process
from sandbox.warehouse import UNTESTED, Warehouse
from tests.dbt import raw_tables as raw

RELATIONS = """
select nspname || '.' || relname, relkind from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
where nspname in ('staging', 'intermediate', 'marts', 'private') and relkind in ('r', 'v')
"""


@pytest.fixture(scope="module")
def built_small(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """A few events in all models, and a user's view on a mart."""
    made = new_warehouse()
    raw.create(made.url)
    raw.companies(made.url, [("a", "Gaming / Sport", "Sport", "France")])
    lists = {"purposes": {"enabled": ["cookies"], "disabled": []}}
    raw.load(
        made.url,
        "1757000002.5",
        [raw.event(f"p{number}") for number in range(5)]
        + [raw.event(f"a{number}", type="consent.asked") for number in range(5)]
        + [raw.event(f"g{number}", type="consent.given", parameters=lists) for number in range(5)],
    )
    made.build()
    made.execute(
        "create schema private",
        "create view private.headquarters as"
        " select company_id, hq_country from marts.dim_companies",
    )
    return made


@pytest.fixture
def warehouse(new_warehouse: Callable[..., Warehouse], built_small: Warehouse) -> Warehouse:
    return new_warehouse(built_small)


def contents(warehouse: Warehouse) -> dict[str, str]:
    """Of every relation its rows as one text; those that say when they were written left out."""
    each = (
        f"select '{name}', coalesce(string_agg(row, ';' order by row), '')"
        f" from (select cast(t as text) as row from {name} as t) as texts"
        for name, _ in warehouse.rows(RELATIONS)
    )
    return dict(warehouse.rows(" union all ".join(each)))


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(("run", "--select", "dim_companies"), id="a table that views read"),
        pytest.param(("run", "--select", "stg_consent__events"), id="a view that views read"),
        pytest.param(("run", "--full-refresh", "--select", "int_consent_daily"), id="stored again"),
        pytest.param(("seed", "--full-refresh", "--select", "countries"), id="a seed"),
        pytest.param(("run", "--select", "+company_performance"), id="with parents"),
    ],
)
def test_everything_else_stays(warehouse: Warehouse, build: tuple[str, ...]) -> None:
    before = contents(warehouse)
    warehouse.dbt(*build)
    assert contents(warehouse) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parents", "last_only"),
    [
        pytest.param("", False, id="each alone"),
        pytest.param("+", True, id="those that no model reads, with their parents"),
        pytest.param("+", False, id="each with its parents", marks=pytest.mark.campaign),
    ],
)
def test_each_model_alone_leaves_everything_else(
    new_warehouse: Callable[..., Warehouse], built_small: Warehouse, parents: str, last_only: bool
) -> None:
    before = contents(built_small)
    warehouse = new_warehouse(built_small)
    nodes = dbt_in_process.manifest().nodes
    models = {key: node for key, node in nodes.items() if str(node.resource_type) == "model"}
    read = {key for node in models.values() for key in node.depends_on_nodes}
    chosen = [node.name for key, node in models.items() if not (last_only and key in read)]
    assert len(chosen) > (10 if last_only else 40)
    for model in chosen:
        warehouse.dbt("run", "--select", parents + model)
        assert contents(warehouse) == before, model


def test_a_table_with_another_column_keeps_the_views_on_it(warehouse: Warehouse) -> None:
    """As after an upgrade: the table is built beside the old one, and takes its name."""
    warehouse.execute("alter table marts.dim_companies add column former integer")
    warehouse.dbt("run", "--select", "dim_companies")
    assert warehouse.rows("select * from private.headquarters") == [("a", "France")]
    assert warehouse.rows("select count(*) > 0 from marts.consent_daily") == [(True,)]
    warehouse.build(["dim_companies", "consent_daily"])
    assert warehouse.rows("select * from private.headquarters") == [("a", "France")]


@contextmanager
def reading(warehouse: Warehouse, marts: list[str]) -> Iterator[list[str]]:
    """Queries all marts in a loop meanwhile; what goes wrong is in the list afterwards."""
    wrong: list[str] = []
    rounds = 0
    ended = threading.Event()

    def read() -> None:
        nonlocal rounds
        with closing(address.connect(warehouse.address)) as connection:
            connection.autocommit = True
            while not ended.is_set():
                for mart in marts:
                    try:
                        with connection.cursor() as cursor:
                            cursor.execute(f"select count(*) from {mart}")
                            if cursor.fetchone() == (0,):
                                wrong.append(f"{mart} is empty")
                    except psycopg2.Error as error:
                        wrong.append(f"{mart}: {error}")
                rounds += 1

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield wrong
    finally:
        ended.set()
        reader.join()
    assert rounds > 2


def test_a_reader_never_finds_a_mart_missing_or_empty(warehouse: Warehouse) -> None:
    marts = [name for name, rows in contents(warehouse).items() if "marts." in name and rows]
    assert len(marts) > 15
    with reading(warehouse, marts) as wrong:
        warehouse.dbt("build", *UNTESTED)
    assert wrong == []


@pytest.mark.slow
def test_a_view_on_many_stored_models_holds_up_no_full_refresh(warehouse: Warehouse) -> None:
    """Several are made again at the same time, and each has to read the view's definition."""
    stored = "consent_daily consent_pairs quality_daily sampling_daily activity_hourly".split()
    counts = ", ".join(
        f"(select count(*) from intermediate.int_{name}) as {name}" for name in stored
    )
    warehouse.execute(*(f"create view private.user_{n} as select {counts}" for n in range(6)))
    before = warehouse.rows("select * from private.user_5")
    warehouse.dbt("run", "--full-refresh", "--select", "config.materialized:incremental")
    assert warehouse.rows("select * from private.user_5") == before
