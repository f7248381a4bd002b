"""Refusals, page views, ids and tokens, computed a second time: delivered files -> plain Python."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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
    user: str | None
    country: str | None
    payload: dict[str, Any]

    @property
    def token(self) -> str | None:
        """The time by which a consent token is known, to the millisecond, of a choice."""
        created = self.payload.get("created") if self.type == "consent.given" else None
        return (
            datetime.fromisoformat(created).isoformat(timespec="milliseconds") if created else None
        )


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


def user_ids(events: list[Event]) -> tuple[Any, ...]:
    """Of one company: rows with an id; tokens seen twice, with several ids; users of several
    events, those who span countries, the share of them that random ids would give."""
    ids: dict[str, list[str | None]] = defaultdict(list)
    for event in events:
        if event.token:
            ids[event.token].append(event.user)
    seen_twice = [set(found) - {None} for found in ids.values() if len(found) > 1 and any(found)]
    known = [(e.user, e.country) for e in events if e.user and e.country]
    countries = Counter(country for _, country in known)
    by_user: dict[str | None, list[str | None]] = defaultdict(list)
    for user, country in known:
        by_user[user].append(country)
    several = [own for own in by_user.values() if len(own) > 1]
    users, spanning = len(several), sum(len(set(own)) > 1 for own in several)
    expected = sum(
        1
        - sum(math.comb(n, len(own)) for n in countries.values()) / math.comb(len(known), len(own))
        for own in several
    )
    return (
        sum(event.user is not None for event in events),
        len(seen_twice),
        sum(len(found) > 1 for found in seen_twice),
        users,
        spanning,
        expected / users if users else None,
    )


def user_id_verdict(figures: tuple[Any, ...]) -> str:
    """What these figures say about USER_ID."""
    _, tokens, contradicted, users, spanning, expected = figures
    _, lower, upper = wilson(spanning, users)
    is_known = users >= 20 and lower is not None and upper is not None
    if (tokens >= 5 and contradicted > tokens / 2) or (is_known and lower > expected / 2):
        return "fails"
    return "holds" if tokens >= 5 or (is_known and upper < expected / 2) else "cannot be told"


def payloads(events: Iterable[Event]) -> dict[str, tuple[int, int, int, int, float]]:
    """Company -> rows with a token, those with one that another company has; tokens, those, their
    effective number."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        if event.token:
            rows[event.company][event.token] += 1
    owners = Counter(token for tokens in rows.values() for token in tokens)
    found = {}
    for company, tokens in rows.items():
        shared = [token for token in tokens if owners[token] > 1]
        n = tokens.total()
        worth = n**2 / sum(count**2 for count in tokens.values())
        found[company] = (n, sum(tokens[t] for t in shared), len(tokens), len(shared), worth)
    return found


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
        user=seen.user,
        country=seen.country,
        payload=json.loads(row["PARAMETERS"]) if row["PARAMETERS"] else {},
    )
