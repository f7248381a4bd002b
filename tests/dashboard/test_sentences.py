"""Where there is nothing to show, a sentence says so."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard import findings, report
from dashboard.charts import country_map
from dashboard.page import page_sections
from dashboard.panels.catalogue import PANELS, ROOMS
from dashboard.panels.panel import COMPANIES, EVERY_FILTER
from dashboard.panels.selection import Selection
from dashboard.queries.marts import Marts
from dashboard.text import formatting
from dashboard.text import weighting_sentence as sentence
from database.address import Address
from database.database_error import DatabaseError
from database.home import consent_home

EVERY = tuple(PANELS.values())


def test_without_marts_the_page_says_what_to_run(empty: Marts) -> None:
    assert "make run" in page_sections.start(empty).problem


def test_without_marts_the_report_says_what_to_run(
    empty: Marts, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert report.write(tmp_path / "report.html") == 1
    assert "make run" in capsys.readouterr().err


def test_the_report_goes_below_consent_home(
    configured: Address, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["report"])
    monkeypatch.setattr(report, "write", lambda target: 0)
    assert report.main() == 0
    assert capsys.readouterr().out.strip() == str(consent_home() / "report.html")


def test_a_database_out_of_reach_is_said_in_its_own_words() -> None:
    def find() -> Address:
        raise DatabaseError("The host example of the database is not known.")

    assert (
        page_sections.start(Marts(find)).problem == "The host example of the database is not known."
    )


def test_without_rows_every_panel_has_a_sentence(select: Callable[..., Selection]) -> None:
    nobody = select(companies=("nobody",))
    for make in EVERY:
        panel = make(nobody)
        assert panel.chart is None and not panel.table and panel.lead.endswith("."), panel.key
    assert "No event matches" in page_sections.summary(nobody).html


def test_one_company_is_enough(select: Callable[..., Selection]) -> None:
    one = select(companies=(select().companies.index[0],))
    for make in EVERY:
        assert make(one).lead or make(one).notes, make.key
    assert len(findings.findings(one)) == 3


def test_every_room_is_rendered_and_every_chart_has_its_table(
    select: Callable[..., Selection],
) -> None:
    for place in ROOMS.values():
        html = page_sections.room(place, select()).html
        assert all(f'id="panel-{make.key}"' in html for make in place.panels), place.key
    panels = [make(select()) for make in EVERY]
    assert [panel.key for panel in panels if panel.chart and not panel.table] == []


def test_every_panel_says_which_filters_it_follows(select: Callable[..., Selection]) -> None:
    scopes = {make(select()).key: make(select()).scope for make in EVERY}
    for key in ("vendors", "ranking", "quality", "changes"):
        assert scopes[key] == COMPANIES
    for key in ("conversion", "statuses", "event-types", "reach", "time-to-consent"):
        assert scopes[key] == EVERY_FILTER


def test_a_mart_that_is_not_built_leaves_the_other_panels(
    select: Callable[..., Selection], monkeypatch: pytest.MonkeyPatch
) -> None:
    selection = select()
    monkeypatch.setattr(
        selection, "mart", lambda *_: selection.marts.frame("select 1 from marts.not_there")
    )
    panels = {make(selection).key: make(selection) for make in EVERY}
    assert "Not built yet" in panels["ranking"].lead
    assert panels["conversion"].chart is not None


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ([], "Nothing is loaded"),
        ([sentence.COUNT_IS_WEIGHT] * 3, "applies the sampling twice"),
        ([sentence.COUNT_IS_WEIGHT, sentence.NOT_SAMPLED], "applies the sampling twice"),
        ([sentence.FORMULA_HOLDS], "the assignment's formula holds"),
        ([sentence.UNDECIDED] * 2, "nobody can say which weighting is right"),
        ([sentence.NOT_SAMPLED], "Nothing was sampled"),
        ([sentence.NO_RATE], "which is a lower bound"),
        (
            [sentence.COUNT_IS_WEIGHT, sentence.UNDECIDED, sentence.NO_RATE],
            "COUNT already is the weight for 1 of 3 companies; the data does not decide it for 1;"
            " no row has a RATE for 1. Where the weighting is decided, read the corrected figures.",
        ),
        (
            [sentence.FORMULA_HOLDS, sentence.UNDECIDED, sentence.UNDECIDED],
            "COUNT / RATE is the weight for 1 of 3 companies; the data does not decide it for 2.",
        ),
    ],
)
def test_the_weighting_in_a_sentence(verdicts: list[str], says: str) -> None:
    assert says in sentence.weighting(verdicts)


def test_figures_are_written_for_people() -> None:
    assert formatting.percent(float("nan")) == "–"
    assert formatting.interval(0.136, 0.1504).split() == ["13.6", "–\N{WORD JOINER}", "15.0", "%"]
    assert formatting.seconds(130).split() == ["2", "min", "10", "s"]
    assert formatting.seconds(179.8).split() == ["3", "min", "0", "s"]
    assert formatting.counted(1, "country", "countries") == "1 country"


@pytest.mark.parametrize(
    ("count", "written"),
    [(4_190_260, "4.19 M"), (9_671, "9,671"), (10_950, "10.9 k"), (11_000, "11.0 k"),
     (178_532, "179 k"), (999_700, "1.00 M"), (3.2e9, "3.20 bn")],
)  # fmt: skip
def test_counts_have_three_digits(count: float, written: str) -> None:
    assert formatting.number(count) == written.replace(" ", formatting.NO_BREAK)


def test_the_map_has_outlines_by_code() -> None:
    codes = {feature["id"] for feature in country_map.outlines()}
    assert {"FR", "NO", "DE", "US", "XK"} <= codes and len(codes) > 170
