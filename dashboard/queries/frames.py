"""Queries on the marts, one function per panel or control: filters -> SQL -> a pandas frame.

Nothing is loaded beforehand, and nothing is added up here that a mart already holds. A filter is
one query on `marts.consent_daily`, whose size grows with days, countries and devices, not with
events.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.queries.filters import ALL, Filters
from dashboard.queries.marts import Marts
from database.datasets import layer

# Each group's lags arrive as one byte string: 600,000 of them as rows would take seconds.
_PAIRS = """
select
    company_id, method, direction, consent_status,
    string_agg(float8send(lag_seconds), '') as lags,
    count(*) filter (where clock_gap_seconds <= 60) as timely
from marts.time_pairs
where {where}
group by company_id, method, direction, consent_status
"""


_SUMS = ", ".join(
    f"sum(count_over_rate_{name}) as assignment_{name}, sum(corrected_{name}) as corrected_{name}"
    for name in ("sum", "square_sum", "variance")
)


def companies(marts: Marts) -> pd.DataFrame:
    """One row per company with events, with the weighting that its data supports.

    `user_doubt` and `token_doubt` say why times by these methods are not credible (null: nothing).
    """
    return marts.frame("""
        select
            company_id, company_name, industry, industry_detailed, hq_country,
            coalesce(sampling.weighting_used, 'count_over_rate') as weighting_used,
            coalesce(sampling.is_weighting_decided, false) as is_weighting_decided,
            weighting_verdict, user_doubt, token_doubt
        from marts.dim_companies
        left join (
            select company_id, weighting_verdict from marts.company_overview
        ) as overview using (company_id)
        left join (
            select distinct company_id, weighting_used, is_weighting_decided
            from marts.sampling_diagnosis
        ) as sampling using (company_id)
        left join (
            select
                company_id,
                max(doubt) filter (where method = 'user') as user_doubt,
                max(doubt) filter (where method = 'token') as token_doubt
            from marts.company_time_to_consent
            group by company_id
        ) as doubts using (company_id)
        where has_events
        order by company_id
    """)


def choices(marts: Marts) -> dict[str, list[Any]]:
    """What the filters offer: `countries` (code, name), `devices`, `sdks`, and the two `days`."""
    found = marts.frame("""
        select
            array_agg(distinct array[
                coalesce(country_code, 'unknown'), coalesce(country_name, country_code, 'unknown')
            ]) as countries,
            array_agg(distinct coalesce(device_type, 'unknown')) as devices,
            array_agg(distinct coalesce(sdk_type, 'unknown')) as sdks,
            array[min(event_date), max(event_date)] as days
        from marts.consent_daily
    """)
    return {name: found[name][0] or [] for name in found.columns}


def totals(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """Sums of weights of the filtered events, by the assignment's formula and the corrected one.

    One row per company, country, event type, status, and whether the choice was made on the notice.
    Columns: `row_count`; and with the prefixes `assignment_` and `corrected_`: `sum` (Σw),
    `square_sum` (Σw²) and `variance` (Σ(1−RATE)·w²). The last two are what intervals need.
    """
    where, values = filters.where()
    return marts.frame(
        f"""
        select
            company_id, coalesce(country_code, 'unknown') as country_code,
            coalesce(country_name, country_code, 'unknown') as country_name,
            event_type, consent_status, is_on_notice,
            sum(event_row_count)::float8 as row_count, {_SUMS}
        from marts.consent_daily
        where {where}
        group by 1, 2, 3, 4, 5, 6
        """,
        values,
    )


def groups(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """Sums as in `totals`, of notices and choices by device, by SDK and by day.

    One row per company, event type, `kind` (device, sdk or day) and `name` of the group.
    """
    where, values = filters.where()
    return marts.frame(
        f"""
        with kept as (
            select *, coalesce(device_type, 'unknown') as device,
                coalesce(sdk_type, 'unknown') as sdk, event_date::text as day
            from marts.consent_daily
            where event_type in ('consent.asked', 'consent.given') and {where}
        )
        select
            company_id, event_type,
            case when device is not null then 'device' when sdk is not null then 'sdk' else 'day'
                end as kind,
            coalesce(device, sdk, day) as name,
            sum(event_row_count)::float8 as row_count, {_SUMS}
        from kept
        group by company_id, event_type, grouping sets ((device), (sdk), (day))
        """,
        values,
    )


def by_company(marts: Marts, mart: str, filters: Filters = ALL, order: str = "1") -> pd.DataFrame:
    """All columns of a mart by company, with the company and industry filters applied."""
    where, values = filters.of_companies().where()
    return marts.frame(f"select * from marts.{mart} where {where} order by {order}", values)


def freshness(marts: Marts) -> dict[str, Any]:
    """`file_count`, `quarantine_count`, and `loaded_at`, when the newest load ended (UTC).

    A role that sees one company (`make grant`) cannot read the ledger: its files only, else None.
    """
    ledger = marts.frame(
        """
        select count(*) = 2 as is_readable
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = %(schema)s and has_schema_privilege(n.oid, 'usage')
            and c.relname in ('stg_consent__load_files', 'stg_consent__events_quarantine')
            and has_table_privilege(c.oid, 'select')
        """,
        {"schema": layer("staging")},
    )
    if not ledger.is_readable[0]:
        own = "select count(distinct file_path) as file_count from marts.delivery_coverage"
        files = int(marts.frame(own).file_count[0])
        return {"file_count": files, "quarantine_count": None, "loaded_at": None}
    found = marts.frame("""
        select
            (select count(*) from staging.stg_consent__load_files where is_current) as file_count,
            (select count(*) from staging.stg_consent__events_quarantine) as quarantine_count,
            (select max(finished_at) from staging.stg_consent__load_files) as loaded_at
    """)
    return {str(name): value for name, value in found.iloc[0].items()}


def hours(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """Corrected events by company and hour (UTC), with company, industry and days filtered."""
    where, values = filters.of_days().where()
    return marts.frame(
        f"""
        select
            company_id, hour_at, is_capped, event_row_count as row_count,
            corrected_event_count as event_count, observed_hour_count,
            corrected_event_count_per_observed_hour as per_hour
        from marts.company_hours
        where {where}
        order by company_id, hour_at
        """,
        values,
    )


def capped_files(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """The chosen companies' files that were cut off at a number of rows."""
    where, values = filters.of_companies().where()
    return marts.frame(
        f"""
        select distinct file_path from marts.delivery_coverage
        where is_capped and {where}
        order by file_path
        """,
        values,
    )


def pairs(marts: Marts, filters: Filters) -> pd.DataFrame:
    """Sorted `lags` (s), and the number of `timely` pairs.

    One row per company, method, direction and status of the choice (`consent_status`).
    """
    where, values = filters.where()
    found = marts.frame(_PAIRS.format(where=where), values)
    decoded = [np.sort(np.frombuffer(bytes(raw), ">f8").astype(float)) for raw in found.lags]
    return found.assign(lags=pd.Series(decoded, index=found.index, dtype=object))


def decisions(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """Choices on the notice that accept or refuse, with the sums of their corrected weights.

    One row per company, status, SDK, device, whether the country is in the EEA, the UK or
    Switzerland, and whether the day (UTC) is a Saturday or Sunday. Columns: `row_count`, `sum` (Σw)
    and `square_sum` (Σw²).
    """
    where, values = filters.where()
    return marts.frame(
        f"""
        select
            company_id, consent_status, sdk_type, device_type, is_eea_uk_ch,
            extract(isodow from event_date) >= 6 as is_weekend,
            sum(event_row_count)::float8 as row_count,
            sum(corrected_sum) as sum, sum(corrected_square_sum) as square_sum
        from marts.consent_daily
        left join (select country_code, is_eea_uk_ch from staging.countries) as countries
            using (country_code)
        where event_type = 'consent.given' and is_on_notice
            and consent_status in ('full opt-in', 'partial opt-in', 'opt-out') and {where}
        group by 1, 2, 3, 4, 5, 6
        """,
        values,
    )
