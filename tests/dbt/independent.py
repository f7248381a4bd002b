"""The company marts computed a second time: delivered files -> dictionaries, in plain Python.

Written from the definitions (the assignment's and the domain's), not from the models: loops over
sorted lists where the models use window functions, `json` where they use jsonb.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

csv.field_size_limit(10**8)
WINDOW_SECONDS = 1800
COHORT = "APIKEY DOMAIN DEPLOYMENT_ID COUNTRY REGION BROWSER_FAMILY DEVICE_TYPE SDK_TYPE".split()
TYPES = {
    "pageview": "pageview",
    "consent_asked": "consent.asked",
    "consent_given": "consent.given",
    "ui_action": "ui.action",
}
Distribution = dict[tuple[str, ...], tuple[float, int, float]]


@dataclass(frozen=True)
class Event:
    """One event as the definitions see it; `weight` is COUNT / RATE, RATE 1 where missing."""

    id: str
    company: str
    type: str
    status: str
    at: datetime
    country: str | None
    user: str | None
    cohort: tuple[str | None, ...]
    weight: float
    token_seconds: float | None


def events_in(folder: Path) -> list[Event]:
    """Events of all files below `folder`/events, each EVENT_ID once."""
    return list({event.id: event for event in map(to_event, delivered_rows(folder))}.values())


def companies_in(folder: Path) -> dict[str, tuple[str, ...]]:
    """Public API key -> detailed industry, industry, country of the headquarters."""
    path = next((folder / "country_and_industry").glob("*.csv"))
    names = ("INDUSTRY_BACK", "INDUSTRY_FRONT", "HQ_COUNTRY")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["PUBLIC_API_KEY"]: tuple(row[name] or "Unknown" for name in names) for row in rows}


def to_event(row: dict[str, Any]) -> Event:
    """One delivered row: keys in capitals, times as text."""
    text = {name: _text(value) for name, value in row.items()}
    status = (text["CONSENT"] or "unknown").lower()
    return Event(
        id=row["EVENT_ID"],
        company=row["APIKEY"],
        type=row["TYPE"],
        status="partial opt-in" if status == "partial" else status,
        at=_moment(row["EVENT_TIME"]),
        country=text["COUNTRY"],
        user=text.get("USER_ID"),
        cohort=tuple(text[name] for name in COHORT),
        weight=int(row["COUNT"]) / round(float(text["RATE"] or 1), 6),
        token_seconds=_token_seconds(row),
    )


def performance(events: Iterable[Event], companies: Iterable[str]) -> dict[str, dict[str, float]]:
    """company_performance by company: extrapolated and row counts, number of countries."""
    result: dict[str, dict[str, float]] = {}
    for company, own in _by_company(events, companies).items():
        row: dict[str, float] = {
            "event_count": sum(e.weight for e in own),
            "event_row_count": len(own),
            "country_count": len({e.country for e in own if e.country}),
        }
        for name, wanted in TYPES.items():
            weights = [e.weight for e in own if e.type == wanted]
            row |= {f"{name}_count": sum(weights), f"{name}_row_count": len(weights)}
        result[company] = row
    return result


def conversion(events: Iterable[Event], companies: Iterable[str]) -> dict[str, float | None]:
    """Extrapolated given over extrapolated asked, None where nothing was asked."""
    counts = performance(events, companies)
    return {
        company: row["consent_given_count"] / row["consent_asked_count"]
        if row["consent_asked_count"]
        else None
        for company, row in counts.items()
    }


def event_types(events: Iterable[Event]) -> Distribution:
    """(company, type) -> extrapolated count, rows, share of the company's extrapolated count."""
    return _distribution(((e.company, e.type), e.weight) for e in events)


def statuses(events: Iterable[Event]) -> Distribution:
    """(company, scope, status) -> extrapolated count, rows, share within company and scope."""
    traffic = [((e.company, "all events", e.status), e.weight) for e in events]
    choices = [((e.company, "choices", e.status), e.weight) for e in events if _is_choice(e)]
    return _distribution(traffic + choices)


def times(events: Iterable[Event], companies: Iterable[str]) -> dict[tuple[str, str], list[Any]]:
    """(company, method) -> notices, pairs, mean, median, p90 (seconds, None without pairs)."""
    result: dict[tuple[str, str], list[Any]] = {}
    for company, own in _by_company(events, companies).items():
        notices = [e for e in own if e.type == "consent.asked"]
        lags = {
            "user": _lags(own, lambda e: e.user),
            "cohort": _lags(own, lambda e: e.cohort),
            "token": [e.token_seconds for e in own if e.token_seconds is not None],
        }
        asked = {"user": sum(e.user is not None for e in notices), "cohort": len(notices)}
        for method, values in lags.items():
            result[company, method] = [asked.get(method), len(values), *_summary(values)]
    return result


def _is_choice(event: Event) -> bool:
    return event.type == "consent.given"


def _lags(events: Iterable[Event], group: Any) -> list[float]:
    groups: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        if event.type in ("consent.asked", "consent.given") and group(event) is not None:
            groups[group(event)].append(event)
    lags = []
    for members in groups.values():
        members.sort(key=lambda e: (e.at, e.id))
        for first, second in zip(members, members[1:], strict=False):
            seconds = (second.at - first.at).total_seconds()
            is_pair = first.type == "consent.asked" and _is_choice(second)
            if is_pair and 0 < seconds <= WINDOW_SECONDS:
                lags.append(seconds)
    return lags


def _summary(values: list[float]) -> list[float | None]:
    if not values:
        return [None, None, None]
    return [float(np.mean(values)), float(np.median(values)), float(np.percentile(values, 90))]


def _by_company(events: Iterable[Event], companies: Iterable[str]) -> dict[str, list[Event]]:
    result: dict[str, list[Event]] = {company: [] for company in companies}
    for event in events:
        result.setdefault(event.company, []).append(event)
    return result


def _distribution(parts: Iterable[tuple[tuple[str, ...], float]]) -> Distribution:
    weights: dict[tuple[str, ...], list[float]] = defaultdict(list)
    totals: dict[tuple[str, ...], float] = defaultdict(float)
    for key, weight in parts:
        weights[key].append(weight)
        totals[key[:-1]] += weight
    return {k: (sum(v), len(v), sum(v) / totals[k[:-1]]) for k, v in weights.items()}


def _token_seconds(row: dict[str, Any]) -> float | None:
    payload = json.loads(row["PARAMETERS"]) if row["PARAMETERS"] else {}
    if row["TYPE"] != "consent.given" or not payload.get("created") or not payload.get("updated"):
        return None
    made, changed = (datetime.fromisoformat(payload[name]) for name in ("created", "updated"))
    seconds = (changed - made).total_seconds()
    return seconds if 0 <= seconds <= WINDOW_SECONDS else None


def _text(value: Any) -> str | None:
    return str(value).replace('"', "").strip() or None if value is not None else None


def _moment(text: str) -> datetime:
    day, clock = text.split(" ")
    return datetime.fromisoformat(f"{day} {clock.zfill(8)}").replace(tzinfo=UTC)


def delivered_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Rows as the files have them: names in capitals, nothing cleaned."""
    for path in sorted((folder / "events" / "csv").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)
    for path in sorted((folder / "events" / "parquet").glob("*.parquet")):
        yield from pq.read_table(path).to_pylist()
