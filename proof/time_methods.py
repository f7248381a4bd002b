"""Whether times to consent can be trusted: simulated companies -> Result of each case and method.

The user method should be credible with true user ids, and not with ids assigned at random. Cohorts
and tokens do not depend on ids. Tokens should not be credible where the users' clocks are off (one
kind of company in nine). Three medians are compared with the company's true one: the raw median,
the corrected one, and one corrected by the difference left at the end of the window (choices_by_lag
says why that one is refused).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator import Settings
from proof.simulated_delivery import World, simulated

MODELS = ("+company_time_to_consent",)
# 2,500 rows in half a day are enough for shuffled ids to match by chance.
DELIVERIES = Settings(
    companies=120,
    companies_per_file=12,
    events_per_company=2500,
    days=0.5,
    payload="small",
    user_id=True,
)
CASES = {
    "true": DELIVERIES,
    "dealt out at random": replace(DELIVERIES, shuffle_users=True),
}
ENOUGH_PAIRS = 10

_VERDICTS = """
    select verdict, count(*) from marts.evidence_checks
    where check_name = 'user id is a person' and identified_row_count > 0
    group by 1 order by 1
"""
_FIGURES = """
    select times.company_id, times.method, times.pair_count, times.is_credible,
        times.median_seconds, times.corrected_median_seconds, ended.median_seconds
    from marts.company_time_to_consent as times
    left join (
        select company_id, method, min(lag_seconds) as median_seconds
        from (
            select company_id, method, lag_seconds,
                sum(sum(forward_count - backward_count)) over (
                    partition by company_id, method order by lag_seconds
                ) as left_by_lag,
                cast(sum(sum(forward_count - backward_count)) over (
                    partition by company_id, method
                ) as double precision) as left_at_the_end
            from intermediate.int_lag_daily
            where method <> 'token'
            group by company_id, method, lag_seconds
        ) as lags
        where left_at_the_end > 0 and left_by_lag >= left_at_the_end / 2
        group by company_id, method
    ) as ended on times.company_id = ended.company_id and times.method = ended.method
"""


@dataclass(frozen=True)
class Errors:
    """Absolute relative errors of medians: their median and ninetieth percentile."""

    median: float
    p90: float

    def __str__(self) -> str:
        return f"{self.median:.1%} / {self.p90:.1%}"


@dataclass(frozen=True)
class Result:
    """One method with one kind of ids; `errors` (raw, corrected, ended) are of credible companies.

    companies: all companies. enough: companies with at least ten pairs. credible: those among them
    whose time is credible. verdicts: of the check whether a user id is a person, with how many
    companies it has each.
    """

    ids: str
    method: str
    companies: int
    enough: int
    credible: int
    errors: dict[str, Errors | None]
    verdicts: dict[str, int]

    @property
    def credible_share(self) -> float:
        """Share of the companies with enough pairs that are credible."""
        return self.credible / self.enough if self.enough else 0.0


def measure(case: str, folder: Path) -> list[Result]:
    """Simulate a case (a key of CASES) in `folder`; results of user, cohort and token."""
    with simulated(CASES[case], folder, MODELS) as world:
        return list(_results(case, world))


def table(results: Iterable[Result]) -> str:
    """Return the results as a Markdown table, one line per kind of ids and method."""
    lines = [
        "| ids | method | companies | with 10 pairs | credible "
        "| raw median off by | corrected | by the end's difference |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    told = []
    for result in results:
        if result.method == "user":
            said = ", ".join(f"{verdict} {n} ×" for verdict, n in result.verdicts.items())
            told.append(f"A user id is a person ({result.ids}): {said}.")
        errors = " | ".join(str(error or "–") for error in result.errors.values())
        lines.append(
            f"| {result.ids} | {result.method} | {result.companies} | {result.enough} "
            f"| {result.credible} ({result.credible_share:.0%}) | {errors} |"
        )
    lines += ["", *told]
    lines.append("Off by: median / ninetieth percentile of |estimate / truth − 1| where credible.")
    return "\n".join(lines)


def _results(case: str, world: World) -> Iterator[Result]:
    companies = {company.company_id: company for company in world.truth.companies}
    rows = [row for row in world.database.rows(_FIGURES) if row[0] in companies]
    verdicts = dict(world.database.rows(_VERDICTS))
    for method in ("user", "cohort", "token"):
        own = [row for row in rows if row[1] == method]
        enough = [row for row in own if row[2] >= ENOUGH_PAIRS]
        credible = [row for row in enough if row[3]]
        truths = [companies[row[0]].time_to_consent["all"]["median_seconds"] for row in credible]
        yield Result(
            ids=case,
            method=method,
            companies=len(own),
            enough=len(enough),
            credible=len(credible),
            errors={
                name: _errors([row[place] for row in credible], truths)
                for name, place in (("raw", 4), ("corrected", 5), ("ended", 6))
            },
            verdicts=verdicts,
        )


def _errors(estimates: list[Any], truths: list[Any]) -> Errors | None:
    pairs = zip(estimates, truths, strict=True)
    off = sorted(abs(found / true - 1) for found, true in pairs if found is not None and true)
    if not off:
        return None
    return Errors(statistics.median(off), off[min(int(0.9 * len(off)), len(off) - 1)])
