"""What all panels of one view share: marts, filters, names, and the filtered sums (read once)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from dashboard import data, measures, times
from dashboard.filters import ALL, Filters


@dataclass
class View:
    """The marts as seen through filters; every frame is read when first asked for."""

    marts: data.Marts
    filters: Filters = ALL

    @cached_property
    def companies(self) -> pd.DataFrame:
        """All companies with events, and their `company` label; the index is company_id."""
        frame = data.companies(self.marts)
        short = short_names(frame.company_id)
        company = short + " · " + frame.industry.str.slice(0, 18)
        return frame.assign(short=short, company=company).set_index("company_id")

    @cached_property
    def totals(self) -> pd.DataFrame:
        """`data.totals` of the filters, with company labels."""
        return self.labelled(data.totals(self.marts, self.filters))

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """`times.pairs` of the filters."""
        return times.pairs(self.marts, self.filters)

    @cached_property
    def pair_summary(self) -> pd.DataFrame:
        """`times.summary` of the filters, with company labels."""
        return self.labelled(times.summary(self.pairs))

    @cached_property
    def order(self) -> list[str]:
        """Company labels as every chart by company sorts them: by corrected conversion."""
        rates = measures.conversion(self.totals, ["company"])
        rates = rates[rates.formula == "corrected"].sort_values("value", ascending=False)
        return list(dict.fromkeys([*rates.company, *self.companies.company]))

    def mart(self, name: str, order: str = "1") -> pd.DataFrame:
        """A mart by company, company and industry filtered, with company labels."""
        return self.labelled(data.by_company(self.marts, name, self.filters, order))

    def labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with names: `company`, and `short`, without the industry."""
        ids = frame["company_id"]
        company, short = (
            ids.map(self.companies[name]).fillna(ids.str.slice(0, 8))
            for name in ("company", "short")
        )
        return frame.assign(company=company, short=short)


def short_names(ids: pd.Series) -> pd.Series:
    """The first eight characters of each id; the whole id where two begin alike."""
    short = ids.str.slice(0, 8)
    return short.where(~short.duplicated(keep=False), ids)
