"""Country codes that the models read as others, or as none, are said and kept in the ledger."""

import re

import pytest
from babel.core import get_global

from database.home import PROJECT_ROOT
from pipelines.consent.checking.countries import iso_country
from tests.load.conftest import Loader
from tests.load.deliveries import event


@pytest.mark.parametrize(
    ("text", "code"),
    [("FR", "FR"), ("UK", "GB"), ("FRA", "FR"), ("ZWE", "ZW"), ("XX", None), ("XK", None)],
)
def test_codes_of_iso(text: str, code: str | None) -> None:
    assert iso_country(text) == code


def test_the_models_and_babel_know_the_same_codes() -> None:
    macro = (PROJECT_ROOT / "dbt_project/macros/consent/countries.sql").read_text()
    codes = {both[2:]: both[:2] for both in re.findall(r"\b[A-Z]{5}\b", macro)}
    assert len(codes) == 249
    assert codes == {long: iso_country(long) for long in codes}
    assert all(get_global("territory_aliases")[long] == [short] for long, short in codes.items())


def test_what_is_read_as_another_code_or_as_none(loader: Loader) -> None:
    texts = ["UK", '"UK"', "fr", "FRA", "XX", "XX", "(not set)", "FR", None, "T1", "x" * 21]
    rows = [event(f"e{n}", COUNTRY=text) for n, text in enumerate(texts)]
    loader.input.csv("a", rows)
    loader.input.parquet("b", [event("f", COUNTRY="EU"), event("g", COUNT=-1, COUNTRY="T1")])
    loader.input.csv("c", [event("h")])
    said = {
        "events/csv/a.csv": "country codes are read as others: UK as GB (2 rows), FRA as FR (1"
        " row); not countries: XX (2 rows), (not set) (1 row), T1 (1 row), longer texts (1 row)",
        "events/parquet/b.parquet": "not countries: EU (1 row)",
        "events/csv/c.csv": "",
    }
    for text in (loader.run("--check").text, loader.load().text):
        for path, assumed in said.items():
            assert (f"Assumed: {path}: {assumed}\n" in text) == bool(assumed)
    assert dict(loader.sql("select path, assumptions from load_files")) == said
    assert loader.column("select country from events where event_id = 'e1'") == ['"UK"']


def test_only_the_most_frequent_texts_are_named(loader: Loader) -> None:
    texts = [f"T{n}" for n in range(14) for _ in range(n + 1)]
    loader.input.csv("a", [event(f"e{n}", COUNTRY=text) for n, text in enumerate(texts)])
    said = loader.load().text
    assert "not countries: T13 (14 rows), T12 (13 rows)," in said
    assert "T4 (5 rows), 4 more\n" in said
