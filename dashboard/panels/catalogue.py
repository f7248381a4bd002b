"""All panels, by room: the rooms in the order of the page, and the panels in the order of a room.

A room's panels follow the same filters. The page draws the first room at once and asks for the
others afterwards, so a panel there does not slow down the first view or the answer to a filter.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.panels import (
    consent_panels,
    evidence_panels,
    group_panels,
    notice_panels,
    payload_panels,
    reliability_panels,
    time_panels,
    trend_panels,
)
from dashboard.panels.company_table import company_table
from dashboard.panels.panel import COMPANIES, EVERY_FILTER, Maker


@dataclass(frozen=True)
class Room:
    """Panels under one heading; `scope` says which filters change the room."""

    key: str
    heading: str
    scope: str
    panels: tuple[Maker, ...]


CHOICES = Room("choices", "What people choose", EVERY_FILTER, (
    consent_panels.conversion,
    consent_panels.statuses,
    group_panels.groups,
    group_panels.days,
))  # fmt: skip
TIMES = Room("times", "How fast they choose", EVERY_FILTER, (
    time_panels.time_to_consent,
    time_panels.by_choice,
))  # fmt: skip
TRAFFIC = Room("traffic", "How many events, from where and when", EVERY_FILTER, (
    consent_panels.reach,
    consent_panels.event_types,
    time_panels.hours,
))  # fmt: skip
# For what compares notices, companies, regions and periods.
COMPARED = Room("compared", "Companies and notices compared", COMPANIES, (
    trend_panels.alerts,
    notice_panels.notices,
    notice_panels.region_scopes,
    group_panels.benchmarks,
    evidence_panels.page_views,
))  # fmt: skip
# For what the payloads of choices say: purposes, vendors, refusals, tokens.
PAYLOADS = Room("payloads", "What they allow, and what is left on", COMPANIES, (
    payload_panels.purposes,
    payload_panels.vendors,
    payload_panels.compliance,
    evidence_panels.refusals,
    notice_panels.tokens,
))  # fmt: skip
# For how sure the figures are, how many data a difference needs, and what is wrong with the data.
CERTAINTY = Room("certainty", "How sure the figures are", COMPANIES, (
    reliability_panels.ranking,
    reliability_panels.sensitivity,
    trend_panels.plan,
    trend_panels.tests,
    evidence_panels.evidence,
    reliability_panels.quality,
    reliability_panels.changes,
))  # fmt: skip
ROOMS = {room.key: room for room in (CHOICES, TIMES, TRAFFIC, COMPARED, PAYLOADS, CERTAINTY)}
PANELS = {
    make.key: make for make in (company_table, *(each for r in ROOMS.values() for each in r.panels))
}
"""Every panel's maker by its key, the company table included."""
