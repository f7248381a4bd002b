"""One finding, and the phrases that findings share."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from dashboard.text.formatting import NO_BREAK, counted

ENOUGH = 3.0
"""Standard errors from which on a finding holds: 5 % for about twenty candidates together."""


@dataclass(frozen=True)
class Finding:
    """One finding."""

    subject: str
    """What it is about; of several candidates about the same, only the strongest is chosen."""
    title: str
    """The answer, with its figures."""
    what: str
    how_sure: str
    not_to_conclude: str
    panel: str
    """Key of the panel that shows it."""
    query: str
    """SQL on the marts that gives the figures."""
    evidence: float = 0.0
    """Standard errors by which the figures are away from no difference; 0: it cannot be told."""

    @property
    def holds(self) -> bool:
        """Whether there is enough evidence."""
        return self.evidence >= ENOUGH


def probability(evidence: float) -> float:
    """How often chance alone would show as much, 0 to 1."""
    return 2 * NormalDist().cdf(-evidence)


def by_chance(evidence: float) -> str:
    """The same as a sentence."""
    share = probability(evidence)
    if share < 1e-6:
        return "Chance alone would show as much less than once in a million times."
    if share > 0.05:
        return "Chance alone may well show as much."
    return f"Chance alone would show as much once in {1 / share:,.0f} times."


def points(value: float) -> str:
    """A difference of two rates: 4.2 points."""
    return f"{abs(100 * value):.1f}{NO_BREAK}points"


def left_out(undecided: int) -> str:
    """Which companies a finding about rates leaves out, as a sentence; empty without any."""
    if not undecided:
        return ""
    whose = "its" if undecided == 1 else "their"
    verb = "is" if undecided == 1 else "are"
    companies = counted(undecided, "company", "companies")
    return f" {companies} {verb} left out, because {whose} weighting is not decided."
