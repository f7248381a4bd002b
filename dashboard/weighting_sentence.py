"""The sentence about the weighting that the page, the report and the terminal share."""

from __future__ import annotations


def weighting(companies: int, count_is_weight: int, undecided: int) -> str:
    """Says which weighting the data supports.

    Args:
        companies: number of companies with events.
        count_is_weight: for how many of them COUNT already contains the sampling.
        undecided: for how many of them the data does not decide it.
    """
    if not companies:
        return "Nothing is loaded, so nothing can be said about the weighting."
    if count_is_weight == companies:
        return (
            "For all companies COUNT already is the weight (COUNT = round(1 / RATE)): dividing by "
            "RATE again applies the sampling twice. Read the corrected figures."
        )
    if count_is_weight == 0 and not undecided:
        return (
            "COUNT does not contain the sampling for any company: the assignment's formula holds."
        )
    rest = f"; for {undecided} the data does not decide it" if undecided else ""
    return f"For {count_is_weight} of {companies} companies COUNT already is the weight{rest}."
