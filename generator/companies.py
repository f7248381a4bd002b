"""The simulated companies: their names, where their users are, and their delivery's window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .profiles import PROFILES, Profile
from .public_names import (
    COUNTRIES,
    INDUSTRIES,
    MOBILE_CLIENTS,
    REGIONS,
    WEB_CLIENTS,
    industry,
)
from .randomness import cumulate, generator, short_id, uuid_text
from .settings import Settings

HOUR_MS = 3_600_000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Places:
    """Where users are: one entry per (country, region); `cumulative` shares end at 1."""

    countries: list[str]
    regions: list[str | None]
    country_ids: npt.NDArray[np.int64]
    cumulative: Floats


@dataclass(frozen=True)
class Company:
    """One company. Times are milliseconds since 1970 (UTC); its log stops after `cap` rows."""

    number: int
    key: str
    profile: Profile
    rows: int
    cap: int | None
    start_ms: int
    end_ms: int
    domain: str
    deployments: list[str]
    web_deployments: int
    places: Places
    web_clients: Floats
    mobile_clients: Floats
    arrival_times: Floats
    arrival_shares: Floats
    drops_at_ms: int | None
    """From when on its consent rate is lower by `Settings.drop`; None: never."""


def make_company(settings: Settings, number: int) -> Company:
    """Return company `number` (from 1), with everything about it drawn from the seed."""
    rng = generator(settings.seed, "company", number)
    profile = _profile(settings, number, rng)
    key = uuid_text(rng)
    span_hours = 1.0 if profile.capped else (settings.days or profile.span_hours / 24) * 24
    start_ms = settings.start_ms + profile.start_hour * HOUR_MS
    rows = settings.events_per_company or profile.rows
    times, shares = _arrivals(start_ms, span_hours, flat=profile.capped)
    # the larger of web and mobile has the profile's deployments, the other has one
    web_deployments = profile.deployments if profile.web >= 0.5 else 1
    deployments = web_deployments + (profile.deployments if profile.web < 0.5 else 1)
    return Company(
        number=number,
        key=key,
        profile=profile,
        rows=rows,
        cap=rows if profile.capped or settings.exact else None,
        start_ms=start_ms,
        end_ms=start_ms + int(span_hours * HOUR_MS),
        domain=f"{INDUSTRIES[industry(number)][2]}{number}.example",
        deployments=[short_id(rng) for _ in range(deployments)],
        web_deployments=web_deployments,
        places=_places(profile, rng),
        web_clients=cumulate([weight for _, _, weight in WEB_CLIENTS]),
        mobile_clients=cumulate([weight for _, _, weight in MOBILE_CLIENTS]),
        arrival_times=times,
        arrival_shares=shares,
        drops_at_ms=_halfway(start_ms, span_hours) if settings.drop and number % 5 == 2 else None,
    )


def _halfway(start_ms: int, span_hours: float) -> int:
    """Return the midnight nearest to the middle, or the hour, of a day or less."""
    step = (24 if span_hours > 24 else 1) * HOUR_MS
    return round((start_ms + span_hours * HOUR_MS / 2) / step) * step


def _profile(settings: Settings, number: int, rng: np.random.Generator) -> Profile:
    """Return a company's profile; companies after the tenth get their own probabilities."""
    if number <= len(PROFILES):
        profile = PROFILES[number - 1]
    else:
        kinds = [profile for profile in PROFILES if not profile.li_only]
        profile = _vary(kinds[(number - len(PROFILES) - 1) % len(kinds)], rng)
    changes: dict[str, object] = {}
    if settings.user_id is not None:
        changes["user_id"] = settings.user_id
    if not settings.null_rates:
        changes["null_rate"] = 0.0
    return replace(profile, **changes)  # type: ignore[arg-type]


def _vary(profile: Profile, rng: np.random.Generator) -> Profile:
    """Return the profile with new chances of choosing, refusing and being asked."""
    u = rng.random(5)
    partial, empty = profile.statuses[1], profile.statuses[3]
    refused = 0.1 + 0.35 * u[0]
    return replace(
        profile,
        statuses=(1 - partial - empty - refused, partial, refused, empty),
        chosen=0.6 + 0.35 * u[1],
        shown=0.65 + 0.25 * u[2],
        delay=0.8 + 0.6 * u[3],
        returning=0.2 + 0.3 * u[4],
    )


def _arrivals(start_ms: int, span_hours: float, flat: bool) -> tuple[Floats, Floats]:
    """Return times (ms) and the share of users arrived by then; days are busier, unless `flat`."""
    steps = max(1, round(span_hours))
    hours = np.linspace(0, span_hours, steps + 1)
    clock = (start_ms / HOUR_MS + hours[:-1]) % 24
    weights = np.ones(steps) if flat else 1.1 + np.sin((clock - 9) / 12 * np.pi)
    shares = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    return start_ms + hours * HOUR_MS, shares


def _places(profile: Profile, rng: np.random.Generator) -> Places:
    """Return places: 80 % of users in the home country, the others in a long tail of countries."""
    order = [profile.home] + sorted(
        (c for c in COUNTRIES if c != profile.home),
        key=dict(zip(COUNTRIES, rng.random(len(COUNTRIES)), strict=True)).__getitem__,
    )
    weights = [0.8] + [0.2 / (1.2 * rank) ** 1.3 for rank in range(1, len(order))]
    countries: list[str] = []
    regions: list[str | None] = []
    ids: list[int] = []
    shares: list[float] = []
    for index, (country, weight) in enumerate(zip(order, weights, strict=True)):
        codes = REGIONS.get(country, ("01", "02", "03"))
        cells = [(None, profile.region_null)]
        cells += [(code, (1 - profile.region_null) / len(codes)) for code in codes]  # type: ignore[misc]
        for region, share in cells:
            countries.append(country)
            regions.append(region)
            ids.append(index)
            shares.append(weight * share)
    return Places(countries, regions, np.asarray(ids), cumulate(shares))
