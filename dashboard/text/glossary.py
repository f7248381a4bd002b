"""What each term on the page means, in plain words."""

from __future__ import annotations

TERMS = {
    "notice": "A consent notice that was shown to somebody (an event consent.asked).",
    "choice": "Somebody saved a choice about consent (an event consent.given).",
    "conversion": (
        "Choices per notice shown. It says how often a notice leads to a choice, not how often"
        " people agree: an opt-out is a choice too. It exceeds 100 % where people choose without"
        " being asked again, for example on a privacy settings page."
    ),
    "assignment": (
        "The assignment's formula: each row counts COUNT / RATE times. Where COUNT already contains"
        " the sampling, this applies the sampling twice."
    ),
    "corrected": (
        "What the data supports: where COUNT = round(1 / RATE) on nearly every sampled row, COUNT"
        " already contains the sampling and each row counts COUNT times. Elsewhere this is the"
        " assignment's formula."
    ),
    "95 % interval": (
        "Deliveries are samples. If the same log were sampled again and again, 95 of 100 such"
        " intervals would contain the true figure. This assumes that events were sampled one by"
        " one: where whole users are sampled, the truth is less certain than shown."
    ),
    "consent rate": (
        "Opt-ins / (opt-ins + opt-outs) among the choices made on the notice itself. A partial"
        " opt-in counts as an opt-in."
    ),
    "full opt-in": "Everything that was offered was accepted.",
    "partial opt-in": "Some of what was offered was accepted.",
    "opt-out": "Nothing was accepted.",
    "empty": "A choice without a status, mostly where only legitimate interest was offered.",
    "placebo": (
        "The same match run backwards: a choice followed by a notice. Nobody answers a notice"
        " before it is shown, so these matches are chance, and they are subtracted."
    ),
    "user": "A match of notice and choice by the same user id.",
    "cohort": (
        "A match of notice and choice by people who look alike (same site, place, browser and"
        " device), without any id."
    ),
    "token": ("From the consent record itself: the time between its creation and its last change."),
    "legitimate interest": ("A legal basis that does not ask for consent; people can only object."),
    "capped file": (
        "A file with exactly as many rows as others, all from a narrow span of time. It was cut"
        " off, so its volume says nothing about the company's traffic."
    ),
}
