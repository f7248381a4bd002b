"""The sentence that page, report and terminal say about the weighting."""

from __future__ import annotations


def weighting(companies: int, twice: int, undecided: int) -> str:
    """Which weighting the deliveries really use.

    Of `companies`, COUNT already is the weight for `twice`; for `undecided` nothing decides it.
    """
    if not companies:
        return "Nothing is loaded, so nothing can be said about the weighting."
    if twice == companies:
        return (
            "In every delivery COUNT already is the weight (COUNT = round(1 / RATE)): dividing by "
            "RATE again applies the sampling twice. Read the corrected figures."
        )
    if twice == 0 and not undecided:
        return (
            "COUNT does not contain the sampling in any delivery: the assignment's formula holds."
        )
    open_ones = f"; for {undecided} the deliveries do not decide it" if undecided else ""
    return f"For {twice} of {companies} companies COUNT already is the weight{open_ones}."
