"""How often the 95 % intervals of company_ranking hold the truth: Settings -> Coverage rows.

There are many simulated companies, so one delivery of each is enough: intervals of a metric are
pooled over companies. An interval of width 0 (nothing was sampled) always holds the truth. Such
intervals are counted separately and left out of the share, since they would flatter it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from generator import CompanyTruth, Settings
from proof.simulated_delivery import World, simulated

MODELS = ("+company_ranking", "+sampling_diagnosis")
# 200 files of 13 companies leave at least 2,000 intervals per metric, not counting intervals of
# width 0. Some companies get none, for example those with fewer than five opt-outs.
DELIVERIES = Settings(
    companies=2600,
    companies_per_file=13,
    events_per_company=250,
    payload="none",
    null_rates=False,
    user_id=False,
)
CASES = {
    "COUNT is 1": replace(DELIVERIES, count="one"),
    "COUNT is round(1 / RATE)": DELIVERIES,
    "COUNT is round(1 / RATE), whole users sampled": replace(DELIVERIES, sampling="users"),
}

METRICS = {
    "conversion_rate": "conversion",
    "event_count": "volume",
    "consent_rate": "consent rate",
}
FORMULAS = {
    "assignment": "COUNT / RATE (the assignment)",
    "corrected": "corrected",
    "inverse_rate": "1 / RATE",
}
_INTERVALS = """
    select metric, formula, company_id, metric_value, metric_lower, metric_upper
    from marts.company_ranking
    where is_reliable
    union all
    select metric, 'inverse_rate', company_id, metric_value, metric_lower, metric_upper
    from intermediate.int_company_metrics
    where is_reliable and weighting = 'inverse_rate' and metric = 'event_count'
"""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval, and the true value."""

    value: float
    lower: float
    upper: float
    truth: float

    @property
    def holds(self) -> bool:
        """Whether it contains the truth, up to rounding errors."""
        slack = 1e-9 * abs(self.truth)
        return self.lower - slack <= self.truth <= self.upper + slack

    @property
    def is_exact(self) -> bool:
        """Whether its width is 0."""
        return math.isclose(self.lower, self.upper, rel_tol=1e-12)


@dataclass(frozen=True)
class Coverage:
    """Pooled intervals of one metric under one formula.

    share: part of the `intervals` (those with a width) that hold the truth. exact: intervals of
    width 0; exact_right: those that hold it. centre: median of estimate / truth.
    """

    case: str
    metric: str
    formula: str
    intervals: int
    share: float
    exact: int
    exact_right: int
    centre: float


@dataclass(frozen=True)
class Result:
    """One case: its coverages, and the number of deliveries per verdict."""

    case: str
    coverages: list[Coverage]
    verdicts: dict[str, int]

    def coverage(self, metric: str, formula: str) -> Coverage:
        """Return the coverage of a metric under a formula."""
        return next(c for c in self.coverages if (c.metric, c.formula) == (metric, formula))


def measure(case: str, folder: Path) -> Result:
    """Simulate a case (a key of CASES) in `folder` and pool its intervals."""
    with simulated(CASES[case], folder, MODELS) as world:
        verdicts = world.database.rows(
            "select verdict, count(*) from marts.sampling_diagnosis group by 1"
        )
        return Result(case, list(_coverages(case, world)), dict(verdicts))


def table(results: Iterable[Result]) -> str:
    """Return the cases as a Markdown table, one line per metric and formula."""
    lines = ["| delivery | metric | weighting | estimate / truth | intervals | hold the truth |"]
    lines.append("| --- | --- | --- | ---: | ---: | ---: |")
    for result in results:
        for c in result.coverages:
            lines.append(
                f"| {c.case} | {METRICS[c.metric]} | {FORMULAS[c.formula]} "
                f"| {c.centre:.3f} | {c.intervals:,} | {c.share:.1%} |"
            )
    return "\n".join(lines)


def sentences(results: Iterable[Result]) -> str:
    """Return what the diagnosis said about each case, and what the shares leave out."""
    lines = []
    for result in results:
        said = ", ".join(f"“{verdict}” {n:,} ×" for verdict, n in result.verdicts.items())
        exact = result.coverage("conversion_rate", "corrected")
        lines.append(
            f"- {result.case}: the diagnosis says {said}. Conversions of width 0 (nothing "
            f"sampled): {exact.exact:,}, right in {exact.exact_right:,}."
        )
    return "\n".join(lines)


def truth_of(metric: str, company: CompanyTruth) -> float | None:
    """Return what a metric estimates: a figure of the log before sampling, or a probability."""
    return {
        "event_count": company.event_count,
        "conversion_rate": company.consent_conversion_rate,
        "consent_rate": company.consent_rate_probability,
    }[metric]


def _coverages(case: str, world: World) -> Iterator[Coverage]:
    companies = {company.company_id: company for company in world.truth.companies}
    pools: dict[tuple[str, str], list[Interval]] = {}
    for metric, formula, company_id, value, lower, upper in world.database.rows(_INTERVALS):
        truth = truth_of(metric, companies[company_id])
        if truth is not None:
            pools.setdefault((metric, formula), []).append(
                Interval(value, lower, upper, float(truth))
            )
    for (metric, formula), pool in sorted(pools.items()):
        wide = [interval for interval in pool if not interval.is_exact]
        exact = [interval for interval in pool if interval.is_exact]
        yield Coverage(
            case=case,
            metric=metric,
            formula=formula,
            intervals=len(wide),
            share=sum(interval.holds for interval in wide) / len(wide),
            exact=len(exact),
            exact_right=sum(interval.holds for interval in exact),
            centre=statistics.median(interval.value / interval.truth for interval in pool),
        )
