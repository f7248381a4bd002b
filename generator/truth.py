"""What was true before sampling, to test the estimates: `Truth`, one entry per company."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .companies import Company
from .people import FULL, MEDIAN_SECONDS, OPT_OUT, PARTIAL, status_probabilities
from .sampling import TYPES
from .settings import Settings
from .tally import STATUSES, Delays, Tally


@dataclass(frozen=True)
class CompanyTruth:
    """The truth about one company; `log` means what happened, before sampling."""

    company_id: str
    number: int
    profile: str
    file: str
    in_company_file: bool
    user_count: int
    row_count: int
    rows_by_type: dict[str, int]
    event_count: int
    events_by_type: dict[str, int]
    consent_asked_count: int
    consent_given_count: int
    consent_conversion_rate: float | None
    statuses: dict[str, int]
    consent_rate_log: float | None
    consent_rate_log_on_notice: float | None
    consent_rate_probability: float | None
    time_to_consent: dict[str, dict[str, float | int | None]]
    underlying_median_seconds: dict[str, float]
    country_count: int
    arms: dict[str, dict[str, float | int | None]]
    consent_drop: float
    """How much `consent_rate_probability` fell halfway; 0 where it did not."""


@dataclass(frozen=True)
class Truth:
    """The truth about one run: its settings, and one entry per company, in order."""

    settings: dict[str, object]
    companies: list[CompanyTruth]

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def company_truth(
    company: Company, settings: Settings, tally: Tally, file: str, listed: bool
) -> CompanyTruth:
    """Return the truth that a tally holds."""
    given, on_notice = tally.given.sum(axis=(0, 1)), tally.given[:, 0].sum(axis=0)
    asked, chosen = int(tally.asked.sum()), int(given.sum())
    return CompanyTruth(
        company_id=company.key,
        number=company.number,
        profile=company.profile.name,
        file=file,
        in_company_file=listed,
        user_count=tally.users,
        row_count=int(tally.rows.sum()),
        rows_by_type=_named(TYPES, tally.rows),
        event_count=int(tally.events.sum()),
        events_by_type=_named(TYPES, tally.events),
        consent_asked_count=asked,
        consent_given_count=chosen,
        consent_conversion_rate=_ratio(chosen, asked),
        statuses=_named(STATUSES, given),
        consent_rate_log=_consent_rate(given),
        consent_rate_log_on_notice=_consent_rate(on_notice),
        consent_rate_probability=_probability(company, settings),
        time_to_consent=_times(tally),
        underlying_median_seconds={
            name: round(seconds * company.profile.delay, 6)
            for name, seconds in zip(STATUSES, MEDIAN_SECONDS, strict=True)
        },
        country_count=int(tally.countries.sum()),
        arms=_arms(company, settings, tally) if settings.experiment else {},
        consent_drop=(
            0.0 if company.drops_at_ms is None or company.profile.li_only else settings.drop
        ),
    )


def _arms(
    company: Company, settings: Settings, tally: Tally
) -> dict[str, dict[str, float | int | None]]:
    arms: dict[str, dict[str, float | int | None]] = {}
    for index, name in enumerate(("control", "variant")):
        given = tally.given[index].sum(axis=0)
        arms[name] = {
            "user_count": int(tally.arms[index]),
            "consent_asked_count": int(tally.asked[index]),
            "consent_given_count": int(given.sum()),
            "consent_conversion_rate": _ratio(int(given.sum()), int(tally.asked[index])),
            "consent_rate_log": _consent_rate(given),
            "consent_rate_probability": _rate(
                status_probabilities(company.profile, settings, variant=index == 1)
            ),
        }
    return arms


def _times(tally: Tally) -> dict[str, dict[str, float | int | None]]:
    every = Delays()
    for kind in tally.delays:
        every.count += kind.count
        every.total_ms += kind.total_ms
        every.bins += kind.bins
    by_status = {n: d.summary() for n, d in zip(STATUSES, tally.delays, strict=True)}
    return {"all": every.summary(), **by_status}


def _probability(company: Company, settings: Settings) -> float | None:
    """Return the chance that a choice is an opt-in (both arms together, half of the users each)."""
    arms = [status_probabilities(company.profile, settings, variant) for variant in (False, True)]
    return _rate(tuple(sum(pair) / 2 for pair in zip(*arms, strict=True)))


def _rate(chances: tuple[float, ...]) -> float | None:
    opt_in, out = chances[FULL] + chances[PARTIAL], chances[OPT_OUT]
    return round(opt_in / (opt_in + out), 9) if opt_in + out else None


def _consent_rate(given: npt.NDArray[np.int64]) -> float | None:
    opt_in = int(given[FULL] + given[PARTIAL])
    return _ratio(opt_in, opt_in + int(given[OPT_OUT]))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _named(names: tuple[str, ...], values: npt.NDArray[np.int64]) -> dict[str, int]:
    return {name: int(value) for name, value in zip(names, values, strict=True)}
