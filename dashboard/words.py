"""Plain words: what each term on the page means, and how figures are written."""

from __future__ import annotations

import math

GAP = "\N{NO-BREAK SPACE}"
TO = f"{GAP}–\N{WORD JOINER}{GAP}"
"""Between the ends of an interval; a line does not break there."""

TERMS = {
    "notice": "A consent notice shown to somebody (an event consent.asked).",
    "choice": "Somebody saved a choice about consent (an event consent.given).",
    "conversion": (
        "Choices per notice shown. Above 100 % where people choose without being asked again, for"
        " example from a privacy settings page."
    ),
    "assignment": (
        "Each row counts COUNT / RATE times: the headline formula of the assignment."
        " Where COUNT already contains the sampling, this applies the sampling twice."
    ),
    "corrected": (
        "Each row counts as often as the delivery itself says: where COUNT = round(1 / RATE) on"
        " nearly every sampled row, COUNT alone; otherwise COUNT / RATE."
    ),
    "95 % interval": (
        "Deliveries are samples. If the log had been sampled anew, 95 of 100 such intervals would"
        " hold the true figure. It assumes that events were sampled one by one: where whole users"
        " are sampled, the truth is less certain than shown."
    ),
    "consent rate": (
        "Opt-ins / (opt-ins + opt-outs) among choices made on the notice itself; a partial opt-in"
        " is an opt-in."
    ),
    "full opt-in": "Everything that was offered was accepted.",
    "partial opt-in": "Some of what was offered was accepted.",
    "opt-out": "Nothing was accepted.",
    "empty": "A choice without a status, mostly where only legitimate interest was offered.",
    "placebo": (
        "The same match run backwards: a choice followed by a notice. Nobody answers a notice that"
        " has not been shown, so what it finds is chance; it is subtracted."
    ),
    "user": "Notice and choice of the same user id.",
    "cohort": "Notice and choice of lookalikes: same site, place, browser, device; no ids.",
    "token": "From the consent record: when it was last changed less when it was made.",
    "legitimate interest": "A legal basis that asks for no consent, only for a way to object.",
    "capped file": (
        "A file of exactly as many rows as others, all in a narrow span of time: it was cut off, so"
        " its volume says nothing about the company's traffic."
    ),
}


def number(value: float | None) -> str:
    """A count in three digits: 4,190,260 as 4.19 M, 11,000 as 11.0 k."""
    if value is None or math.isnan(value):
        return "–"
    for size, least, unit in ((1e9, 999.5e6, "bn"), (1e6, 999.5e3, "M"), (1e3, 1e4, "k")):
        if abs(value) >= least:
            digits = f"{value / size:#.3g}".rstrip(".")
            return f"{digits}{GAP}{unit}"
    return whole(value)


def whole(value: float) -> str:
    """A count, exactly: 4,190,260."""
    return f"{value:,.0f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A share: 0.1443 as 14.4 %."""
    if value is None or math.isnan(value):
        return "–"
    return f"{100 * value:.{digits}f}{GAP}%"


def figure(value: float | None) -> str:
    """A rate or a count, whose size says which: 0.794 or 12.3 k."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else number(value)


def span(lower: float | None, upper: float | None, digits: int = 1) -> str:
    """An interval of a share: 13.6 – 15.0 %; a dash where there is none."""
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return "no interval"
    return f"{100 * lower:.{digits}f}{TO}{100 * upper:.{digits}f}{GAP}%"


def seconds(value: float | None) -> str:
    """A duration: 3.4 s, 2 min 10 s."""
    if value is None or math.isnan(value):
        return "–"
    if value < 60:
        return f"{value:.1f}{GAP}s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}{GAP}min {rest}{GAP}s"


def many(count: int, one: str, more: str = "") -> str:
    """A number with its noun: 1 company, 10 companies."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
