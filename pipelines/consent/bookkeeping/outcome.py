"""What a run did, for the report and the exit code."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.consent.bookkeeping.plan import Plan

_LOST = "the file is missing, and its rows were lost with a dropped table; deliver it again"


@dataclass
class Outcome:
    """The plan with the counts of its files, and what the person should know."""

    dataset: str
    plan: Plan
    new_columns: list[str] = field(default_factory=list)
    expired: int = 0
    """Rows that left the database because they are too old."""
    has_events: bool = True
    is_check: bool = False
    """Whether nothing was written: this is what a load would have done."""

    @property
    def is_complete(self) -> bool:
        """Whether all that was delivered is loaded, and there were events."""
        return self.has_events and not self.refused and not self.rejected

    @property
    def rejected(self) -> list[str]:
        """Paths of files whose rows are all in the quarantine, now or since an earlier run."""
        now = [file.path for file in self.plan.to_load if file.is_rejected_whole]
        return sorted(now + [file.path for file in self.plan.rejected_before])

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Path and reason of every file that is not loaded, now or since an earlier run."""
        refused = [
            (file.path, file.refusal)
            for file in [*self.plan.refused_now, *self.plan.to_load]
            if file.refusal is not None
        ]
        refused += [(file.path, reason) for file, reason in self.plan.refused_before]
        return sorted(refused + [(path, _LOST) for path in self.plan.lost])
