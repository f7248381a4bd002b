"""Purposes, vendors, findings and statuses computed a second time: files -> plain Python.

Written from DOMAIN.md: every list of every event is walked id by id, where the models add up equal
lists first and keep sums by day.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dbt import independent
from tests.dbt import independent_rates as rates

LISTS = {
    "purposes": ("purpose", "consent"),
    "purposes_li": ("purpose", "legitimate interest"),
    "vendors": ("vendor", "consent"),
    "vendors_li": ("vendor", "legitimate interest"),
}
CONSENT_ONLY = {
    "cookies": 1,
    "create_ads_profile": 3,
    "select_personalized_ads": 4,
    "create_content_profile": 5,
    "select_personalized_content": 6,
}
EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
TCF_REGION = set(f"{EU} AX GF GP MF MQ RE YT IS LI NO GB CH".split())
Key = tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """A notice or choice: `lists` maps (list, state) to the different ids on it, as text."""

    company: str
    type: str
    status: str
    is_on_notice: bool
    region: str
    rate: float
    assignment: float
    count: float
    lists: dict[tuple[str, str], set[str]]


class Sums:
    """Rows, Σw, Σw² and Σ(1−RATE)w² of some events under one weighting."""

    def __init__(self) -> None:
        self.rows, self.w, self.w2, self.variance = 0, 0.0, 0.0, 0.0

    def add(self, weight: float, rate: float) -> None:
        self.rows += 1
        self.w += weight
        self.w2 += weight**2
        self.variance += (1 - rate) * weight**2


def choices_in(folder: Path) -> list[Choice]:
    """Notices and choices of all files below `folder`, each EVENT_ID once."""
    rows = {row["EVENT_ID"]: row for row in independent.delivered_rows(folder)}
    types = ("consent.asked", "consent.given")
    return [_choice(row) for row in rows.values() if row["TYPE"] in types]


def items(
    choices: Iterable[Choice], weightings: dict[str, tuple[str, bool]]
) -> dict[Key, dict[str, tuple[Sums, Sums]]]:
    """(company, type, legal basis, id) -> figure -> sums by COUNT / RATE and corrected."""
    result: dict[Key, dict[str, tuple[Sums, Sums]]] = defaultdict(
        lambda: defaultdict(lambda: (Sums(), Sums()))
    )
    for event in choices:
        used = event.count if weightings[event.company][0] == "count" else event.assignment
        for (name, state), ids in event.lists.items():
            figures = [state] if event.is_on_notice else []
            figures += [] if state == "shown" else [f"{state}_everywhere"]
            for item in ids:
                for figure in figures:
                    sums = result[event.company, *LISTS[name], item][figure]
                    sums[0].add(event.assignment, event.rate)
                    sums[1].add(used, event.rate)
    return result


def total(part: Sums) -> tuple[Any, ...]:
    """Rows, Σw, lower, upper, whether there are rows enough."""
    half = rates.Z * math.sqrt(part.variance)
    bounds = (max(part.w - half, 0), part.w + half) if part.rows >= 5 else (None, None)
    return part.rows, part.w, *bounds, part.rows >= 5


def rate(on: Sums, off: Sums) -> tuple[Any, ...]:
    """on / (on + off), effective sample size; Wilson's bounds solve (p − x)² = z²x(1−x)/n."""
    if not on.rows + off.rows:
        return None, None, None, None
    p, n = on.w / (on.w + off.w), (on.w + off.w) ** 2 / (on.w2 + off.w2)
    if min(on.rows, off.rows) < 5:
        return p, None, None, n
    a, b, c = 1 + rates.Z**2 / n, -(2 * p + rates.Z**2 / n), p**2
    root = math.sqrt(b**2 - 4 * a * c)
    return p, (-b - root) / (2 * a), (-b + root) / (2 * a), n


def per_shown(on: Sums, shown: Sums) -> tuple[Any, ...]:
    """on / shown with bounds on the log scale."""
    if not shown.rows:
        return None, None, None
    value = on.w / shown.w
    if min(on.rows, shown.rows) < 5:
        return value, None, None
    error = math.sqrt(on.variance / on.w**2 + shown.variance / shown.w**2)
    return value, value * math.exp(-rates.Z * error), value * math.exp(rates.Z * error)


def findings(choices: Iterable[Choice]) -> dict[Key, tuple[int, int, float]]:
    """(company, event type, region, purpose) -> events checked, those that list it, their share."""
    events: dict[Key, list[float]] = defaultdict(list)
    listed: dict[Key, list[float]] = defaultdict(list)
    for event in choices:
        where = (event.company, event.type, event.region)
        events[where].append(event.assignment)
        interest = [ids for (name, _), ids in event.lists.items() if name == "purposes_li"]
        for purpose in set().union(*interest) & CONSENT_ONLY.keys():
            listed[*where, purpose].append(event.assignment)
    return {
        key: (len(events[key[:3]]), len(w), sum(w) / sum(events[key[:3]]))
        for key, w in listed.items()
    }


def statuses(choices: Iterable[Choice]) -> Counter[Key]:
    """(company, delivered, recomputed) -> choices."""
    given = (event for event in choices if event.type == "consent.given")
    return Counter((event.company, event.status, recomputed(event)) for event in given)


def recomputed(event: Choice) -> str:
    """The status that the lists say, by what people consent to."""
    allowed, refused = (
        [event.lists.get((name, state), set()) for name in ("purposes", "vendors")]
        for state in ("enabled", "disabled")
    )
    if not event.lists:
        return "unknown"
    if not any(allowed + refused):
        return "empty"
    if not allowed[0] and (refused[0] or not allowed[1]):
        return "opt-out"
    return "partial opt-in" if any(refused) else "full opt-in"


def _choice(row: dict[str, Any]) -> Choice:
    event = independent.to_event(row)
    payload = json.loads(row["PARAMETERS"]) if row["PARAMETERS"] else {}
    lists = {
        (name, state): {str(item) for item in entries}
        for name in LISTS
        for state, entries in _states(payload.get(name), event.type)
        if isinstance(entries, list)
    }
    for name in LISTS:  # what is both enabled and disabled is refused
        if (name, "enabled") in lists and (name, "disabled") in lists:
            lists[name, "enabled"] -= lists[name, "disabled"]
    kept = round(float(row["RATE"] or 1), 6)
    inside = event.country in TCF_REGION
    return Choice(
        company=event.company,
        type=event.type,
        status=event.status,
        is_on_notice=payload.get("action") not in ("external", "webview"),
        region="EEA, UK and CH" if inside else "elsewhere" if event.country else "unknown",
        rate=kept,
        assignment=event.weight,
        count=float(row["COUNT"]),
        lists=lists,
    )


def _states(value: Any, event_type: str) -> list[tuple[str, Any]]:
    if event_type == "consent.asked":
        return [("shown", value)]
    return list(value.items()) if isinstance(value, dict) else []
