"""Findings about groups of people: whether one consents more often than another in a company."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.findings.decisions import of_decided_companies
from dashboard.findings.finding import ENOUGH, Finding, left_out, points
from dashboard.metrics import comparisons
from dashboard.metrics.intervals import Z
from dashboard.panels.selection import Selection
from dashboard.text.formatting import percent

_BY_GROUP = """
select
    company_id, {group},
    sum(corrected_sum) filter (where consent_status <> 'opt-out') / sum(corrected_sum)
        as consent_rate,
    sum(event_row_count) as row_count
from marts.consent_daily{more}
where event_type = 'consent.given' and is_on_notice
    and consent_status in ('full opt-in', 'partial opt-in', 'opt-out')
group by 1, 2
order by 1, 2
"""
_SQL = {
    "is_eea_uk_ch": {
        "group": "is_eea_uk_ch",
        "more": " left join (select country_code, is_eea_uk_ch from staging.countries) as c"
        " using (country_code)",
    },
    "is_weekend": {"group": "extract(isodow from event_date) >= 6 as is_weekend", "more": ""},
}


def by_device(selection: Selection) -> Finding | None:
    """Whether consent differs between phones and desktops of the same company."""
    people = ("people on phones", "people on desktops")
    return _two(selection, "device", people, "device_type", ("smartphone", "desktop"))


def by_region(selection: Selection) -> Finding | None:
    """Whether consent differs between the EEA, the UK and Switzerland, and elsewhere."""
    people = ("people in the EEA, the UK and Switzerland", "people elsewhere")
    return _two(selection, "region", people, "is_eea_uk_ch", (True, False))


def by_weekend(selection: Selection) -> Finding | None:
    """Whether consent differs between weekends and other days."""
    people = ("people at weekends", "people on other days")
    return _two(selection, "weekend", people, "is_weekend", (True, False))


def by_sdk(selection: Selection) -> Finding | None:
    """Whether consent differs between apps and sites of the same company."""
    people = ("people in apps", "people on the web")
    return _two(selection, "app", people, "sdk_type", ("sdk-mobile", "sdk-web"))


def app_by_mix(selection: Selection) -> Finding | None:
    """Whether apps and sites differ only because the companies with apps do."""
    cells, undecided = of_decided_companies(selection)
    found = _groups(cells, "sdk_type", ("sdk-mobile", "sdk-web"))
    if found is None or not found.companies:
        return None
    by_mix = comparisons.Difference(
        found.crude.value - found.within.value,
        float(np.hypot(found.crude.error, found.within.error)),
    )
    explains = found.crude.evidence >= ENOUGH and found.within.evidence < 2
    return Finding(
        "app",
        f"Apps and sites differ in consent ({percent(found.one, 0)} against "
        f"{percent(found.other, 0)}) because their companies do"
        if explains and by_mix.evidence >= ENOUGH
        else "Whether apps get less consent than sites, or only other companies have apps, cannot "
        "be told",
        f"The consent rate of all choices in apps is {percent(found.one)}, on the web "
        f"{percent(found.other)}. Of this difference {_signed(by_mix.value)} are mix (apps and "
        f"sites belong to other companies) and {_signed(found.within.value)} are rate (the same "
        f"company).{left_out(undecided)}",
        _within(found),
        "Do not move a notice from site to app, or back, for the sake of this difference.",
        "statuses",
        _BY_GROUP.format(group="sdk_type", more=""),
        by_mix.evidence if explains else 0.0,
    )


def _two(
    selection: Selection,
    subject: str,
    people: tuple[str, str],
    column: str,
    values: tuple[object, object],
) -> Finding | None:
    """Compares two groups of choices within companies."""
    cells, undecided = of_decided_companies(selection)
    found = _groups(cells, column, values)
    if found is None:
        return None
    difference = found.within
    one, other = people
    more = "more" if difference.value > 0 else "less"
    if difference.evidence >= ENOUGH:
        title = (
            f"{one.capitalize()} consent {more} often than {other}: by {points(difference.value)} "
            "within a company"
        )
    elif difference.evidence >= Z:
        title = (
            f"{one.capitalize()} may consent {more} often than {other}: by "
            f"{points(difference.value)} within a company"
        )
    else:
        title = f"Whether {one} consent more often than {other} cannot be told"
    return Finding(
        subject,
        title,
        f"Of the choices on the notice of {one} {percent(found.one)} accept, of those of {other} "
        f"{percent(found.other)}. Choices without a status do not count.{left_out(undecided)}",
        _within(found),
        "It does not follow that one causes the other: different people choose.",
        "statuses",
        _BY_GROUP.format(**_SQL.get(column, {"group": column, "more": ""})),
        difference.evidence,
    )


def _within(found: comparisons.TwoGroups) -> str:
    """The difference within companies, and how sure it is."""
    if not found.companies:
        return "No company has enough choices of both, so it may be that only the companies differ."
    where = (
        "In the one company that has enough choices of both"
        if found.companies == 1
        else f"Within the {found.companies} companies that have enough choices of both"
    )
    return (
        f"{where}, the difference is {_signed(found.within.value)} (95 % interval "
        f"{_signed(found.within.lower)} to {_signed(found.within.upper)})."
    )


def _signed(value: float) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{points(value)}"


def _groups(
    cells: pd.DataFrame, column: str, values: tuple[object, object]
) -> comparisons.TwoGroups | None:
    kept = cells[cells[column].isin(values)]
    return comparisons.two_groups(kept.assign(is_one=kept[column] == values[0]))
