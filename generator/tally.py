"""Counts everything before sampling, block by block, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .companies import Company
from .people import CLICK, NEVER, NO_ACTION, Users

STATUSES = ("full opt-in", "partial opt-in", "opt-out", "empty")
# Delays are kept as a histogram, to use constant memory: bins from 1 ms, each 0.2 % wide.
_BIN = 0.002
_BINS = 12_000


@dataclass
class Delays:
    """Times from asked to given: their number, exact mean, and median within 0.2 %."""

    count: int = 0
    total_ms: int = 0
    bins: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(_BINS, dtype=np.int64))

    def add(self, delays_ms: npt.NDArray[np.int64]) -> None:
        """Count delays of at least 1 ms."""
        self.count += len(delays_ms)
        self.total_ms += int(delays_ms.sum())
        index = np.minimum((np.log(delays_ms) / _BIN).astype(np.int64), _BINS - 1)
        self.bins += np.bincount(index, minlength=_BINS)

    def summary(self) -> dict[str, float | int | None]:
        """Return pair_count, mean_seconds and median_seconds (None without a pair)."""
        if not self.count:
            return {"pair_count": 0, "mean_seconds": None, "median_seconds": None}
        middle = np.searchsorted(np.cumsum(self.bins), self.count / 2)
        median = float(np.exp((middle + 0.5) * _BIN)) / 1000
        mean = self.total_ms / self.count / 1000
        return {
            "pair_count": self.count,
            "mean_seconds": round(mean, 6),
            "median_seconds": round(median, 6),
        }


class Tally:
    """Counts one company's log before sampling, and the rows that sampling kept."""

    def __init__(self, company: Company) -> None:
        self.users = 0
        self.events = np.zeros(4, dtype=np.int64)
        self.rows = np.zeros(4, dtype=np.int64)
        # asked, given, and given by [arm, on this notice or outside, status]
        self.asked = np.zeros(2, dtype=np.int64)
        self.given = np.zeros((2, 2, 4), dtype=np.int64)
        self.delays = [Delays() for _ in STATUSES]
        self.arms = np.zeros(2, dtype=np.int64)
        self.countries = np.zeros(int(company.places.country_ids[-1]) + 1, dtype=bool)

    def add_users(self, company: Company, users: Users, upto: int) -> None:
        """Count everything that the first `upto` users did."""
        part = slice(0, upto)
        asked, given = users.asked[part] != NEVER, users.given[part] != NEVER
        arm, status, action = users.variant[part], users.status[part], users.action[part]
        self.users += upto
        views, actions = users.pageviews[part].sum(), users.ui_actions[part].sum()
        self.events += [views, asked.sum(), given.sum(), actions]
        self.arms += np.bincount(arm, minlength=2)
        self.asked += np.bincount(arm[asked], minlength=2)
        outside = (action != NO_ACTION) & (action != CLICK)
        cells = (arm * 8 + outside * 4 + status)[given]
        self.given += np.bincount(cells, minlength=16).reshape(2, 2, 4)
        pairs = asked & given
        delays = (users.given[part] - users.asked[part])[pairs]
        for code, kind in enumerate(self.delays):
            kind.add(delays[status[pairs] == code])
        self.countries[company.places.country_ids[users.place[part]]] = True

    def add_rows(self, types: npt.NDArray[np.uint8]) -> None:
        """Count delivered rows."""
        self.rows += np.bincount(types, minlength=4)
