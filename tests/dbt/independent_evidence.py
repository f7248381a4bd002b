"""Refusals and page views by deployment, computed a second time: files -> plain Python."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.dbt import independent
from tests.dbt.independent_rates import Z

DECIDED = ("full opt-in", "partial opt-in", "opt-out")


@dataclass(frozen=True)
class Event:
    """A row as the definitions see it; `payload` is empty where there is none."""

    company: str
    deployment: str
    type: str
    status: str
    sdk: str
    count: float
    weight: float
    payload: dict[str, Any]


def events_in(folder: Path) -> list[Event]:
    """All events below `folder`, each EVENT_ID once."""
    rows = {row["EVENT_ID"]: row for row in independent.delivered_rows(folder)}
    return [_event(row) for row in rows.values()]


def by_deployment(events: Iterable[Event]) -> dict[tuple[str, str], list[Event]]:
    """(company, deployment) -> its events; the deployment `all` has all of the company."""
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        groups[event.company, event.deployment].append(event)
        groups[event.company, "all"].append(event)
    return groups


def refusals(events: Iterable[Event]) -> tuple[int, ...]:
    """Refusals, those with an offer, with interest left on; decisions, …: eight counts."""
    choices = [e for e in events if e.type == "consent.given"]
    refused = [e for e in choices if e.payload.get("action") == "click" and e.status == "opt-out"]
    made_here = [e for e in choices if e.payload.get("action") not in ("external", "webview")]
    asked = [e for e in events if e.type == "consent.asked"]
    return (
        len(refused),
        sum(bool(_interest(e, "enabled", "disabled")) for e in refused),
        sum(bool(_interest(e, "enabled")) for e in refused),
        sum(e.status in DECIDED for e in made_here),
        sum("action" not in e.payload and e.status.endswith("opt-in") for e in choices),
        len(asked),
        sum(e.status in DECIDED for e in asked),
        sum(e.status == "opt-out" for e in asked),
    )


def traffic(events: Iterable[Event], weighting: str) -> tuple[Any, ...]:
    """Page views: rows, shares (opt-in, opt-out, none, error), opted in and full on web, mobile."""
    views = [e for e in events if e.type == "pageview"]
    total = sum(_weight(e, weighting) for e in views)
    opted_in = [e for e in views if e.status.endswith("opt-in")]
    parts = [
        opted_in,
        [e for e in views if e.status == "opt-out"],
        [e for e in views if e.status not in DECIDED],
        [e for e in views if e.payload.get("gcm_error") is not None],
    ]
    shares = [sum(_weight(e, weighting) for e in part) / total if total else None for part in parts]
    full = [e for e in opted_in if e.status == "full opt-in"]
    on = [
        sum(e.sdk == f"sdk-{k}" for e in part)
        for k in ("web", "mobile")
        for part in (opted_in, full)
    ]
    return len(views), *shares, len(parts[3]), *on


def wilson(part: int, rows: int) -> tuple[float | None, float | None, float | None]:
    """part / rows and its bounds, the roots of (p − x)² = z²x(1−x)/n; none below five rows."""
    if not rows:
        return None, None, None
    p = part / rows
    if rows < 5:
        return p, None, None
    a, b = 1 + Z**2 / rows, -(2 * p + Z**2 / rows)
    root = math.sqrt(max(b**2 - 4 * a * p**2, 0))
    return p, (-b - root) / (2 * a), (-b + root) / (2 * a)


def _interest(event: Event, *states: str) -> list[Any]:
    lists = [event.payload.get(name) or {} for name in ("purposes_li", "vendors_li")]
    return [item for entries in lists for state in states for item in entries.get(state) or []]


def _weight(event: Event, weighting: str) -> float:
    return event.count if weighting == "count" else event.weight


def _event(row: dict[str, Any]) -> Event:
    seen = independent.to_event(row)
    return Event(
        company=seen.company,
        deployment=(row["DEPLOYMENT_ID"] or "").replace('"', "").strip() or "unknown",
        type=seen.type,
        status=seen.status,
        sdk=row["SDK_TYPE"] or "",
        count=float(row["COUNT"]),
        weight=seen.weight,
        payload=json.loads(row["PARAMETERS"]) if row["PARAMETERS"] else {},
    )
