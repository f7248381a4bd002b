"""The options of a run: one frozen record, checked on creation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

PAYLOADS = ("none", "small", "medium", "realistic")
COUNTS = ("round", "one")
SAMPLINGS = ("events", "users")
FORMATS = ("both", "csv", "parquet")


@dataclass(frozen=True)
class Settings:
    """Options of one run; equal settings give equal bytes (with the same numpy and pyarrow).

    seed: every random draw follows from it. companies: companies with events.
    events_per_company: approximate number of rows after sampling; exact with `exact` and for capped
    companies; None means each company's default, 2,000 to 3,000.
    payload: none, small (~0.4 KB), medium (~1 KB), realistic (~4 KB, up to 35 KB).
    count: COUNT is round(1 / RATE), as in real deliveries, or 1 everywhere.
    sampling: each event independently, or whole users (same RATE, events of a user go together).
    user_id: True everywhere, False nowhere, None in all but two companies, as in real deliveries.
    experiment: fill EXPERIMENT; `experiment_effect` is added to the variant's consent rate.
    drop: how much every fifth company's consent rate falls halfway through its delivery: at the
    midnight nearest to its middle, or at an hour if it lasts a day or less.
    tcf_gap: this share of those who would accept everything refuses in the EEA, UK and CH.
    shuffle_users: assign USER_IDs at random, so that no pair of events really is one user's.
    recycle_payloads: web choices of all companies have the times of the same sixty tokens.
    partial_on_web: opted-in page views on the web say `partial opt-in`, as the real SDK does.
    duplicates: repeat five rows in each file, and three of the previous file. null_rates: allow
    empty RATE. days: length in days of the deliveries that are not capped. start: first day (UTC).
    formats: csv for the first half of the files and Parquet for the rest, or one for all.
    chunk_rows: rows rendered at a time; it changes memory, never the bytes.
    """

    seed: int = 20251006
    companies: int = 10
    events_per_company: int | None = None
    payload: str = "medium"
    count: str = "round"
    sampling: str = "events"
    user_id: bool | None = None
    experiment: bool = False
    experiment_effect: float = 0.08
    drop: float = 0.0
    tcf_gap: float = 0.0
    shuffle_users: bool = False
    recycle_payloads: bool = False
    partial_on_web: bool = False
    duplicates: bool = False
    null_rates: bool = True
    exact: bool = False
    days: float | None = None
    start: str = "2025-10-06"
    companies_per_file: int = 1
    formats: str = "both"
    chunk_rows: int = 8192

    def __post_init__(self) -> None:
        """Raise ValueError with the name of the option where a value makes no sense."""
        _one_of("payload", self.payload, PAYLOADS)
        _one_of("count", self.count, COUNTS)
        _one_of("sampling", self.sampling, SAMPLINGS)
        _one_of("formats", self.formats, FORMATS)
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}")
        positive = ("companies", "companies_per_file", "chunk_rows", "events_per_company", "days")
        for name in positive:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be above 0, not {value}")
        if not 0 <= self.experiment_effect <= 0.1:
            raise ValueError(f"experiment_effect must be 0 to 0.1, not {self.experiment_effect}")
        if not 0 <= self.drop <= 0.3:
            raise ValueError(f"drop must be 0 to 0.3, not {self.drop}")
        if not 0 <= self.tcf_gap <= 1:
            raise ValueError(f"tcf_gap must be 0 to 1, not {self.tcf_gap}")
        datetime.fromisoformat(self.start)

    @property
    def start_ms(self) -> int:
        """Midnight (UTC) of the first day, in milliseconds since 1970."""
        day = datetime.fromisoformat(self.start).replace(tzinfo=UTC)
        return int(day.timestamp()) * 1000


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
