"""A stored model with another layout is computed again, whatever is selected; history never is."""

from collections.abc import Callable

import pytest

from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

RUN = ("run", "--select", "+int_reported_loads", "int_consent_daily")


@pytest.fixture(scope="module")
def built(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    made = new_warehouse()
    raw.create(made.url)
    raw.load(made.url, "1757000002.5", [raw.event(f"e{number}") for number in range(5)])
    made.dbt(*RUN)
    return made


def test_a_stored_model_of_another_layout_is_computed_again(
    new_warehouse: Callable[..., Warehouse], built: Warehouse
) -> None:
    changed = new_warehouse(built)
    changed.execute(
        "alter table marts.fct_events drop column domain cascade",
        "alter table intermediate.int_consent_daily rename event_row_count to rows",
        "comment on table marts.fct_events is 'layout 0'",
        "comment on table intermediate.int_consent_daily is 'layout 0'",
    )
    again = ("run", "--select", "fct_events", "int_consent_daily")
    said = changed.dbt(*again)

    assert "marts.fct_events changes from layout 0 to layout 7" in said
    assert "intermediate.int_consent_daily changes from layout 0 to layout 2" in said
    for relation in ("marts.fct_events", "intermediate.int_consent_daily"):
        rows = f"select to_jsonb(relation) from {relation} as relation order by 1"
        assert changed.rows(rows) == built.rows(rows)
        indexes = f"select count(*) from pg_index where indrelid = '{relation}'::regclass"
        assert changed.rows(indexes) == built.rows(indexes)
    assert "changes from layout" not in changed.dbt(*again)


def test_history_is_never_computed_again(
    new_warehouse: Callable[..., Warehouse], built: Warehouse
) -> None:
    changed = new_warehouse(built)
    changed.execute("comment on table intermediate.int_reported_loads is 'layout 0'")

    again = ("run", "--select", "int_reported_loads")
    said = changed.dbt(*again)
    assert "intermediate.int_reported_loads changes from layout 0 to layout 1" in said

    seen = "select * from intermediate.int_reported_loads"
    assert len(built.rows(seen)) == 1
    assert changed.rows(seen) == built.rows(seen)
    assert "changes from layout" not in changed.dbt(*again)


@pytest.mark.parametrize(
    "relation", ["consent_raw.load_files", "marts.fct_events", "intermediate.int_reported_loads"]
)
def test_a_newer_layout_is_refused_before_anything_is_touched(
    new_warehouse: Callable[..., Warehouse], built: Warehouse, relation: str
) -> None:
    changed = new_warehouse(built)
    changed.execute(f"comment on table {relation} is 'layout 99'")
    raw.load(changed.url, "1757000003.5", [raw.event("later")])
    said = changed.dbt("run", fails=True)
    assert f"{relation} has layout 99" in said
    assert "Nothing was changed. A later version made it: use that." in said
    assert changed.rows("select count(*) from marts.fct_events") == [(5,)]
