"""The filters above the results: what each offers, what is chosen, and how to clear it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.page import url_state
from dashboard.queries.filters import Filters


@dataclass(frozen=True)
class Option:
    """One value of a filter."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Control:
    """A filter with what it offers."""

    name: str
    label: str
    options: list[Option]

    @property
    def chosen(self) -> str:
        """What is chosen, in words."""
        texts = [option.text for option in self.options if option.is_chosen]
        return "all" if not texts else texts[0] if len(texts) == 1 else f"{len(texts)} chosen"


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the address without it."""

    text: str
    address: str


def controls(
    companies: pd.DataFrame, choices: dict[str, list[Any]], filters: Filters
) -> list[Control]:
    """The filters of lists, with their options; nothing chosen keeps everything.

    Args:
        companies: company_id, company and industry of those with events.
        choices: what the other filters offer (`frames.choices`).
    """
    by_name = sorted(choices["countries"], key=lambda country: country[1])
    offered: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("company", "Company",
         list(zip(companies.company_id, companies.company, strict=True))),
        ("industry", "Industry", [(name, name) for name in sorted(set(companies.industry))]),
        ("country", "Country", [(code, name) for code, name in by_name]),
        ("device", "Device", [(name, name) for name in choices["devices"]]),
        ("sdk", "SDK", [(name, name) for name in choices["sdks"]]),
    ]  # fmt: skip
    made = []
    for name, label, values in offered:
        chosen = set(getattr(filters, url_state.LISTS[name]))
        options = [Option(value, text, value in chosen) for value, text in values]
        # What an address names is shown as chosen even where no event has it.
        unknown = sorted(chosen - {value for value, _ in values})
        made.append(Control(name, label, [*options, *(Option(v, v, True) for v in unknown)]))
    return made


def days(choices: dict[str, list[Any]]) -> list[str]:
    """Every day from the first event to the last."""
    first, last = choices["days"]
    return [f"{first + dt.timedelta(days=n)}" for n in range((last - first).days + 1)]


def chips(controls: list[Control], filters: Filters) -> list[Chip]:
    """What is set, each with the address that clears it."""
    made = [
        Chip(f"{control.label}: {o.text}", url_state.without(filters, control.name, o.value))
        for control in controls
        for o in control.options
        if o.is_chosen
    ]
    ends = (("from", filters.first), ("to", filters.last))
    made += [
        Chip(f"{name} {day}", url_state.without(filters, name, str(day)))
        for name, day in ends
        if day
    ]
    return made
