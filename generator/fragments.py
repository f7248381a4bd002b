"""The pieces of pretty-printed JSON that make up a payload."""

from __future__ import annotations

import json

import numpy as np

from .people import EMPTY, FULL, OPT_OUT, PARTIAL
from .settings import Settings
from .vendors import Notice, Vendor, shuffled

# Vendor 1 is `1` in most web choices, and `"1"` in these.
FIRST_VENDOR_AS_TEXT = 0.15


def middle(
    notice: Notice, web: bool, status: int, settings: Settings, rng: np.random.Generator
) -> str:
    """Return a choice's purposes: between two times on the web, after the previous ones in apps."""
    purposes = block("purposes", _split(notice.purposes, status, rng))
    interest = block("purposes_li", _split_interest(notice.purposes_li, status, rng))
    if web:
        euconsent = str(bool(rng.random() < 0.1)).lower()
        return f'Z",\n  "from_euconsent": {euconsent},\n{purposes},\n{interest},\n  "updated": "'
    names = ("purposes", "purposes_li", "vendors", "vendors_li")[
        : 2 if settings.payload == "small" else 4
    ]
    empty: dict[str, list[Vendor]] = {"disabled": [], "enabled": []}
    previous = ",\n".join(block(f"previous_{name}", empty) for name in names)
    return f"{previous},\n{purposes},\n{interest},\n"


def tail(notice: Notice, web: bool, status: int, rng: np.random.Generator) -> str:
    """Return a choice's vendors in random order, and the end of the payload."""
    as_text = rng.random() < FIRST_VENDOR_AS_TEXT
    listed, listed_li = (typed(v, web, as_text) for v in (notice.vendors, notice.vendors_li))
    vendors = _split(shuffled(rng, listed), status, rng)
    interest = _split_interest(shuffled(rng, listed_li), status, rng)
    start = 'Z",\n' if web else ""
    return f"{start}{block('vendors', vendors)},\n{block('vendors_li', interest)}\n}}"


def typed(vendors: list[Vendor], web: bool, first_as_text: bool = False) -> list[Vendor]:
    """Return IAB ids as numbers on the web (vendor 1 as text if asked for), and as text in apps."""
    if web:
        return ["1" if v == 1 and first_as_text else v for v in vendors]
    return [str(v) for v in vendors]


def _split(
    items: list[Vendor] | list[str], status: int, rng: np.random.Generator
) -> dict[str, list[Vendor]]:
    """Return which items a choice with this status disables and enables."""
    if status == EMPTY:
        return {"disabled": [], "enabled": []}
    if status == PARTIAL and len(items) > 1:
        on = rng.random(len(items)) < 0.5
        on[0], on[-1] = True, False
        return {
            "disabled": [item for item, yes in zip(items, on, strict=True) if not yes],
            "enabled": [item for item, yes in zip(items, on, strict=True) if yes],
        }
    off = status == OPT_OUT
    return {"disabled": list(items) if off else [], "enabled": [] if off else list(items)}


def _split_interest(
    items: list[Vendor] | list[str], status: int, rng: np.random.Generator
) -> dict[str, list[Vendor]]:
    """The same for legitimate interest; only some of those who opt out object to it."""
    objects = status == OPT_OUT and rng.random() < 0.5
    return _split(items, OPT_OUT if objects else FULL, rng)


def block(name: str, value: object) -> str:
    """Return one key and its value, as in a pretty-printed object."""
    return f'  "{name}": ' + dump(value).replace("\n", "\n  ")


def dump(value: object) -> str:
    """Return pretty-printed JSON, as in real deliveries."""
    return json.dumps(value, indent=2)
