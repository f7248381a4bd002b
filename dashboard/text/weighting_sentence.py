"""The sentence about the weighting that the page, the report and the terminal share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

COUNT_IS_WEIGHT = "COUNT is already the weight"
FORMULA_HOLDS = "COUNT / RATE is the weight"
UNDECIDED = "undecided"
NOT_SAMPLED = "nothing was sampled"
NO_RATE = "no row has a RATE"
"""The verdicts of company_overview.weighting_verdict about a company."""

_SAME_EVERYWHERE = {
    COUNT_IS_WEIGHT: (
        "COUNT already is the weight (COUNT = round(1 / RATE)): dividing by RATE again applies the"
        " sampling twice. Read the corrected figures."
    ),
    FORMULA_HOLDS: "COUNT does not contain the sampling: the assignment's formula holds.",
    UNDECIDED: (
        "The data does not decide whether COUNT already contains the sampling, so nobody can say"
        " which weighting is right. The corrected figures are those of the assignment's formula."
    ),
    NOT_SAMPLED: "Nothing was sampled (RATE is 1), so dividing by RATE changes nothing.",
    NO_RATE: (
        "No row has a RATE, so nobody can tell how many events a row stands for. Each counts COUNT"
        " times, which is a lower bound."
    ),
}
_OF_SOME = {
    COUNT_IS_WEIGHT: "COUNT already is the weight for",
    FORMULA_HOLDS: "COUNT / RATE is the weight for",
    UNDECIDED: "the data does not decide it for",
    NOT_SAMPLED: "nothing was sampled for",
    NO_RATE: "no row has a RATE for",
}


def weighting(verdicts: Iterable[str]) -> str:
    """Says which weighting the data supports.

    Args:
        verdicts: one for each company with events.
    """
    found = Counter(verdicts)
    if not found:
        return "Nothing is loaded, so nothing can be said about the weighting."
    telling = [verdict for verdict in found if verdict != NOT_SAMPLED] or [NOT_SAMPLED]
    if len(telling) == 1:
        return _SAME_EVERYWHERE[telling[0]]
    parts = [f"{words} {found[verdict]}" for verdict, words in _OF_SOME.items() if found[verdict]]
    first = f"{parts[0]} of {found.total()} companies"
    sentence = "; ".join([first[0].upper() + first[1:], *parts[1:]]) + "."
    if COUNT_IS_WEIGHT in found:
        sentence += " Where the weighting is decided, read the corrected figures."
    return sentence
