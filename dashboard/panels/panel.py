"""What a panel is, and the sentence that replaces it where there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.charts.theme import Spec
from dashboard.panels.data_table import DataTable
from dashboard.panels.selection import Selection
from dashboard.queries.marts import NotBuiltError

EVERY_FILTER = "every filter"
DAYS = "company, industry and days only"
COMPANIES = "company and industry only"
NOTHING = "Nothing here matches the filters. Widen them, or clear one."


@dataclass(frozen=True)
class Tile:
    """A figure of the first screen: its name, its value, and the small print below."""

    label: str
    value: str
    detail: str
    formula: str = ""


@dataclass(frozen=True)
class Panel:
    """One answer: its `title` says it, `chart` and `table` show it, `notes` qualify it.

    `scope` says which filters change the panel. A chart's table opens on demand, unless
    `is_table_open` puts it beside the chart.
    """

    key: str
    title: str
    lead: str = ""
    scope: str = EVERY_FILTER
    chart: Spec | None = None
    table: DataTable | None = None
    notes: tuple[str, ...] = ()
    is_wide: bool = False
    is_table_open: bool = False
    is_sortable: bool = False

    @classmethod
    def without_rows(
        cls, key: str, title: str, scope: str, sentence: str = NOTHING, is_wide: bool = False
    ) -> Panel:
        """The panel with only a sentence."""
        return cls(key, title, sentence, scope, is_wide=is_wide)


@dataclass(frozen=True)
class Maker:
    """What makes a panel, with the panel's key, its scope and its title while it has no rows."""

    key: str
    title: str
    scope: str
    make: Callable[[Selection], Panel]

    def __call__(self, selection: Selection) -> Panel:
        """The panel of a selection; a sentence where its mart does not exist."""
        try:
            return self.make(selection)
        except NotBuiltError as error:
            sentence = f"Not built yet ({error}): make dbt-build builds it."
            return Panel.without_rows(self.key, self.title, self.scope, sentence)


def not_built_yet(
    key: str, title: str, scope: str
) -> Callable[[Callable[[Selection], Panel]], Maker]:
    """Decorates a panel's function: where its mart does not exist, a sentence says so."""
    return lambda make: Maker(key, title, scope, make)
