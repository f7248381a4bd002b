"""Titles that answer: figures -> a sentence, for every state that the figures can be in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.text import weighting_sentence
from dashboard.text.formatting import NO_BREAK, counted, interval, number, percent, seconds

UNDECIDED, NO_RATE = 1, 2
"""Why a company's corrected figures (UNDECIDED), or all of its figures (NO_RATE), are in doubt."""
DOUBTS = {weighting_sentence.UNDECIDED: UNDECIDED, weighting_sentence.NO_RATE: NO_RATE}
"""By company_overview.weighting_verdict; 0 for the others."""
FEW = "few rows"
FEW_ROWS = 5
"""What rests on fewer rows is not shown as a fact: charts hatch it and give the number of rows."""


@dataclass(frozen=True)
class Rate:
    """A company's rate with its interval; `could_be_first` says whether that reaches the best's."""

    name: str
    value: float
    could_be_first: bool = False
    doubt: int = 0
    lower: float = float("nan")
    upper: float = float("nan")


def best(rates: Sequence[Rate], of: int) -> str:
    """Who has the most choices per notice, and how sure.

    Args:
        rates: from the highest to the lowest; only those with an interval, where there are any.
        of: how many companies have a rate.
    """
    if not rates:
        return "No notice was shown here"
    first, doubt = rates[0], max(rate.doubt for rate in rates)
    sure = ""
    if first.lower == first.lower and not doubt:
        is_counted = first.upper - first.lower < 1e-9
        sure = " (counted)" if is_counted else f" ({interval(first.lower, first.upper, 0)})"
    if len(rates) == 1:
        return f"{first.name}: {percent(first.value)} choices per notice{sure}{_proviso(doubt)}"
    if doubt:
        between = f"{percent(rates[-1].value)} to {percent(first.value)}"
        return f"Choices per notice: {between}{_proviso(doubt)}"
    level = sum(rate.could_be_first for rate in rates[1:])
    found = f"{first.name} has the most choices per notice: {percent(first.value)}{sure}"
    if sure and len(rates) < of:
        found += f", of the {len(rates)} companies with an interval"
    return f"{found}, but {counted(level, 'other', 'others')} may have as many" if level else found


def _proviso(doubt: int) -> str:
    words = {UNDECIDED: " if the assignment’s formula is right", NO_RATE: ", counted without RATE"}
    return words.get(doubt, "")


def conversion(corrected: Sequence[float], assignment: Sequence[float], doubt: int) -> str:
    """Between which rates the companies lie, by both formulas; companies in doubt have only one."""
    if not corrected and doubt == NO_RATE:
        return f"Choices per notice: {_range(assignment)}{_proviso(doubt)}"
    by_formula = f"{_range(assignment)} by COUNT / RATE"
    if not corrected:
        return f"Choices per notice: {by_formula}"
    if list(corrected) == list(assignment):
        return f"Choices per notice: {_range(corrected)} by both formulas"
    return f"Choices per notice: {_range(corrected)} corrected, {by_formula}"


def _range(rates: Sequence[float]) -> str:
    lowest, highest = percent(min(rates), 0), percent(max(rates), 0)
    return lowest if lowest == highest else f"{lowest} to {highest}"


def statuses(shares: dict[str, float], rows: int) -> str:
    """What people choose; `shares` by status, of all companies together."""
    if not rows:
        return "Nobody chose anything here"
    if rows < FEW_ROWS:
        return f"Only {counted(rows, 'row')} of choices: too few for shares"
    full, out = shares.get("full opt-in", 0.0), shares.get("opt-out", 0.0)
    empty = shares.get("empty", 0.0)
    if empty > 0.5:
        return f"{percent(empty, 0)} of the choices carry no status"
    return f"{percent(full, 0)} of the choices accept everything, {percent(out, 0)} nothing"


def event_types(shares: dict[str, float], rows: int) -> str:
    """Which type of event is the most common."""
    if rows < FEW_ROWS:
        return f"Only {counted(rows, 'row')} here"
    words = {"pageview": "page views", "consent.asked": "notices", "consent.given": "choices",
             "ui.action": "actions in the interface"}  # fmt: skip
    top = max(shares, key=shares.__getitem__)
    return f"{percent(shares[top], 0)} of the events are {words.get(top, top)}"


def reach(countries: int, top: str, share: float) -> str:
    """From how many countries events come, and from which most."""
    if not countries:
        return "No event names its country"
    if countries == 1:
        return f"All events with a country come from {top}"
    return f"{countries:,} countries; {percent(share, 0)} of the events come from {top}"


def time(median: float | None, companies: int, of: int) -> str:
    """How fast people choose; `median` over the `companies`, of `of`, with a credible method."""
    if not companies or median is None:
        return "How fast people choose cannot be told: matches may be chance"
    if of == 1:
        return f"Half of the choices are made within {seconds(median)}"
    return f"People choose within {seconds(median)} in the typical company"


def times(medians: dict[str, float]) -> str:
    """How long each kind of choice takes; `medians` in seconds by status."""
    words = (("full opt-in", "accepting"), ("opt-out", "refusing"),
             ("partial opt-in", "choosing in detail"))  # fmt: skip
    parts = [(word, seconds(medians[status])) for status, word in words if status in medians]
    if not parts:
        return "Only choices without a status can be timed"
    first, *others = parts
    return ", ".join(
        [f"{first[0].capitalize()} takes {first[1]}", *(f"{word} {time}" for word, time in others)]
    )


def _why(doubt: int) -> str:
    words = {
        UNDECIDED: "the data does not decide the weighting of every company",
        NO_RATE: "not every company has a RATE",
    }
    return words[doubt]


def groups(devices: Sequence[tuple[str, float, float, float]], doubt: int) -> str:
    """Which devices have most and fewest choices per notice.

    Args:
        devices: name, rate and its interval, from the highest rate to the lowest.
        doubt: why no device has an interval; 0 where the companies are not in doubt.
    """
    if not devices and doubt:
        return f"Devices cannot be compared: {_why(doubt)}"
    if not devices:
        return "Too few notices to compare devices"
    first, last = devices[0], devices[-1]
    if len(devices) == 1:
        share = percent(first[1], 0)
        return f"Most notices were shown on {first[0]}: {share} choices per notice"
    ends = f"{percent(first[1], 0)} on {first[0]}, {percent(last[1], 0)} on {last[0]}"
    if first[2] <= last[3]:
        return f"Devices do not differ by more than chance: {ends}"
    return f"Choices per notice: {ends}"


def days(intervals: Sequence[tuple[str, float, float]], of: int, doubt: int) -> str:
    """Whether the rate changes over days; `intervals` of the days that have one, in order."""
    if of == 1:
        return "One day only: nothing to compare"
    if not intervals and doubt:
        return f"Days cannot be compared: {_why(doubt)}"
    if len(intervals) < 2:
        return f"Too few notices on most of the {of} days"
    highest = max(intervals, key=lambda day: day[1])
    lowest = min(intervals, key=lambda day: day[2])
    if highest[1] <= lowest[2]:
        return f"No day of {len(intervals)} differs by more than chance"
    return f"More choices per notice on {highest[0]} than on {lowest[0]}"


def benchmarks(above: int, below: int, of: int) -> str:
    """How many companies differ from their industry by more than chance."""
    if not of:
        return "No industry here has three companies to compare"
    if of == 1:
        where = "above" if above else "below" if below else "no more than chance away from"
        return f"The company is {where} its industry"
    if not above + below:
        return f"None of {of} differs from its industry by more than chance"
    return f"{above} of {of} companies are above their industry, {below} below"


def hours(peak: float, when: str, capped: int) -> str:
    """When most events arrive, and how many files were cut off."""
    cut = f"; {counted(capped, 'file was', 'files were')} cut off" if capped else ""
    return f"The busiest hour had {number(peak)} events: {when} UTC{cut}"


def purposes(most: tuple[str, float], least: tuple[str, float]) -> str:
    """Which purpose is allowed most, and which least."""
    if most[0] == least[0]:
        return f"“{most[0]}” is allowed in {percent(most[1], 0)} of choices"
    if percent(most[1], 0) == percent(least[1], 0):
        return f"Every purpose is allowed in {percent(most[1], 0)} of choices"
    first = f"“{most[0]}” is allowed most ({percent(most[1], 0)})"
    return f"{first}, “{least[0]}” least ({percent(least[1], 0)})"


def vendors(rates: Sequence[float], name: str) -> str:
    """How often the vendors that most choices name are allowed; `name` is the first of them."""
    if len(rates) == 1:
        return f"{name} is allowed in {percent(rates[0], 0)} of choices"
    return f"The {len(rates)} vendors named most are allowed in {_range(rates)} of choices"


def legal_bases(companies: int) -> str:
    """How many companies list what should be checked."""
    if not companies:
        return "No purpose that needs consent is listed under legitimate interest"
    who = counted(companies, "company lists", "companies list")
    return f"{who} purposes under legitimate interest that need consent"


def quality(found: int, severe: int, of: int) -> str:
    """How many checks of the data found something."""
    if not found:
        return f"None of {counted(of, 'check')} found anything"
    severity = f"{severe} of them severe" if severe else "nothing severe"
    return f"{found} of {counted(of, 'check')} found something, {severity}"


def changes(figures: int, companies: int) -> str:
    """How many main figures are not what the last report said."""
    if not figures:
        return "No main figure has changed since the last report"
    what = counted(figures, "main figure has", "main figures have")
    return f"{what} changed since the last report, in {counted(companies, 'company', 'companies')}"


def ranking(first: int, companies: int, doubt: int) -> str:
    """How far the intervals settle who converts best."""
    if doubt == NO_RATE:
        return "No ranking is certain: no row has a RATE"
    if doubt == UNDECIDED:
        return "No ranking is certain: the data does not decide the weighting"
    if companies == 1:
        return "One company cannot be ranked"
    if first == 1:
        return "One company converts best for certain"
    return f"{first} of {companies:,} companies could be the one that converts best"


def sensitivity(moved: int, companies: int, places: int) -> str:
    """How many companies move so many places under another weighting."""
    if companies == 1:
        return "One company has the same rank by every weighting"
    if not moved:
        by = f"{places} places or more" if places > 1 else "a place"
        return f"No company moves by {by} under another weighting"
    verb = "changes" if moved == 1 else "change"
    return f"{moved} of {companies:,} companies {verb} places under another weighting"


def certainty(
    lower: float,
    upper: float,
    *,
    is_reliable: bool = True,
    doubt: int = 0,
    is_of_some: bool = False,
) -> str:
    """How sure a rate is; `is_of_some` says that only some companies are in doubt."""
    if doubt == NO_RATE:
        return f"no interval: {'some companies have no' if is_of_some else 'no row has a'} RATE"
    if doubt == UNDECIDED:
        return f"no interval: the weighting{' of some companies' * is_of_some} is undecided"
    if not is_reliable or lower != lower:
        return "too few rows for an interval"
    if abs(upper - lower) < 1e-9:
        return "counted, not sampled"
    return f"95{NO_BREAK}% interval {interval(lower, upper)}"


def sure(lower: float, upper: float, is_reliable: bool, doubt: int) -> str:
    """How sure a rate is, in few words for a table."""
    if doubt:
        return "no RATE" if doubt == NO_RATE else "undecided"
    if not is_reliable or lower != lower:
        return FEW
    return "counted" if abs(upper - lower) < 1e-9 else interval(lower, upper, 0)


def sure_each(rates: Iterable[Mapping[Any, Any]]) -> list[str]:
    """The same for rows with `lower`, `upper`, `is_reliable` and `doubt`."""
    return [sure(r["lower"], r["upper"], r["is_reliable"], r["doubt"]) for r in rates]
