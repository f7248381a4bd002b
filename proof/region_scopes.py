"""How often the intervals of region_scope_consent hold the truth, and it warns for nothing.

Worlds of eight companies are drawn. They differ in consent and in size, and have one odds ratio in
common. The mart's SQL, compiled by dbt, reads each world in place of notice_performance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from database import address
from generator import Settings
from proof.simulated_delivery import simulated

WORLDS, COMPANIES = 1000, 8
SEED = 9
DELIVERY = Settings(companies=1, events_per_company=200, payload="none")
"""Only there so that dbt compiles the mart."""
MODEL = "target/compiled/consent/models/marts/notices/region_scope_consent.sql"
INTERVALS = ("odds_ratio", "inside_standardised_rate", "outside_standardised_rate")
_WORLD = """
create temporary table world (
    company_id text, breakdown text, value text, decision_row_count bigint, opt_in_row_count bigint
)
"""
_INSERT = "insert into world values (%s, 'region scope', %s, %s, %s)"


@dataclass(frozen=True)
class Coverage:
    """A figure of all companies or of each, how many intervals, and the share that holds."""

    figure: str
    intervals: int
    share: float


def measure(folder: Path) -> list[Coverage]:
    """Draw the worlds, have the mart read them, and compare."""
    rng = np.random.default_rng(SEED)
    held: dict[str, list[bool]] = {}
    with simulated(DELIVERY, folder, ["+region_scope_consent"]) as made:
        query = re.sub(
            r'"\w+"\."marts"\."notice_performance"',
            "world",
            (made.database.folder / MODEL).read_text(encoding="utf-8"),
        )
        with closing(address.connect(made.database.address)) as connection:
            cursor = connection.cursor()
            cursor.execute(_WORLD)
            for _ in range(WORLDS):
                rows, truth = _world(rng)
                cursor.execute("truncate world")
                cursor.executemany(
                    "insert into world values (%s, 'region scope', %s, %s, %s)", rows
                )
                cursor.execute(query)
                names = [column.name for column in cursor.description]
                found = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
                _compare(found, truth, held)
    return [Coverage(name, len(each), sum(each) / len(each)) for name, each in held.items()]


def table(results: Iterable[Coverage]) -> str:
    """Return the results as a Markdown table."""
    lines = ["| figure of region_scope_consent | cases | share |", "| --- | ---: | ---: |"]
    lines += [f"| {r.figure} | {r.intervals:,} | {r.share:.1%} |" for r in results]
    return "\n".join(lines)


def _world(rng: np.random.Generator) -> tuple[list[tuple[Any, ...]], dict[str, float]]:
    """Rows of company, scope, decisions and opt-ins, and the truth."""
    odds_ratio = float(rng.uniform(0.5, 1.5))
    sizes = np.exp(rng.normal(4.2, 0.8, (2, COMPANIES))).astype(int) + 5
    outside = rng.uniform(0.55, 0.95, COMPANIES)
    odds = odds_ratio * outside / (1 - outside)
    chances = np.array([odds / (1 + odds), outside])
    opt_ins = rng.binomial(sizes, chances)
    rows = [
        (f"company-{number}", scope, int(sizes[side, number]), int(opt_ins[side, number]))
        for side, scope in enumerate(("EEA, UK and CH", "elsewhere"))
        for number in range(COMPANIES)
    ]
    standardised = chances @ sizes.sum(axis=0) / sizes.sum()
    return rows, dict(zip(INTERVALS, (odds_ratio, *map(float, standardised)), strict=True))


def _compare(
    found: dict[str, dict[str, Any]], truth: dict[str, float], held: dict[str, list[bool]]
) -> None:
    """Note which intervals hold the truth, and whether companies are said to differ."""
    of_all = found.pop("all")
    for name in INTERVALS:
        figure = f"{name.replace('_', ' ')}, all companies"
        held.setdefault(figure, []).extend(_holds(of_all, name, truth))
    for company in found.values():
        held.setdefault("odds ratio of a company", []).extend(_holds(company, "odds_ratio", truth))
    held.setdefault("warns although no company differs", []).append(of_all["companies_differ"])


def _holds(row: dict[str, Any], name: str, truth: dict[str, float]) -> list[bool]:
    """Whether the interval holds the truth; nothing where there is none."""
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    return [] if lower is None else [bool(lower <= truth[name] <= upper)]
