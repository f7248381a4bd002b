"""What CHANGELOG.md says was renamed has the new name, and nothing has the old one."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml

from sandbox.warehouse import Warehouse
from tests.conftest import ROOT
from tests.docs.reading import Document, document, gone

SPAN = re.compile(r"`([^`]+)`")


@pytest.fixture(scope="module")
def changes() -> Document:
    return document("CHANGELOG.md")


@pytest.fixture(scope="module")
def columns(built: Warehouse) -> dict[str, set[str]]:
    """Columns by model, of everything that the models made."""
    return {
        name: set(found)
        for name, found in built.rows("""
            select table_name, array_agg(column_name::text) from information_schema.columns
            where table_schema in ('staging', 'intermediate', 'marts') group by 1
        """)
    }


def after(changes: Document, sentence: str) -> Document:
    """The document from a sentence on."""
    return Document(changes.name, changes.text[changes.text.index(sentence) :])


def test_headings_are_dates_newest_first(changes: Document) -> None:
    days = [date.fromisoformat(d) for d in re.findall(r"^## (.+)$", changes.text, re.MULTILINE)]
    assert days == sorted(set(days), reverse=True)


def test_renamed_columns(changes: Document, columns: dict[str, set[str]]) -> None:
    rows = after(changes, "Columns that were renamed").table("in | before | now")
    assert rows
    for models, old, new in rows:
        [before], [now] = SPAN.findall(old), SPAN.findall(new)
        for model in SPAN.findall(models):
            assert now in columns[model], (model, now)
            assert not {c for c in columns[model] if c.startswith(before)}, (model, before)


def test_renamed_values(changes: Document, built: Warehouse) -> None:
    rows = after(changes, "Values that were renamed").table("in | before | now")
    assert rows
    models = [file.read_text() for file in (ROOT / "dbt_project").rglob("m*/**/*.sql")]
    for places, old, new in rows:
        [before], [now] = SPAN.findall(old), SPAN.findall(new)
        for place in SPAN.findall(places):
            table, column = place.split(".")
            found = {
                value for [value] in built.rows(f"select distinct {column} from marts.{table}")
            }
            assert before not in found, (place, before)
            # A value that input/ does not bring about is at least one that the models write.
            assert now in found or any(f"'{now}'" in text for text in models), (place, now)


def test_renamed_models(changes: Document, columns: dict[str, set[str]]) -> None:
    rows = after(changes, "Models that were renamed").table("before | now")
    assert rows
    for old, new in rows:
        assert SPAN.findall(new)[0] in columns
        assert SPAN.findall(old)[0] not in columns


def test_what_was_removed_is_gone(changes: Document, columns: dict[str, set[str]]) -> None:
    assert gone(changes) & columns.keys() == set()


def test_every_relation_that_is_dropped_is_in_it(changes: Document) -> None:
    macro = (ROOT / "dbt_project/macros/upgrades/obsolete_relations.sql").read_text()
    dropped = set(re.findall(r"\('\w+', '(\w+)', '(?:table|view)'\)", macro))
    assert dropped and dropped - gone(changes) == set()


def test_what_the_comparison_of_marts_renames_is_in_it(changes: Document) -> None:
    """`compare_marts.py` could not compare the marts if its list lacked one."""
    listed = yaml.safe_load((ROOT / "tests/dbt/renamed_in_marts.yml").read_text())
    rows = after(changes, "Columns that were renamed").table("in | before | now")
    told = {
        (m, SPAN.findall(b)[0]): SPAN.findall(n)[0] for ms, b, n in rows for m in SPAN.findall(ms)
    }
    for mart, names in listed["columns"].items():
        for old, new in names.items():
            assert any(
                m == mart and old.startswith(before) and new.startswith(now)
                for (m, before), now in told.items()
            ), (mart, old, new)
    for names in listed["added"].values():
        assert [name for name in names if f"`{name}`" not in changes.text] == []
