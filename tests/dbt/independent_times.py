"""Pairs and their times computed a second time: delivered rows -> plain Python.

Lists of lags where the models count by lag: the corrected distribution walks through all lags in
order, percentiles are numpy's.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.dbt import independent
from tests.dbt.independent import WINDOW_SECONDS, Event

SHORT = 60


@dataclass(frozen=True)
class Pair:
    """Two events that follow each other, or a token: its two ids (the second None) and its lag."""

    company: str
    method: str
    direction: str
    ids: tuple[str, str | None]
    status: str
    country: str | None
    lag: float
    gap: float | None = None


def pairs_in(folder: Path) -> list[Pair]:
    """All pairs of the three methods within the window."""
    rows = {row["EVENT_ID"]: row for row in independent.delivered_rows(folder)}
    events = [independent.to_event(row) for row in rows.values()]
    found = [*_matched(events, "user", lambda e: e.user)]
    found += _matched(events, "cohort", lambda e: e.cohort)
    return found + [_token(e, rows[e.id]) for e in events if e.token_seconds is not None]


def summary(pairs: Iterable[Pair], method: str) -> tuple[Any, ...]:
    """What int_lag_summary holds of a company and method, in its order, from the pair count on."""
    own = list(pairs)
    forward = sorted(p.lag for p in own if p.direction == "forward")
    backward = sorted(p.lag for p in own if p.direction == "backward")
    counted = (len(forward), *_figures(forward))
    enough = len(forward) >= 10
    if method == "token":
        timely = sum((p.gap or 0) <= SHORT for p in own) / len(own) if own else None
        return (*counted, *[None] * 9, timely, enough and timely is not None and timely >= 0.8)
    short = [sum(lag <= SHORT for lag in lags) for lags in (forward, backward)]
    excess = short[0] - short[1]
    lower = excess - 1.959963984540054 * sum(short) ** 0.5
    placebo = (len(backward), *_figures(backward))
    return (
        *counted,
        *placebo,
        *_corrected(forward, backward),
        excess,
        lower,
        None,
        enough and lower > 0,
    )


def headline(by_method: dict[str, tuple[Any, ...]]) -> tuple[str | None, float | None]:
    """The first credible method and its median, corrected but for tokens."""
    for method in ("user", "token", "cohort"):
        if method in by_method and by_method[method][-1]:
            return method, by_method[method][2 if method == "token" else 9]
    return None, None


def _matched(events: Iterable[Event], method: str, group: Callable[[Event], Any]) -> Iterable[Pair]:
    groups: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        if event.type in ("consent.asked", "consent.given") and group(event) is not None:
            groups[event.company, group(event)].append(event)
    for members in groups.values():
        members.sort(key=lambda e: (e.at, e.id))
        for first, second in zip(members, members[1:], strict=False):
            lag = (second.at - first.at).total_seconds()
            if first.type != second.type and 0 < lag <= WINDOW_SECONDS:
                forward = first.type == "consent.asked"
                choice = second if forward else first
                yield Pair(
                    company=first.company,
                    method=method,
                    direction="forward" if forward else "backward",
                    ids=(first.id, second.id),
                    status=choice.status,
                    country=choice.country,
                    lag=lag,
                )


def _token(event: Event, row: dict[str, Any]) -> Pair:
    changed = datetime.fromisoformat(json.loads(row["PARAMETERS"])["updated"])
    return Pair(
        company=event.company,
        method="token",
        direction="forward",
        ids=(event.id, None),
        status=event.status,
        country=event.country,
        lag=event.token_seconds or 0.0,
        gap=abs((event.at - changed).total_seconds()),
    )


def _figures(lags: list[float]) -> list[float | None]:
    if not lags:
        return [None, None, None]
    return [float(np.mean(lags)), float(np.median(lags)), float(np.percentile(lags, 90))]


def _corrected(forward: list[float], backward: list[float]) -> list[float | None]:
    """Mean, median and p90 of choices: one at each lag where the difference reaches a new high."""
    choices: list[float] = []
    for lag in sorted({*forward, *backward}):
        difference = sum(f <= lag for f in forward) - sum(b <= lag for b in backward)
        choices += [lag] * max(difference - len(choices), 0)
    if not choices:
        return [None, None, None]
    places = [int(np.ceil(share * len(choices))) - 1 for share in (0.5, 0.9)]
    return [float(np.mean(choices)), *(choices[place] for place in places)]
