"""Choices on the notice that accept or refuse, of the companies that can be compared."""

from __future__ import annotations

import pandas as pd

from dashboard.metrics.measures import OPT_INS
from dashboard.panels.selection import Selection


def of_decided_companies(selection: Selection) -> tuple[pd.DataFrame, int]:
    """The decisions of companies whose weighting is decided, and the number of other companies."""
    found = selection.decisions
    cells = found[found.company_id.isin(selection.decided)]
    return cells.assign(is_opt_in=cells.consent_status.isin(OPT_INS)), undecided_in(
        selection, found
    )


def undecided_in(selection: Selection, found: pd.DataFrame) -> int:
    """The number of companies among these whose weighting is not decided."""
    return int(found.company_id[~found.company_id.isin(selection.decided)].nunique())
