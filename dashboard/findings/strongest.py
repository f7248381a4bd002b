"""The candidates, and which of them are told."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.findings import consent_findings as consent
from dashboard.findings import data_caveats, group_findings, notice_findings, time_findings
from dashboard.findings.finding import Finding
from dashboard.panels.selection import Selection

Candidate = Callable[[Selection], Finding | None]

CANDIDATES: tuple[Candidate, ...] = (
    time_findings.refusing,
    time_findings.choosing_in_detail,
    consent.by_company,
    consent.by_industry,
    group_findings.by_device,
    group_findings.by_sdk,
    group_findings.app_by_mix,
    group_findings.by_region,
    group_findings.by_weekend,
    consent.all_or_nothing,
    notice_findings.by_company,
)
"""Each is None where there is nothing to compare: one company only, no such group, too few rows."""

_OTHERWISE: tuple[Candidate, ...] = (
    consent.overall,
    time_findings.seconds,
    notice_findings.ranking,
)
"""Told where fewer than three candidates hold."""

TOLD = 3


def candidates(selection: Selection) -> list[Finding]:
    """What could be compared, the strongest first."""
    found = [finding for make in CANDIDATES if (finding := make(selection))]
    return sorted(found, key=lambda finding: -finding.evidence)


def findings(selection: Selection, found: list[Finding] | None = None) -> list[Finding]:
    """At most three: of each subject the strongest that holds, then what can be said otherwise.

    Args:
        found: the candidates, where they are known already.
    """
    told: dict[str, Finding] = {}
    for finding in candidates(selection) if found is None else found:
        if finding.holds:
            told.setdefault(finding.subject, finding)
    for make in _OTHERWISE:
        if len(told) < TOLD and (other := make(selection)):
            told.setdefault(other.subject, other)
    return list(told.values())[:TOLD]


def caveats(selection: Selection) -> list[Finding]:
    """What to know about the data first."""
    found = (
        data_caveats.weighting(selection),
        data_caveats.evidence(selection),
        data_caveats.without_status(selection),
    )
    return [caveat for caveat in found if caveat]
