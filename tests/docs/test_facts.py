"""Statements of the documents that the code decides: columns, packages, rooms, licence, words."""

from __future__ import annotations

import hashlib
import re
import tomllib

import pytest

from pipelines.consent.names import COMPANY_FIELDS, EVENT_FIELDS, FIELDS, ORDER_KEY, REQUIRED
from tests.conftest import ROOT
from tests.docs.reading import DOCUMENTS, document

APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
HOSTS = {"dlthub.com", "docs.getdbt.com", "keepachangelog.com", "host:5432"}
PLACES = {"bucket", "delivery.zip"}
"""Examples of what `--input` takes."""
FOREIGN = [r"/work\b", r"/root\b", r"/home/", r"\bshared/", r"\b(?:DOMAIN|FINDINGS|STYLE)\.md"]
"""Paths of one machine, and documents that the project does not have."""
NOT_SAID = [r"say(?:s|ing)? yes", r"\banew\b", r"\bis no [a-z]", r"\ba (?:row|line) an? ",
            r"\bones that\b", r"in the place of"]  # fmt: skip
"""Conversion counts opt-outs too; the others are not how one would say it."""
UNNAMED = {"setuptools"}
"""Builds the package; nobody imports it."""


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_licence_is_unmodified() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_the_columns_of_a_file_are_those_that_the_loader_requires() -> None:
    events, companies = document("README.md").table("file of | columns")
    assert spans(events[1]) == list(EVENT_FIELDS)
    assert spans(companies[1]) == list(COMPANY_FIELDS)
    for (table, _), row in zip(FIELDS.items(), (events, companies), strict=False):
        assert set(spans(row[2])) == REQUIRED[table] - ORDER_KEY.keys()


def test_terms_are_defined_before_they_are_used() -> None:
    text = document("README.md").text
    defined = text.index("## What the figures mean")
    for term in ("`COUNT`", "`RATE`", "COUNT / RATE", "assignment", "orrected", "onversion"):
        assert text.index(term) > defined, term
    assert text.index("`RATE` is the share") < text.index("COUNT / RATE")


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *(p for extra in extras.values() for p in extra)]
    wanted = {re.split(r"[^\w-]", package)[0] for package in listed} - UNNAMED
    wanted = {re.sub(r"-templater-dbt$", "", p) for p in wanted if not _is_stubs(p)}
    rows = document("SOLUTION.md").table("package | why")
    found = {name.partition("[")[0] for row in rows for name in spans(" ".join(row))}
    assert wanted - found == set()
    first = {name.partition("[")[0] for row in rows for name in spans(row[0])}
    assert first - wanted == {"dbt-utils"}  # dbt's own kind of package


def _is_stubs(package: str) -> bool:
    return package.startswith("types-") or package.endswith("-stubs")


def test_every_room_is_in_the_architecture() -> None:
    packages = [f.parent for part in ("pipelines/consent", "database", "dashboard", "sandbox")
                for f in (ROOT / part).rglob("__init__.py")]  # fmt: skip
    rooms = {f.relative_to(ROOT).as_posix() + "/" for f in packages}
    rooms |= {f"dbt_project/macros/{f.name}/" for f in (ROOT / "dbt_project/macros").glob("*/")}
    named = {name for row in document("ARCHITECTURE.md").table("room |") for name in spans(row[0])}
    assert rooms - named == set()


def test_every_decision_says_what_it_costs() -> None:
    text = document("SOLUTION.md").text.split("\n## ")[3]
    decisions = text.split("\n### ")[1:]
    assert len(decisions) > 10
    assert [d.splitlines()[0] for d in decisions if "*Cost:*" not in d] == []


def test_solution_keeps_its_five_sections() -> None:
    headings = re.findall(r"^## (\d)\. ", document("SOLUTION.md").text, re.MULTILINE)
    assert headings == ["1", "2", "3", "4", "5"]


def test_every_import_rule_is_in_the_architecture_by_its_name() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    text = " ".join(document("ARCHITECTURE.md").text.split())
    named = {name.rstrip(".") for name in re.findall(r"- \*\*(\w+: .*?)\*\*", text)}
    assert named == {contract["name"] for contract in tools["importlinter"]["contracts"]}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_foreign_host_or_path_is_named(name: str) -> None:
    text = document(name).text
    named = set(re.findall(r"\w+://(?:[^/\s@]*@)?(\w[\w.:-]*)", text))
    assert named <= HOSTS | PLACES
    assert [pattern for pattern in FOREIGN if re.search(pattern, text)] == []


@pytest.mark.parametrize("name", [*DOCUMENTS, "pyproject.toml"])
def test_words_that_are_not_used(name: str) -> None:
    text = " ".join((ROOT / name).read_text().split())
    assert [found[0] for pattern in NOT_SAID for found in re.finditer(pattern, text)] == []
