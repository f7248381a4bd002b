"""Time to consent of filtered pairs: one query over `marts.time_pairs`, corrected by the placebo.

The formulas are those of the models company_time_to_consent is made from; a test holds them to
it. Pairs are unweighted; lags are seconds.
"""

from __future__ import annotations

import pandas as pd

from dashboard.data import Marts
from dashboard.filters import Filters

METHODS = ("user", "token", "cohort")
"""In order of preference: the first credible one gives the headline."""

_SUMMARY = """
with pairs as (
    select company_id, method, direction, lag_seconds, clock_gap_seconds
    from marts.time_pairs
    where {where}
),

-- forward less backward pairs up to each lag; a token has no mirror
counted as (
    select company_id, method, direction, lag_seconds, sum(
        case direction when 'forward' then 1 else -1 end
    ) over (partition by company_id, method order by lag_seconds range unbounded preceding) as excess
    from pairs
    where method <> 'token'
),

risen as (
    select
        counted.*,
        greatest(max(excess) over (
            partition by company_id, method order by lag_seconds range unbounded preceding
        ), 0) as choices_by_lag,
        greatest(max(excess) over (partition by company_id, method), 0) as choices
    from counted
),

corrected as (
    select
        company_id, method,
        min(lag_seconds) filter (where choices > 0 and choices_by_lag >= 0.5 * choices)
            as corrected_median
    from risen
    group by 1, 2
),

summed_up as (
    select
        company_id, method,
        count(*) filter (where direction = 'forward') as pair_count,
        count(*) filter (where direction = 'backward') as placebo_count,
        percentile_cont(0.5) within group (order by lag_seconds)
            filter (where direction = 'forward') as median,
        avg(lag_seconds) filter (where direction = 'forward') as mean,
        percentile_cont(0.5) within group (order by lag_seconds)
            filter (where direction = 'backward') as placebo_median,
        count(*) filter (where direction = 'forward' and lag_seconds <= 60) as short_pairs,
        count(*) filter (where direction = 'backward' and lag_seconds <= 60) as short_placebo,
        count(*) filter (where direction = 'forward' and clock_gap_seconds <= 60) as timely_pairs
    from pairs
    group by 1, 2
)

select * from summed_up left join corrected using (company_id, method)
"""

_LAGS = """
select method, direction, floor(ln(lag_seconds) / ln(10) * 6) as bin, count(*) as pairs
from marts.time_pairs
where {where} and lag_seconds > 0
group by 1, 2, 3
"""
BINS_A_DECADE = 6


def summary(marts: Marts, filters: Filters) -> pd.DataFrame:
    """One row a company and method with pairs; `is_credible`, and the `headline` median in s."""
    where, values = filters.where()
    found = marts.frame(_SUMMARY.format(where=where), values)
    short = found.short_pairs - found.short_placebo
    chance = 1.959963984540054 * (found.short_pairs + found.short_placebo) ** 0.5
    timely = found.timely_pairs / found.pair_count.where(found.pair_count > 0)
    is_token = found.method == "token"
    believed = (timely >= 0.8).where(is_token, short - chance > 0)
    found["is_credible"] = (found.pair_count >= 10) & believed
    found["best_median"] = found["corrected_median"].fillna(found["median"])
    return found


def headlines(summary: pd.DataFrame) -> pd.DataFrame:
    """The first credible method of each company; companies without one are left out."""
    credible = summary[summary.is_credible]
    order = credible.method.map(METHODS.index)
    return credible.assign(order=order).sort_values("order").drop_duplicates("company_id")


def lags(marts: Marts, filters: Filters) -> pd.DataFrame:
    """Pairs by method, direction and lag: `lag_seconds` is the middle of a bin (six a decade)."""
    where, values = filters.where()
    found = marts.frame(_LAGS.format(where=where), values)
    found["lag_seconds"] = 10 ** ((found.bin.astype(float) + 0.5) / BINS_A_DECADE)
    forward = found[found.direction == "forward"].groupby("method").pairs.sum()
    found["share"] = found.pairs / found.method.map(forward)
    return found
