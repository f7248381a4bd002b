"""How often the 95 % intervals of refusals and page views hold the truth: a delivery -> Coverages.

Companies are drawn here, not by the generator: each has a chance of refusing, a chance of leaving
legitimate interest on, and visitors whose page views all say the same. Page views are sampled one
by one, choices are all kept. The truth of page views is their share before sampling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from proof.coverage import Interval
from proof.simulated_delivery import built

MODELS = ("+refusal_integrity", "+company_traffic_consent")
COMPANIES, CHOICES, PAGE_VIEWS = 800, 80, 150
SEED = 5
COLUMNS = (
    "EVENT_ID TYPE RATE PARAMETERS EVENT_TIME WINDOW_START APIKEY CONSENT COUNT EXPERIMENT SDK_TYPE"
    " DOMAIN DEPLOYMENT_ID COUNTRY REGION BROWSER_FAMILY DEVICE_TYPE"
).split()
_CHOICE = '{"action": "click", "purposes_li": {"enabled": [%s], "disabled": [%s]}}'
_LEFT_ON, _OBJECTED = _CHOICE % ('"cookies"', ""), _CHOICE % ("", '"cookies"')
_INTERVALS = {
    "refusals among decisions": ("refusal_rate", "refusal_integrity"),
    "legitimate interest left on": ("legitimate_interest_share", "refusal_integrity"),
    "opted-in page views": ("opt_in_share", "company_traffic_consent"),
}


@dataclass(frozen=True)
class Coverage:
    """The intervals of one figure, and the share of them that hold the truth."""

    figure: str
    intervals: int
    share: float


def measure(folder: Path) -> list[Coverage]:
    """Draw the companies, build their delivery in `folder`, and pool their intervals."""
    delivery = folder / "delivery"
    truths = _write(delivery)
    coverages = []
    with built(delivery, folder, MODELS) as database:
        for figure, (name, mart) in _INTERVALS.items():
            rows = database.rows(
                f"select company_id, {name}, {name}_lower, {name}_upper from marts.{mart}"
                " where deployment_id = 'all'"
            )
            held = [
                Interval(value, lower, upper, truths[company][figure]).holds
                for company, value, lower, upper in rows
                if lower is not None
            ]
            coverages.append(Coverage(figure, len(held), sum(held) / len(held)))
    return coverages


def table(results: Iterable[Coverage]) -> str:
    """Return the results as a Markdown table."""
    lines = ["| share | intervals | hold the truth |", "| --- | ---: | ---: |"]
    lines += [f"| {r.figure} | {r.intervals:,} | {r.share:.1%} |" for r in results]
    return "\n".join(lines)


def _write(delivery: Path) -> dict[str, dict[str, float]]:
    """Write the delivery; return the truth of each figure by company."""
    rng = np.random.default_rng(SEED)
    truths, rows = {}, []
    for number in range(COMPANIES):
        company = f"company-{number}"
        refusing, leaving = rng.uniform(0.02, 0.6), rng.uniform(0.02, 0.98)
        statuses = np.where(rng.random(CHOICES) < refusing, "opt-out", "full opt-in")
        payloads = np.where(rng.random(CHOICES) < leaving, _LEFT_ON, _OBJECTED)
        rows += [
            _row(company, "consent.given", *choice)
            for choice in zip(statuses, payloads, strict=True)
        ]
        log, kept, rate = _page_views(rng)
        rows += [_row(company, "pageview", status, None, rate) for status in log[kept]]
        truths[company] = {
            "refusals among decisions": refusing,
            "legitimate interest left on": leaving,
            "opted-in page views": float((log == "full opt-in").mean()),
        }
    ids = ({"EVENT_ID": str(number), **row} for number, row in enumerate(rows))
    fields = [
        pa.field(n, {"RATE": pa.float64(), "COUNT": pa.int64()}.get(n, pa.string()))
        for n in COLUMNS
    ]
    path = delivery / "events" / "events.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(list(ids), pa.schema(fields)), path)
    return truths


def _page_views(rng: np.random.Generator) -> tuple[Any, Any, float]:
    """The statuses of a company's page views, which of them are kept, and at what rate."""
    rate = float(rng.choice([0.05, 0.2, 0.5]))
    views = rng.geometric(0.2, round(PAGE_VIEWS / rate / 5))  # five on average
    opted_in = rng.random(len(views)) < rng.uniform(0.2, 0.8)
    log = np.repeat(np.where(opted_in, "full opt-in", "opt-out"), views)
    return log, rng.random(len(log)) < rate, rate


def _row(
    company: str, kind: str, status: str, payload: str | None, rate: float = 1.0
) -> dict[str, Any]:
    return {
        "TYPE": kind,
        "RATE": rate,
        "PARAMETERS": payload,
        "EVENT_TIME": "2025-09-05 01:14:29.602",
        "WINDOW_START": "2025-09-05 01:00:00.000",
        "APIKEY": company,
        "CONSENT": str(status),
        "COUNT": round(1 / rate),
        "SDK_TYPE": "sdk-mobile",
        "DEPLOYMENT_ID": "n",
    }
