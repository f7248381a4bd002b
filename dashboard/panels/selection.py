"""The marts through the filters: what all panels share (names, filtered sums), read once."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from dashboard.metrics import consent_times, measures
from dashboard.queries import frames
from dashboard.queries.filters import ALL, Filters
from dashboard.queries.marts import Marts
from dashboard.text import answers

_READERS = ThreadPoolExecutor(2, "pairs")


@dataclass
class Selection:
    """The part of the marts that the filters keep; each frame is read when first asked for."""

    marts: Marts
    filters: Filters = ALL
    build: int = 0
    """Which build of the models it is of, where somebody keeps it."""
    _ahead: Future[pd.DataFrame] | None = None

    @cached_property
    def companies(self) -> pd.DataFrame:
        """All companies with events, whatever the filters keep; the index is company_id.

        `short` is the company's name, and `company` the label in charts, with the industry.
        """
        frame = frames.companies(self.marts)
        short = frame.company_name
        company = short + " · " + frame.industry.str.slice(0, 18)
        doubt = frame.weighting_verdict.map(answers.DOUBTS).fillna(0).astype(int)
        return frame.assign(short=short, company=company, doubt=doubt).set_index("company_id")

    @property
    def decided(self) -> pd.Index:
        """Ids of the companies whose weighting is decided: only they have corrected figures."""
        return self.companies.index[self.companies.is_weighting_decided]

    @cached_property
    def totals(self) -> pd.DataFrame:
        """`frames.totals` of the filters, with company labels and `doubt` (`metrics.measures`)."""
        found = self.labelled(frames.totals(self.marts, self.filters))
        return found.assign(doubt=found.company_id.map(self.companies.doubt).fillna(0).astype(int))

    @cached_property
    def groups(self) -> pd.DataFrame:
        """`frames.groups` of the filters, and the same by industry, with `doubt`."""
        found = frames.groups(self.marts, self.filters)
        by_device = found[found.kind == "device"]
        industry = by_device.company_id.map(self.companies.industry)
        by_industry = by_device.assign(kind="industry", name=industry)
        groups = pd.concat([found, by_industry], ignore_index=True)
        doubt = groups.company_id.map(self.companies.doubt)
        return groups.assign(doubt=doubt.fillna(0).astype(int))

    def read_ahead(self) -> None:
        """Begins to read the pairs, which take longest, while other figures are computed."""
        if self._ahead is None and "pairs_by_choice" not in self.__dict__:
            self._ahead = _READERS.submit(frames.pairs, self.marts.second, self.filters)

    @cached_property
    def pairs_by_choice(self) -> pd.DataFrame:
        """`frames.pairs` of the filters."""
        ahead, self._ahead = self._ahead, None  # if it failed, the next one reads again
        return ahead.result() if ahead else frames.pairs(self.marts, self.filters)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The same over all kinds of choices."""
        return consent_times.of_all_choices(self.pairs_by_choice)

    @property
    def doubted_times(self) -> set[tuple[str, str]]:
        """Companies and methods whose ids or payloads cannot carry a time (evidence_checks)."""
        return {
            (str(company), method)
            for method in ("user", "token")
            for company in self.companies.index[self.companies[f"{method}_doubt"].notna()]
        }

    def recycled_payloads(self, found: pd.DataFrame) -> tuple[str, ...]:
        """A note that names the companies of a frame whose payloads are recycled, if any."""
        shown = self.companies[self.companies.index.isin(found.company_id)]
        names = sorted(shown.short[shown.token_doubt.notna()])
        said = f"Payloads are recycled at {', '.join(names)}: what they list is not reliable there."
        return (said,) if names else ()

    @cached_property
    def pair_summary(self) -> pd.DataFrame:
        """`consent_times.summary` of the filters, with company labels."""
        return self.labelled(consent_times.summary(self.pairs, self.doubted_times))

    @cached_property
    def lags_by_choice(self) -> dict[str, dict[str, consent_times.Lags]]:
        """`consent_times.lags_by_choice` of the filters."""
        return consent_times.lags_by_choice(self.pairs_by_choice, self.pair_summary)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """`frames.decisions` of the filters, with company labels."""
        return self.labelled(frames.decisions(self.marts, self.filters))

    @cached_property
    def rates(self) -> pd.DataFrame:
        """`measures.conversion` of each company that was asked."""
        found = measures.conversion(self.totals, ["company_id", "company", "short"])
        return found[found.value.notna()]

    @cached_property
    def group_rates(self) -> pd.DataFrame:
        """Corrected conversion of each group in `groups` that was asked, and how sure it is."""
        found = measures.conversion(self.groups, ["kind", "name"])
        found = found[(found.formula == "corrected") & found.value.notna()]
        return found.assign(sure=answers.sure_each(found.to_dict("records")))

    @cached_property
    def order(self) -> list[str]:
        """Company labels by corrected conversion, highest first: the order in every chart."""
        rates = self.rates[self.rates.formula == "corrected"].sort_values("value", ascending=False)
        return list(dict.fromkeys([*rates.company, *self.companies.company]))

    def mart(self, name: str, order: str = "1") -> pd.DataFrame:
        """A mart with one or more rows per company, with company and industry filtered."""
        return self.labelled(frames.by_company(self.marts, name, self.filters, order))

    def labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with the columns `company` and `short` (see `companies`) added."""
        ids = frame["company_id"]
        company, short = (
            ids.map(self.companies[name]).fillna(ids.str.slice(0, 8))
            for name in ("company", "short")
        )
        return frame.assign(company=company, short=short)
