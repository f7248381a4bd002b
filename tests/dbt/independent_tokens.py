"""Consent tokens computed a second time: delivered files -> pandas, choice by choice."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.dbt.independent_rates import Z, delivered

DAY = timedelta(days=1)


Token = tuple[str, pd.Timestamp]


def by_token(folder: Path) -> dict[Token, dict[str, Any]]:
    """The figures of consent_tokens, by company and moment of creation."""
    rows = delivered(folder)
    rows = rows[rows.TYPE == "consent.given"]
    payloads = rows.PARAMETERS.map(lambda text: json.loads(text) if isinstance(text, str) else {})
    choices = pd.DataFrame(
        {
            "company": rows.APIKEY,
            "created": _moments(payloads.map(lambda p: p.get("created"))).dt.floor("ms"),
            "updated": _moments(payloads.map(lambda p: p.get("updated"))),
            "at": _moments(rows.EVENT_TIME),
            "id": rows.EVENT_ID,
            "user": rows.get("USER_ID"),
            "status": rows.CONSENT.str.lower().replace("partial", "partial opt-in"),
            "action": payloads.map(lambda p: p.get("action")),
            "refused": payloads.map(_refused_purposes),
        }
    ).dropna(subset=["created"])
    choices["updated"] = choices.updated.fillna(choices.created)
    grouped = choices.groupby(["company", "created"])
    return {key: figures(token) for key, token in grouped}  # type: ignore[misc]


def figures(token: pd.DataFrame) -> dict[str, Any]:
    """Counts of one token's choices, and its latest one."""
    counts: dict[str, Any] = dict.fromkeys(
        (
            "choice_row_count first_choice_count change_count renewal_count later_choice_count"
            " resent_row_count partial_row_count partial_list_grew_row_count"
            " partial_elsewhere_row_count first_day_decision_row_count first_day_partial_row_count"
            " later_decision_row_count later_partial_row_count older_than_6_months_row_count"
            " older_than_12_months_row_count"
        ).split(),
        0,
    )
    before: Any = None
    partial_kind = None
    choice: Any
    for choice in token.sort_values(["updated", "at", "id"]).itertuples():
        counts["choice_row_count"] += 1
        later = choice.updated - choice.created > DAY
        if before is None:
            counts["later_choice_count" if later else "first_choice_count"] += 1
        elif before.updated == choice.updated:
            counts["resent_row_count"] += 1
        else:
            counts["renewal_count" if before.status == choice.status else "change_count"] += 1
        on_notice = choice.action not in ("external", "webview")
        partial_kind = None
        if choice.status == "partial opt-in":
            partial_kind = "list grew" if later and not choice.refused else "chosen"
            counts["partial_row_count"] += 1
            counts["partial_list_grew_row_count"] += partial_kind == "list grew"
            counts["partial_elsewhere_row_count"] += not on_notice
        if on_notice and choice.status in ("full opt-in", "partial opt-in", "opt-out"):
            day = "later" if later else "first_day"
            counts[f"{day}_decision_row_count"] += 1
            counts[f"{day}_partial_row_count"] += partial_kind is not None
            counts["older_than_6_months_row_count"] += choice.at - choice.created > 180 * DAY
            counts["older_than_12_months_row_count"] += choice.at - choice.created > 365 * DAY
        before = choice
    return counts | {
        "user_count": token.user.nunique(),
        "consent_status": before.status,
        "action": before.action if isinstance(before.action, str) else None,
        "partial_kind": partial_kind,
        "age_days": (before.at - before.created) / DAY,
    }


def transitions(folder: Path) -> dict[str, tuple[int, int, int, int, int]]:
    """Choices in apps by company: all, first ones, unchanged, withdrawals, grants."""
    rows = delivered(folder)
    rows = rows[rows.TYPE == "consent.given"]
    result: dict[str, tuple[int, int, int, int, int]] = {}
    for company, text, delivered_status in zip(
        rows.APIKEY, rows.PARAMETERS, rows.CONSENT, strict=True
    ):
        payload = json.loads(text) if isinstance(text, str) else {}
        if "previous_purposes" not in payload:
            continue
        before = _status(payload["previous_purposes"], payload.get("previous_vendors") or {})
        now = {"partial": "partial opt-in"}.get(delivered_status.lower(), delivered_status.lower())
        flags = (
            True,
            before == "empty",
            before == now != "empty",
            before in ("full opt-in", "partial opt-in") and now == "opt-out",
            before == "opt-out" and now in ("full opt-in", "partial opt-in"),
        )
        totals = result.get(company, (0, 0, 0, 0, 0))
        result[company] = tuple(map(sum, zip(totals, flags, strict=True)))  # type: ignore[assignment]
    return result


def _status(purposes: dict[str, list[Any]], vendors: dict[str, list[Any]]) -> str:
    on, off = purposes.get("enabled", []), purposes.get("disabled", [])
    vendors_on, vendors_off = vendors.get("enabled", []), vendors.get("disabled", [])
    if not (on or off or vendors_on or vendors_off):
        return "empty"
    if not on and (off or not vendors_on):
        return "opt-out"
    return "partial opt-in" if off or vendors_off else "full opt-in"


def share(part: int, whole: int) -> list[Any]:
    """Part of a whole, Wilson's bounds as the roots of their quadratic, whether they are given."""
    if not whole:
        return [None, None, None, False]
    p = part / whole
    if min(part, whole - part) < 5:
        return [p, None, None, False]
    return [p, *sorted(np.roots([1 + Z**2 / whole, -(2 * p + Z**2 / whole), p**2]).real), True]


def _moments(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")


def _refused_purposes(payload: dict[str, Any]) -> int:
    purposes = payload.get("purposes")
    return len(purposes.get("disabled", [])) if isinstance(purposes, dict) else 0
