"""Which panels there are, in the order in which they are shown."""

from __future__ import annotations

from dashboard.panels import consent
from dashboard.panels.panel import Maker

FILTERED: tuple[Maker, ...] = (
    consent.conversion,
    consent.statuses,
    consent.event_types,
    consent.reach,
)
BY_COMPANY: tuple[Maker, ...] = ()
