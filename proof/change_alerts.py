"""How often consent_trend alarms falsely, and how often it finds a drop: Settings -> Result.

Steady companies: every alert is false. The false discovery rate promises that a family of tests
alarms in at most 5 % of such families, so families are drawn from the simulated companies. In the
other cases the consent rate of every fifth company falls by 10 points at a midnight.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from generator import Settings
from proof.simulated_delivery import World, simulated

MODELS = ("+consent_trend",)
STEADY = Settings(
    companies=500,
    companies_per_file=25,
    events_per_company=1000,
    days=4,
    payload="none",
    null_rates=False,
    user_id=False,
)
CASES = {
    "steady": STEADY,
    "steady for a day, by hour": replace(STEADY, companies=200, days=0.9, events_per_company=2500),
    "a drop of 10 points, about 100 decisions a day": replace(STEADY, drop=0.1, companies=300),
    "a drop of 10 points, about 400 decisions a day": replace(
        STEADY, drop=0.1, companies=100, companies_per_file=5, events_per_company=4000
    ),
    "a drop of 10 points, about 800 decisions a day": replace(
        STEADY, drop=0.1, companies=50, companies_per_file=5, events_per_company=8000
    ),
}
FAMILIES, COMPANIES_OF_A_FAMILY = 2000, 40
RATE = 0.05
_CHANGES = """
select company_id, metric, p_value, is_alert, metric_lower, metric_upper, base_row_count,
    rank() over (partition by company_id, metric order by value_change) = 1 as is_largest_fall
from marts.consent_trend
where is_reliable
"""


@dataclass(frozen=True)
class Change:
    """A period of a company: its interval, and the test of the change since the one before."""

    company_id: str
    metric: str
    p_value: float | None
    is_alert: bool
    lower: float
    upper: float
    row_count: int
    is_largest_fall: bool


@dataclass(frozen=True)
class Result:
    """One case. below: share of p-values up to 5 %, of steady companies; families: share of drawn
    families of steady companies with an alert; covered: share of consent rates' intervals that hold
    the truth; found: dropping companies with an alert on consent, of `dropping`, which have days to
    compare; decisions: rows per period of a company.
    """

    case: str
    companies: int
    decisions: float
    tests: int
    alerts: int
    false_alerts: int
    below: float
    families: float
    covered: float
    dropping: int
    found: int


def measure(case: str, folder: Path) -> Result:
    """Simulate a case (a key of CASES) in `folder`, and compare its alerts with the truth."""
    with simulated(CASES[case], folder, MODELS) as world:
        return _result(case, world)


def table(results: Iterable[Result]) -> str:
    """Return the results as a Markdown table, one line per case."""
    lines = [
        "| simulated | companies | decisions per period | changes tested | p ≤ 5 % "
        "| families that alarm | alerts | of them false | drops found "
        "| intervals that hold the truth |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for r in results:
        found = f"{r.found} of {r.dropping} ({r.found / r.dropping:.0%})" if r.dropping else "–"
        lines.append(
            f"| {r.case} | {r.companies} | {r.decisions:.0f} | {r.tests:,} | {r.below:.1%} "
            f"| {r.families:.1%} | {r.alerts} | {r.false_alerts} | {found} | {r.covered:.1%} |"
        )
    lines.append("")
    lines.append(
        f"Families: {FAMILIES:,} draws of {COMPANIES_OF_A_FAMILY} steady companies, Benjamini and "
        "Hochberg at 5 % over their changes."
    )
    return "\n".join(lines)


def discovers(p_values: Sequence[float]) -> bool:
    """Whether Benjamini and Hochberg at 5 % find anything among these p-values."""
    return any(p <= RATE * rank / len(p_values) for rank, p in enumerate(sorted(p_values), start=1))


def _result(case: str, world: World) -> Result:
    truths = {company.company_id: company for company in world.truth.companies}
    changes = [Change(*row) for row in world.database.rows(_CHANGES)]
    tested = [change for change in changes if change.p_value is not None]
    steady: dict[str, list[float]] = {}
    for change in tested:
        if not truths[change.company_id].consent_drop and change.p_value is not None:
            steady.setdefault(change.company_id, []).append(change.p_value)
    p_values = [p for own in steady.values() for p in own]
    rates = [change for change in changes if change.metric == "consent_rate"]
    followed = [rate for rate in rates if rate.p_value is not None]
    judged = [
        (truth, rate)
        for rate in rates
        if not truths[rate.company_id].consent_drop
        and (truth := truths[rate.company_id].consent_rate_probability) is not None
    ]
    alerts = [change for change in tested if change.is_alert]
    dropping = {c.company_id for c in followed if truths[c.company_id].consent_drop}
    found = {a.company_id for a in alerts if a.metric == "consent_rate" and a.is_largest_fall}
    return Result(
        case=case,
        companies=len(truths),
        decisions=sum(rate.row_count for rate in followed) / len(followed),
        tests=len(tested),
        alerts=len(alerts),
        false_alerts=sum(not truths[alert.company_id].consent_drop for alert in alerts),
        below=sum(p <= RATE for p in p_values) / len(p_values),
        families=_alarming(list(steady.values())),
        covered=sum(rate.lower <= truth <= rate.upper for truth, rate in judged) / len(judged),
        dropping=len(dropping),
        found=len(found & dropping),
    )


def _alarming(companies: list[list[float]]) -> float:
    draw = random.Random(1)
    size = min(COMPANIES_OF_A_FAMILY, len(companies))
    families = (draw.sample(companies, size) for _ in range(FAMILIES))
    return sum(discovers([p for own in family for p in own]) for family in families) / FAMILIES
