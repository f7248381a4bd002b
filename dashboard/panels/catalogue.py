"""All panels, in the order in which they are shown."""

from __future__ import annotations

from dashboard.panels import (
    consent_panels,
    group_panels,
    payload_panels,
    reliability_panels,
    time_panels,
)
from dashboard.panels.panel import Maker

FILTERED: tuple[Maker, ...] = (
    consent_panels.conversion,
    consent_panels.statuses,
    time_panels.time_to_consent,
    time_panels.by_choice,
    group_panels.groups,
    consent_panels.reach,
    consent_panels.event_types,
    time_panels.hours,
    group_panels.days,
)
BY_COMPANY: tuple[Maker, ...] = (
    group_panels.benchmarks,
    payload_panels.purposes,
    payload_panels.vendors,
    payload_panels.compliance,
    reliability_panels.ranking,
    reliability_panels.sensitivity,
    reliability_panels.quality,
    reliability_panels.changes,
)
