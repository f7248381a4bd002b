"""The filters chosen on the page, and the SQL conditions that they mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

_CONDITIONS = {
    "companies": "company_id = any(%(companies)s)",
    "industries": (
        "company_id in ("
        "select company_id from marts.dim_companies where industry = any(%(industries)s))"
    ),
    # A missing value is offered as `unknown`, so that it can be chosen like any other.
    "countries": "coalesce(country_code, 'unknown') = any(%(countries)s)",
    "devices": "coalesce(device_type, 'unknown') = any(%(devices)s)",
    "sdks": "coalesce(sdk_type, 'unknown') = any(%(sdks)s)",
    "first": "event_date >= %(first)s",
    "last": "event_date <= %(last)s",
}


@dataclass(frozen=True)
class Filters:
    """Values to keep; an empty tuple, or None for a day, keeps everything.

    `first` and `last` are days in UTC, both included; countries are ISO codes or `unknown`.
    """

    companies: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    sdks: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None

    def of_companies(self) -> Filters:
        """Only the filters that a mart by company can apply."""
        return Filters(companies=self.companies, industries=self.industries)

    def of_days(self) -> Filters:
        """Only the filters that a mart by company and day can apply."""
        return Filters(self.companies, self.industries, first=self.first, last=self.last)

    def where(self) -> tuple[str, dict[str, Any]]:
        """The conditions as SQL with psycopg2's placeholders, and the values for them."""
        chosen = {name: getattr(self, name) for name in _CONDITIONS if getattr(self, name)}
        conditions = ["true", *(_CONDITIONS[name] for name in chosen)]
        # psycopg2 sends a list as an array, as any() needs it, but a tuple as (a, b).
        values = {n: list(v) if isinstance(v, tuple) else v for n, v in chosen.items()}
        return " and ".join(conditions), values


ALL = Filters()
