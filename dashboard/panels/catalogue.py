"""Which panels there are, in the order in which they are shown."""

from __future__ import annotations

from dashboard.panels import consent, payload, time, trust
from dashboard.panels.panel import Maker

FILTERED: tuple[Maker, ...] = (
    consent.conversion,
    consent.statuses,
    time.time_to_consent,
    consent.reach,
    consent.event_types,
    time.hours,
)
BY_COMPANY: tuple[Maker, ...] = (
    payload.purposes,
    payload.vendors,
    payload.compliance,
    trust.ranking,
    trust.sensitivity,
    trust.quality,
    trust.changes,
)
