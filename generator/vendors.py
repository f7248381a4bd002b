"""The vendors and purposes that one company's notices list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .companies import Company
from .public_names import (
    CUSTOM_PURPOSES,
    CUSTOM_VENDORS,
    LI_PURPOSES,
    NAMED_VENDORS,
    PURPOSES,
    SPECIAL_FEATURES,
)
from .randomness import generator, short_id
from .settings import Settings

Vendor = int | str
# Vendors listed by a company of size 1, and of the rare long lists (35 KB of payload).
VENDORS = {"small": 3, "medium": 23, "realistic": 205}
PURPOSE_COUNT = {"small": 2, "medium": 8, "realistic": 11}
LONG_LIST, LONG_LIST_LI = 1350, 1080
_IAB_IDS = 1500


@dataclass(frozen=True)
class Notice:
    """What a notice offers: purposes and vendors, by consent and by legitimate interest."""

    purposes: list[str]
    purposes_li: list[str]
    vendors: list[Vendor]
    vendors_li: list[Vendor]


def make_notices(company: Company, settings: Settings) -> tuple[Notice, Notice]:
    """Return the company's usual notice and the one with its full vendor list."""
    rng = generator(settings.seed, "vendors", company.number)
    purposes, purposes_li = _purposes(company, settings, rng)
    if company.profile.li_only:
        names = [f"c:{name}-{short_id(rng)}" for name in CUSTOM_VENDORS * 2]
        notice = Notice([], purposes_li, [], list(names[: _vendor_count(company, settings)]))
        return notice, notice
    size = _vendor_count(company, settings)
    usual, usual_li = _vendor_list(rng, size), _vendor_list(rng, max(1, size * 6 // 10))
    notice = Notice(purposes, purposes_li, usual, usual_li)
    if not company.profile.long_lists or settings.payload == "small":
        return notice, notice
    full, full_li = _vendor_list(rng, LONG_LIST), _vendor_list(rng, LONG_LIST_LI)
    return notice, Notice(purposes, purposes_li, full, full_li)


def _vendor_count(company: Company, settings: Settings) -> int:
    return max(2, round(VENDORS[settings.payload] * company.profile.size))


def _purposes(
    company: Company, settings: Settings, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Return purposes by consent and by legitimate interest, with the company's custom ones."""
    count, profile = PURPOSE_COUNT[settings.payload], company.profile
    own = [f"{name}-{short_id(rng)}" for name in CUSTOM_PURPOSES]
    if profile.li_only:
        return [], own[:2]
    first = list(PURPOSES[:count])
    custom = own[2 + company.number % 4 : 3 + company.number % 4] if company.number % 2 else []
    features = list(SPECIAL_FEATURES) if settings.payload == "realistic" else []
    interest = [*LI_PURPOSES[: max(1, count // 2)], *profile.forbidden_li]
    return [*first, *features, *custom], interest


def _vendor_list(rng: np.random.Generator, size: int) -> list[Vendor]:
    """Return IAB ids (always with 1 and google), names and custom vendors in random order."""
    custom = [f"c:{name}-{short_id(rng)}" for name in CUSTOM_VENDORS[: min(2, size // 3)]]
    named = list(NAMED_VENDORS[: 1 + size // 12][:4])
    ids = np.argsort(rng.random(_IAB_IDS - 1))[: max(1, size - len(custom) - len(named))] + 2
    vendors: list[Vendor] = [1, *(int(x) for x in ids[1:]), *named, *custom]
    return shuffled(rng, vendors)


def shuffled(rng: np.random.Generator, items: list[Vendor]) -> list[Vendor]:
    """Return the items in random order."""
    return [items[i] for i in np.argsort(rng.random(len(items)))]
