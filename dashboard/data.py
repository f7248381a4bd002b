"""Queries on the marts, one function a panel: filters -> SQL -> a pandas frame.

Nothing is loaded beforehand and nothing is added up here that a mart already holds: a filter is one
query over `marts.consent_daily`, whose size follows days, countries and devices, not events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import psycopg2

from dashboard.filters import ALL, Filters
from database.address import Address, connect

ORDERED = "company_id, country_code, event_type, consent_status"


class NotBuiltError(Exception):
    """A mart that a panel needs does not exist; the message says which."""


class Marts:
    """A read-only connection to the marts, made anew when the server was started again."""

    def __init__(self, find: Callable[[], Address]) -> None:
        """Takes what finds the database (and starts it): asked with the first query."""
        self._find = find
        self.place = ""
        self._connection: Any = None

    def frame(self, query: str, values: dict[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a query.

        Raises:
            NotBuiltError: a table or column of it does not exist (yet).
            DatabaseError: the database cannot be found or started.
            psycopg2.OperationalError: no server answers.
        """
        try:
            return self._rows(query, values or {})
        except psycopg2.OperationalError:
            self._connection = None
            return self._rows(query, values or {})

    def close(self) -> None:
        """Closes the connection; the next query opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _rows(self, query: str, values: dict[str, Any]) -> pd.DataFrame:
        if self._connection is None or self._connection.closed:
            address = self._find()
            self.place = address.place
            self._connection = connect(address, application_name="consent dashboard")
            self._connection.set_session(readonly=True, autocommit=True)
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(query, values)
            except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn) as error:
                raise NotBuiltError(str(error.diag.message_primary)) from None
            return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description])


def companies(marts: Marts) -> pd.DataFrame:
    """One row a company with events: its columns, and the weighting that the diagnosis supports."""
    return marts.frame("""
        select
            company_id, industry, industry_detailed, hq_country,
            coalesce(sampling.weighting_used, 'count_over_rate') as weighting_used,
            coalesce(sampling.is_weighting_decided, false) as is_weighting_decided
        from marts.dim_companies
        left join (
            select distinct company_id, weighting_used, is_weighting_decided
            from marts.sampling_diagnosis
        ) as sampling using (company_id)
        where has_events
        order by company_id
    """)


def choices(marts: Marts) -> dict[str, list[Any]]:
    """What the filters offer: countries (code, name), devices, SDKs, and the first and last day."""
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
    """Sums of weights of the filtered events, by the assignment's weighting and the corrected one.

    One row a company, country, event type, status and place of the choice, with `row_count` and,
    for `assignment` and `corrected`, `_sum` (Σw), `_square_sum` (Σw²), `_variance` (Σ(1−RATE)·w²).
    """
    where, values = filters.where()
    sums = ", ".join(
        f"sum(count_over_rate_{name}) as assignment_{name},"
        f" sum(corrected_{name}) as corrected_{name}"
        for name in ("sum", "square_sum", "variance")
    )
    return marts.frame(
        f"""
        select
            company_id, coalesce(country_code, 'unknown') as country_code,
            coalesce(country_name, country_code, 'unknown') as country_name,
            event_type, consent_status, is_on_notice,
            sum(event_row_count)::float8 as row_count, {sums}
        from marts.consent_daily
        where {where}
        group by 1, 2, 3, 4, 5, 6
        """,
        values,
    )


def by_company(marts: Marts, mart: str, filters: Filters = ALL, order: str = "1") -> pd.DataFrame:
    """All columns of a mart that follows company and industry only."""
    where, values = filters.of_companies().where()
    return marts.frame(f"select * from marts.{mart} where {where} order by {order}", values)


def freshness(marts: Marts) -> pd.DataFrame:
    """One row: files, rows in quarantine, and when the newest load ended (UTC)."""
    return marts.frame("""
        select
            (select count(*) from staging.stg_consent__load_files where is_current) as file_count,
            (select count(*) from staging.stg_consent__events_quarantine) as quarantine_count,
            (select max(finished_at) from staging.stg_consent__load_files) as loaded_at
    """)


def hours(marts: Marts, filters: Filters = ALL) -> pd.DataFrame:
    """Corrected events by company and hour (UTC) of the chosen companies and days."""
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
    """Files of the chosen companies that were cut off at a number of rows."""
    where, values = filters.of_companies().where()
    return marts.frame(
        f"""
        select distinct file_path from marts.delivery_coverage
        where is_capped and {where}
        order by file_path
        """,
        values,
    )
