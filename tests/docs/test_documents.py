"""The documents name only what exists, and what they show as printed is what is printed."""

from __future__ import annotations

import re
import sys

import pytest

from sandbox.warehouse import Warehouse
from tests.conftest import ROOT
from tests.docs import lookup
from tests.docs.reading import (
    DOCUMENTS,
    SCHEMAS,
    Document,
    document,
    gone,
    heading_anchors,
)

FOREIGN = {
    "insert_values": "a file format of dlt's",
    "scripts/": "the assignment's folder",
    "events/jsonl/": "what the walk of CONTRIBUTING.md adds",
    "gcsfs": "an extra that no test needs",
    "adlfs": "an extra that no test needs",
    "dbt-utils": "a package of dbt's own, not of Python",
    "pg_input_is_valid": "a function of Postgres that was refused",
    "transaction_timeout": "a setting of Postgres that is left alone",
}
"""Names that belong to others; everything else is ours or wrong."""
CODES = re.compile(r"Exit codes: (.*?)\n\n", re.DOTALL)


@pytest.fixture(params=DOCUMENTS)
def read(request: pytest.FixtureRequest) -> Document:
    return document(request.param)


@pytest.fixture(scope="session")
def relations(built: Warehouse) -> dict[tuple[str, str], set[str]]:
    """Columns by schema and relation, of everything that load and models made."""
    rows = built.rows("""
        select table_schema, table_name, array_agg(column_name::text)
        from information_schema.columns
        where table_schema not in ('pg_catalog', 'information_schema')
        group by 1, 2
    """)
    return {(schema, table): set(columns) for schema, table, columns in rows}


def test_every_command_exists(read: Document) -> None:
    assert read.commands
    assert lookup.unknown_commands(read.commands) == []


def test_every_option_exists(read: Document) -> None:
    assert lookup.unknown_options(read.options) == []


def test_every_path_exists(read: Document) -> None:
    assert lookup.unknown_paths(set(read.paths) - set(FOREIGN)) == []


def test_every_link_to_a_heading_leads_somewhere(read: Document) -> None:
    for name, anchor in read.anchors:
        assert anchor in heading_anchors(document(name or read.name).text)


def test_every_word_in_capitals_is_one_of_ours(read: Document) -> None:
    assert lookup.unknown_capitals(read.capitals) == []


def test_every_table_exists(read: Document, relations: dict[tuple[str, str], set[str]]) -> None:
    assert [table for table in read.tables if table not in relations] == []


def test_every_name_is_a_column_a_model_a_value_or_in_our_python(
    read: Document, relations: dict[tuple[str, str], set[str]], built: Warehouse
) -> None:
    known = {*SCHEMAS, *FOREIGN, *(table for _, table in relations)}
    known |= set().union(*relations.values()) | gone(read)
    known |= {value for [value] in built.rows("select choice from marts.metric_sensitivity")}
    columns = set().union(*relations.values())
    others = [n for n in read.names if n not in known and not _ends_a_name(n, columns)]
    assert lookup.not_in_code(others) == []


def _ends_a_name(name: str, columns: set[str]) -> bool:
    """Whether it is a suffix, `_is_reliable`, that columns have."""
    return name.startswith("_") and any(column.endswith(name) for column in columns)


def test_every_query_answers(read: Document, built: Warehouse) -> None:
    for query in read.queries:
        assert built.rows(query), query


def test_every_package_in_a_table_is_installed(read: Document) -> None:
    assert lookup.not_installed(set(read.packages) - set(FOREIGN)) == []


def test_exit_codes_are_those_of_the_load(read: Document) -> None:
    script = (ROOT / "pipelines" / "consent_pipeline.py").read_text()
    for sentence in CODES.findall(read.text):
        codes = re.findall(r"(?:^|; )(\d+) ", sentence)
        assert len(codes) > 1
        assert [code for code in codes if not re.search(rf"return .*\b{code}\b", script)] == []


def test_figures_printed_by_the_summary_are_the_ones_shown(
    read: Document, built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = [b.splitlines() for _, b in read.blocks if b.startswith("company        industry")]
    monkeypatch.setenv("COLUMNS", "80")
    printed = built.run(sys.executable, "-m", "dashboard.summary") if shown else ""
    lines = {" ".join(line.split()) for line in printed.splitlines()}
    for block in shown:
        assert [x for x in block if x != "…" and " ".join(x.split()) not in lines] == []


WRONG = [
    "`make fly`", "`make load HOST=x`", "`make --fly run`", "`python -m dashboard.fly --port 1`",
    "`python -m generator --fly`", "`python pipelines/fly.py`", "`dbt fly`", "`cd fly`",
    "`dlt pipeline consent_pipeline fly`", "`export CONSENT_FLY=1`",
    "```\npython pipelines/consent_pipeline.py --fly\n```",
    "```\n0 * * * * cd /path/to/project && make --silent load fly\n```",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_command_is_found(text: str) -> None:
    assert lookup.unknown_commands(Document("", text).commands)


def test_wrong_names_are_found(relations: dict[tuple[str, str], set[str]]) -> None:
    assert lookup.not_installed(["dlt", "no-such-package"]) == ["no-such-package"]
    wrong = Document("", "`docs/fly.png` [x](fly.md) `CONSENT_FLY` `marts.fly` `is_fly`")
    assert lookup.unknown_paths(wrong.paths) == ["docs/fly.png", "fly.md"]
    assert lookup.unknown_capitals(wrong.capitals) == ["CONSENT_FLY"]
    assert wrong.tables == [("marts", "fly")] and wrong.tables[0] not in relations
    assert lookup.not_in_code(wrong.names) == ["is_fly"]
    aside = Document("", "```\nmake load   # --fly loads nothing; --input DIR\n```")
    assert lookup.unknown_options(aside.options) == ["--fly"]
