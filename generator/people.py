"""The simulated users before any sampling: who comes, who is asked, what they choose and when.

A block is a fixed number of users with a separate random generator, so that a company of any size
can be made in pieces and always comes out the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .companies import Company
from .profiles import Profile
from .randomness import Bytes16, cumulate, pick, random_ids
from .settings import Settings

FULL, PARTIAL, OPT_OUT, EMPTY = range(4)
NO_ACTION, CLICK, EXTERNAL, WEBVIEW = range(4)
MEDIAN_SECONDS = (2.6, 31.0, 3.9, 3.0)
SIGMAS = (0.7, 0.9, 0.7, 0.7)
PREFERENCES = (0.04, 0.6, 0.04, 0.02)
"""Chance that a user opens the preferences, by what they choose."""
PREFERENCES_UNDECIDED = 0.03
MEAN_UI_ACTIONS = 2.0
ASKED_AGAIN = 0.03
NEVER = np.iinfo(np.int64).max
TCF_COUNTRIES = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU"
    " IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
).split()

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Small = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Users:
    """A block of users: arrays of shape (users,), times in ms since 1970, or NEVER."""

    arrived: Ints
    web: Bools
    place: Ints
    client: Ints
    deployment: Ints
    variant: Bools
    prior: Small
    again: Bools
    asked: Ints
    given: Ints
    status: Small
    action: Small
    ui_actions: Ints
    pageviews: Ints
    ids: Bytes16

    def __len__(self) -> int:
        return len(self.arrived)


def draw_users(
    company: Company, settings: Settings, rng: np.random.Generator, shares: npt.NDArray[np.float64]
) -> Users:
    """Draw a block of users; each arrives when its entry of `shares` (0 to 1) of all users have."""
    profile, n = company.profile, len(shares)
    arrived = np.interp(shares, company.arrival_shares, company.arrival_times).astype(np.int64)
    web = rng.random(n) < profile.web
    variant = rng.random(n) < 0.5 if settings.experiment else np.zeros(n, dtype=bool)
    returning = rng.random(n) < profile.returning
    prior = np.where(returning, _statuses(profile.statuses, rng.random(n)), EMPTY).astype(np.uint8)
    shown = rng.random(n)
    again = returning & (shown < ASKED_AGAIN)
    is_asked = again | (~returning & (shown < profile.shown))
    external = ~returning & (shown > 1 - profile.external)
    chooses = external | (is_asked & (rng.random(n) < profile.chosen))
    status = _chosen_status(company, settings, variant, arrived, rng)
    delay = delays_ms(status, profile.delay, rng)
    asked = arrived + 300 + (800 * rng.random(n)).astype(np.int64)
    given = np.where(chooses, asked + delay, NEVER)
    asked = np.where(is_asked, asked, NEVER)
    users = Users(
        arrived=arrived, web=web, variant=variant, prior=prior, again=again, status=status,
        asked=np.where(asked < company.end_ms, asked, NEVER),
        given=np.where(given < company.end_ms, given, NEVER),
        place=pick(company.places.cumulative, rng.random(n)),
        client=_clients(company, web, rng),
        deployment=_deployments(company, web, rng),
        action=_actions(web, external, rng),
        ui_actions=_ui_actions(is_asked & (asked < company.end_ms), chooses, status, rng),
        pageviews=1 + _geometric(profile.pageviews - 1, rng.random(n)),
        ids=random_ids(rng, n),
    )  # fmt: skip
    if settings.tcf_gap and not profile.li_only:
        # where TCF applies, so many of those who would accept everything refuse
        applies = np.isin(company.places.countries, TCF_COUNTRIES)[users.place]
        refuses = applies & (status == FULL) & (rng.random(n) < settings.tcf_gap)
        users = replace(users, status=np.where(refuses, OPT_OUT, status).astype(np.uint8))
    return users


def status_probabilities(
    profile: Profile, settings: Settings, variant: bool
) -> tuple[float, float, float, float]:
    """Return the true probabilities of full, partial, opt-out and empty in one arm."""
    full, partial, refused, empty = profile.statuses
    if not (variant and settings.experiment) or profile.li_only:
        return profile.statuses
    shift = settings.experiment_effect * (1 - empty)
    return full + shift, partial, refused - shift, empty


def delays_ms(status: Small, factor: float, rng: np.random.Generator) -> Ints:
    """Draw log-normal times from notice to choice, in ms; they depend on the choice."""
    medians = np.asarray(MEDIAN_SECONDS)[status] * factor
    sigmas = np.asarray(SIGMAS)[status]
    seconds = medians * np.exp(sigmas * rng.standard_normal(len(status)))
    return np.maximum(200, np.rint(seconds * 1000)).astype(np.int64)


def rows_per_user(company: Company) -> float:
    """Return a user's mean number of rows after sampling."""
    p = company.profile
    asked = (1 - p.returning) * p.shown + p.returning * ASKED_AGAIN
    given = asked * p.chosen + (1 - p.returning) * p.external
    opens = p.chosen * sum(map(np.multiply, p.statuses, PREFERENCES))
    ui = asked * (opens + (1 - p.chosen) * PREFERENCES_UNDECIDED) * MEAN_UI_ACTIONS
    view = p.web * p.web_pageview_rate + (1 - p.web) * p.mobile_pageview_rate
    return float(p.pageviews * view + asked * p.asked_rate + given * p.given_rate + ui)


def _chosen_status(
    company: Company, settings: Settings, variant: Bools, arrived: Ints, rng: np.random.Generator
) -> Small:
    profile, draws = company.profile, rng.random(len(variant))
    status = _statuses(profile.statuses, draws)
    if settings.experiment:
        treated = _statuses(status_probabilities(profile, settings, variant=True), draws)
        status = np.where(variant, treated, status)
    if company.drops_at_ms is not None and not profile.li_only:
        # of those who would accept everything, so many more refuse
        shift = settings.drop * (1 - profile.statuses[EMPTY])
        is_late = arrived >= company.drops_at_ms
        status = np.where(is_late & (status == FULL) & (draws < shift), OPT_OUT, status)
    return status.astype(np.uint8)


def _statuses(chances: tuple[float, ...], draws: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    return pick(cumulate(list(chances)), draws)


def _clients(company: Company, web: Bools, rng: np.random.Generator) -> Ints:
    """Return an index into web clients followed by mobile clients."""
    draws = rng.random(len(web))
    mobile = len(company.web_clients) + pick(company.mobile_clients, draws)
    return np.where(web, pick(company.web_clients, draws), mobile)


def _deployments(company: Company, web: Bools, rng: np.random.Generator) -> Ints:
    """Return an index into the company's deployments, where those for the web come first."""
    first, draws = company.web_deployments, rng.random(len(web))
    others = len(company.deployments) - first
    return np.where(web, draws * first, first + draws * others).astype(np.int64)


def _actions(web: Bools, external: Bools, rng: np.random.Generator) -> Small:
    """Return how each choice was made: by a click (some do not say so), outside, in a web view."""
    draws = rng.random(len(web))
    outside = np.where(web & (draws < 0.5), WEBVIEW, EXTERNAL)
    clicked = np.where(draws < 0.05, NO_ACTION, CLICK)
    return np.where(external, outside, clicked).astype(np.uint8)


def _ui_actions(asked: Bools, chooses: Bools, status: Small, rng: np.random.Generator) -> Ints:
    chance = np.where(chooses, np.asarray(PREFERENCES)[status], PREFERENCES_UNDECIDED)
    opens = asked & (rng.random(len(asked)) < chance)
    return np.where(opens, 1 + (3 * rng.random(len(asked))).astype(np.int64), 0)


def _geometric(mean: float, draws: npt.NDArray[np.float64]) -> Ints:
    """Return whole numbers from 0 with this mean."""
    whole: Ints = np.floor(np.log1p(-draws) / np.log(mean / (1 + mean))).astype(np.int64)
    return whole
