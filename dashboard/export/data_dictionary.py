"""Marts and their columns, as the models' YAML files describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from database.home import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
_BLOCK = re.compile(r"{%\s*docs (\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_REFERENCE = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")


@dataclass(frozen=True)
class Mart:
    """A mart: its name, what it holds, and what each of its columns holds, in order."""

    name: str
    description: str
    columns: dict[str, str]


def marts(models: Path = MODELS) -> list[Mart]:
    """All marts of the project, by name."""
    blocks = {
        name: text for file in models.rglob("*.md") for name, text in _BLOCK.findall(_read(file))
    }

    def described(entry: dict[str, Any]) -> str:
        text = _REFERENCE.sub(lambda found: blocks[found[1]], entry.get("description", ""))
        return " ".join(text.split())

    found = [
        Mart(m["name"], described(m), {c["name"]: described(c) for c in m.get("columns", [])})
        for file in (models / "marts").rglob("*.yml")
        for m in yaml.safe_load(_read(file)).get("models", [])
    ]
    return sorted(found, key=lambda mart: mart.name)


COLUMNS = {name: "text" for name in ("mart", "mart_description", "column", "type", "description")}
"""Columns of the dictionary's file and their types."""


def lines(marts: list[Mart], types: dict[str, dict[str, str]]) -> Iterator[tuple[str, ...]]:
    """Lines of the dictionary, one per column; `types` are those of the files, by mart."""
    for mart in marts:
        for column, kind in types[mart.name].items():
            described = mart.columns.get(column, "")
            yield (mart.name, mart.description, column, kind, described)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
