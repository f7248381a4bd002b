"""The log of one block of users, and the part of it that sampling keeps.

Users -> all their events -> kept with probability RATE -> `Events`, one entry per delivered row, in
random order, as deliveries are not sorted by time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from .companies import Company
from .people import EXTERNAL, FULL, NEVER, NO_ACTION, PARTIAL, WEBVIEW, Bools, Ints, Small, Users
from .randomness import Bytes16, random_ids
from .sampling import ASKED, GIVEN, PAGEVIEW, UI_ACTION, Sampler, counts, rates, written_rates
from .settings import Settings

SESSION_MS = 900_000
UNDECIDED_MS = 20_000
CLOCK_AWAY_SHARE = 0.04
RECYCLED_TOKENS = 60


@dataclass(frozen=True)
class Events:
    """Delivered rows of one company: arrays of shape (rows,), ids (rows, 16), times in ms.

    created and updated are NEVER where the payload does not hold them. A deployment of -1 is an
    empty cell. `draw` is a uniform number that picks one of the payloads that fit the row.
    """

    type: Small
    time: Ints
    consent: Small
    rate: npt.NDArray[np.float64]
    count: Ints
    action: Small
    created: Ints
    updated: Ints
    draw: npt.NDArray[np.float64]
    web: Bools
    place: Ints
    client: Ints
    deployment: Ints
    arm: Bools
    ids: Bytes16
    user_ids: Bytes16

    def __len__(self) -> int:
        return len(self.type)

    def take(self, rows: slice | Ints) -> Events:
        """Return the rows at these positions."""
        return Events(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def concat(parts: list[Events]) -> Events:
    """Return the rows of all parts, in order."""
    if len(parts) == 1:
        return parts[0]
    return Events(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Events)}
    )


@dataclass(frozen=True)
class Kept:
    """The rows that sampling kept; `owner` is the index of the user."""

    owner: Ints
    type: Small
    time: Ints
    consent: Small
    rate: npt.NDArray[np.float64]

    def take(self, rows: slice | Ints) -> Kept:
        """Return the rows at these positions."""
        return Kept(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def keep_events(
    company: Company, settings: Settings, users: Users, rng: np.random.Generator
) -> Kept:
    """Return the kept events of these users, user by user."""
    sampler = Sampler(settings, len(users), rng)
    people = np.arange(len(users))
    owners = {
        PAGEVIEW: np.repeat(people, users.pageviews),
        ASKED: np.flatnonzero(users.asked != NEVER),
        GIVEN: np.flatnonzero(users.given != NEVER),
        UI_ACTION: np.repeat(people, users.ui_actions),
    }
    parts = []
    for event_type, owner in owners.items():
        rate = rates(company.profile, event_type, users.web)[owner]
        kept = sampler.keep(owner, rate)
        who, nth = owner[kept], kept - np.searchsorted(owner, owner[kept])
        time, consent = _when(event_type, company, users, who, nth, rng)
        types = np.full(len(kept), event_type, dtype=np.uint8)
        parts.append(Kept(who, types, time, consent.astype(np.uint8), rate[kept]))
    both = Kept(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Kept)}
    )
    return both.take(np.argsort(both.owner, kind="stable"))


def _when(
    event_type: int, company: Company, users: Users, who: Ints, nth: Ints, rng: np.random.Generator
) -> tuple[Ints, Small]:
    """Return time and status of the `nth` event of this type of each user in `who`."""
    if event_type == ASKED:
        return users.asked[who], users.prior[who]
    if event_type == GIVEN:
        return users.given[who], users.status[who]
    if event_type == UI_ACTION:
        until = np.where(
            users.given[who] == NEVER, users.asked[who] + UNDECIDED_MS, users.given[who]
        )
        part = (nth + 1) / (users.ui_actions[who] + 1)
        time = users.asked[who] + ((until - users.asked[who]) * part).astype(np.int64)
        return np.minimum(time, company.end_ms - 1), users.prior[who]
    session = np.minimum(SESSION_MS, company.end_ms - 1 - users.arrived[who])
    later = (session * rng.random(len(who)) ** 2).astype(np.int64)
    time = users.arrived[who] + np.where(nth == 0, 0, later)
    return time, np.where(time >= users.given[who], users.status[who], users.prior[who])


def deliver(
    company: Company, settings: Settings, users: Users, kept: Kept, rng: np.random.Generator
) -> Events:
    """Return kept events as the rows of the delivery, in random order."""
    kept = kept.take(rng.permutation(len(kept.owner)))
    who, n = kept.owner, len(kept.owner)
    created, updated = _token_times(company, users, kept, rng)
    is_given = kept.type == GIVEN
    events = Events(
        type=kept.type,
        time=kept.time,
        consent=kept.consent,
        rate=written_rates(company.profile, kept.type, kept.rate, rng),
        count=counts(settings, kept.rate),
        action=np.where(is_given, users.action[who], NO_ACTION).astype(np.uint8),
        created=created,
        updated=updated,
        draw=rng.random(n),
        web=users.web[who],
        place=users.place[who],
        client=users.client[who],
        deployment=np.where(rng.random(n) < 0.005, -1, users.deployment[who]),
        arm=users.variant[who],
        ids=random_ids(rng, n),
        user_ids=users.ids[who],
    )
    if settings.shuffle_users:
        events = replace(events, user_ids=events.user_ids[rng.permutation(n)])
    if settings.recycle_payloads:
        number = (events.draw * 7919 % 1 * RECYCLED_TOKENS).astype(np.int64)
        made = np.where(created == NEVER, NEVER, settings.start_ms - 86_400_000 + 60_001 * number)
        events = replace(events, created=made, updated=np.where(made == NEVER, NEVER, made + 3000))
    if settings.partial_on_web:
        is_hidden = (events.type == PAGEVIEW) & events.web & (events.consent == FULL)
        partial = np.where(is_hidden, PARTIAL, events.consent).astype(np.uint8)
        events = replace(events, consent=partial)
    return events


def _token_times(
    company: Company, users: Users, kept: Kept, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return when the token was created and updated, by the user's clock (web choices only).

    Most clocks are a moment behind, a few are minutes to hours off, and in one company all are.
    """
    who, n = kept.owner, len(kept.owner)
    u, size = rng.random((3, n)), rng.standard_normal(n)
    clock = -100 - 600 * u[0] ** 2
    away = np.where(u[1] < 0.5, -1, 1) * 90_000 * np.exp(np.abs(size))
    clock = np.where(u[2] < CLOCK_AWAY_SHARE, away, clock) + 1000 * company.profile.clock_off
    has_token = (kept.type == GIVEN) & users.web[who]
    outside = (users.action[who] == EXTERNAL) | (users.action[who] == WEBVIEW)
    given, asked = users.given[who], users.asked[who]
    lead = 1000 * company.profile.created_lead * (0.5 + u[0])
    made = np.where(outside, given - 300, np.where(asked == NEVER, given, asked) - lead)
    made = np.where(users.again[who], given - 86_400_000 * (1 + 200 * u[1]), made)
    created = np.where(has_token, made + clock, 0).astype(np.int64)
    updated = np.where(has_token, given + clock, 0).astype(np.int64)
    return np.where(has_token, created, NEVER), np.where(has_token, updated, NEVER)
