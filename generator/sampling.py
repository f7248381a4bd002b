"""Which events are kept, and what RATE and COUNT say about that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .profiles import Profile
from .settings import Settings

PAGEVIEW, ASKED, GIVEN, UI_ACTION = range(4)
TYPES = ("pageview", "consent.asked", "consent.given", "ui.action")
NOISE_SHARE = 0.05
Floats = npt.NDArray[np.float64]


def rates(profile: Profile, event_type: int, web: npt.NDArray[np.bool_]) -> Floats:
    """Return for each user the probability with which an event of this type is kept."""
    if event_type == PAGEVIEW:
        return np.where(web, profile.web_pageview_rate, profile.mobile_pageview_rate)
    fixed = {ASKED: profile.asked_rate, GIVEN: profile.given_rate, UI_ACTION: 1.0}[event_type]
    return np.full(len(web), fixed)


class Sampler:
    """Keeps events with probability RATE: one by one, or all events of a user together."""

    def __init__(self, settings: Settings, users: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._of_user = rng.random(users) if settings.sampling == "users" else None

    def keep(self, user: npt.NDArray[np.int64], rate: Floats) -> npt.NDArray[np.int64]:
        """Return positions of the kept events; `user` and `rate` have one entry per event."""
        draws = self._rng.random(len(user)) if self._of_user is None else self._of_user[user]
        return np.flatnonzero(draws < rate)


def written_rates(
    profile: Profile, types: npt.NDArray[np.uint8], rate: Floats, rng: np.random.Generator
) -> Floats:
    """Return RATE as delivered: some have float noise (0.1000000015), some are missing (NaN)."""
    noise = np.round(rate.astype(np.float32).astype(np.float64), 10)
    written = np.where(rng.random(len(rate)) < NOISE_SHARE, noise, rate)
    may_miss = (types == PAGEVIEW) | (types == UI_ACTION)
    missing = may_miss & (rng.random(len(rate)) < profile.null_rate)
    return np.where(missing, np.nan, written)


def counts(settings: Settings, rate: Floats) -> npt.NDArray[np.int64]:
    """Return COUNT: round(1 / RATE), which already is the weight, or 1 for each row."""
    if settings.count == "one":
        return np.ones(len(rate), dtype=np.int64)
    return np.rint(1 / rate).astype(np.int64)
