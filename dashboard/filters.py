"""The filters chosen on the page, and the SQL conditions that they mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

UNKNOWN = "unknown"

_COLUMNS = {
    "countries": "coalesce(country_code, 'unknown')",
    "devices": "coalesce(device_type, 'unknown')",
    "sdks": "coalesce(sdk_type, 'unknown')",
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

    def where(self, day: str = "event_date") -> tuple[str, dict[str, Any]]:
        """The conditions as SQL with psycopg2's placeholders, and the values for them."""
        conditions, values = ["true"], {}
        if self.companies:
            conditions.append("company_id = any(%(companies)s)")
        if self.industries:
            conditions.append(
                "company_id in (select company_id from marts.dim_companies"
                " where industry = any(%(industries)s))"
            )
        for name in ("companies", "industries", *_COLUMNS):
            values[name] = list(getattr(self, name))
        conditions += [f"{_COLUMNS[n]} = any(%({n})s)" for n in _COLUMNS if getattr(self, n)]
        if self.first:
            conditions.append(f"{day} >= %(first)s")
        if self.last:
            conditions.append(f"{day} <= %(last)s")
        return " and ".join(conditions), values | {"first": self.first, "last": self.last}


ALL = Filters()
