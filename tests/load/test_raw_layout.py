"""The raw dataset says which version of the project can work on it."""

from pipelines.consent.bookkeeping.raw_layout import LAYOUT
from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, events

LAYOUT_OF_LEDGER = "select obj_description('consent_raw.load_files'::regclass, 'pg_class')"


def test_a_newer_layout_is_refused_before_anything_is_touched(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    loader.sql(f"comment on table load_files is 'layout {LAYOUT + 1}'")
    loader.input.csv("b", events("e2"))
    for options in ((), ("--full-refresh",)):
        result = loader.run(*options)
        assert result.code == 2
        assert f"consent_raw has layout {LAYOUT + 1}, which a later version" in result.text
        assert loader.ids() == ["e1"]
        assert len(loader.outcomes()) == 1


def test_a_dataset_without_a_layout_is_brought_up(loader: Loader) -> None:
    path = loader.input.companies([COMPANY])
    loader.input.csv("a", events("e1"))
    loader.load()
    assert loader.value(LAYOUT_OF_LEDGER) == f"layout {LAYOUT}"
    loader.sql("comment on table load_files is null")
    loader.sql("drop table company_lists")
    loader.sql("alter table load_files drop column version")

    assert "0 files loaded, 2 unchanged since" in loader.load().text
    assert loader.value(LAYOUT_OF_LEDGER) == f"layout {LAYOUT}"
    name = path.relative_to(loader.input.root).as_posix()
    assert loader.sql("select * from company_lists") == [(name, COMPANY["PUBLIC_API_KEY"])]
