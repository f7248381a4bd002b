"""The page's sentences have a form for every state: undecided, no RATE, few rows, not credible …"""

import itertools
import re

import numpy as np
import pandas as pd
import pytest

from dashboard.panels import consent_panels, tiles, time_panels
from dashboard.panels.panel import Panel
from dashboard.text import answers
from dashboard.text import weighting_sentence as sentence
from tests.dashboard.test_findings import SOME, imagined

OTHERS = itertools.product((True, False), (1, 60), (True, False))
STATES = [
    *((verdicts, True, 60, True) for verdicts in SOME),
    *((SOME[0], *other) for other in OTHERS),
]
SAME_ENDS = re.compile(r"interval ([\d.]+)\W+–\W+\1\b")
PANELS = (consent_panels.conversion, consent_panels.statuses, consent_panels.event_types)


def said(panel: Panel) -> list[str]:
    cells = [cell.text for row in panel.table.rows for cell in row] if panel.table else []
    return [panel.title, panel.lead, *panel.notes, *cells]


@pytest.mark.parametrize(("verdicts", "is_credible", "rows", "asked"), STATES)
def test_every_sentence_is_true_to_its_state(
    verdicts: tuple[str, ...], is_credible: bool, rows: int, asked: bool
) -> None:
    selection = imagined(verdicts, is_credible, rows, asked)
    selection.__dict__["totals"] = selection.totals.assign(country_code="FR", country_name="France")
    lags = np.array([2.0, 4.0])
    selection.__dict__["pair_summary"] = selection.labelled(
        selection.pair_summary.assign(choices=pd.Series([lags] * len(verdicts), dtype=object))
    )
    shown = {tile.label: tile for tile in tiles.tiles(selection)}
    panels = [make(selection) for make in PANELS]
    sentences = [text for panel in panels for text in said(panel)]
    sentences += [f"{tile.label} {tile.value} {tile.detail}" for tile in shown.values()]
    for text in sentences:
        assert not re.search(r"\b(nan|None|inf)\b", text), text
        assert not SAME_ENDS.search(text), text
    corrected = shown["Choices per notice"].detail
    if not asked:
        assert corrected == "no notice was shown here"
        assert panels[0].chart is None
    elif sentence.NO_RATE in verdicts:
        assert ("some" in corrected) is (len(set(verdicts)) > 1)
        assert "RATE" in corrected
    elif sentence.UNDECIDED in verdicts:
        assert "undecided" in corrected
    elif rows == 1:
        assert "too few rows" in corrected
    elif set(verdicts) == {sentence.NOT_SAMPLED}:
        assert corrected == "counted, not sampled"
    else:
        assert corrected.startswith("95")
    time = shown["Average time to choose"]
    assert ("not credible" in time.detail) is not is_credible


@pytest.mark.parametrize(
    ("rates", "title"),
    [
        ([], "No notice was shown here"),
        ([answers.Rate("a", 0.5)], "a: 50.0 % choices per notice"),
        ([answers.Rate("a", 0.5, doubt=1)],
         "a: 50.0 % choices per notice if the assignment’s formula is right"),
        ([answers.Rate("a", 0.5, True), answers.Rate("b", 0.4)],
         "a has the most choices per notice: 50.0 %"),
        ([answers.Rate("a", 0.5, True), answers.Rate("b", 0.4, True)],
         "a has the most choices per notice: 50.0 %, but 1 other may have as many"),
        ([answers.Rate("a", 0.5, lower=0.4, upper=0.6), answers.Rate("b", 0.3)],
         "a has the most choices per notice: 50.0 % (40 – 60 %)"),
        ([answers.Rate("a", 0.5, lower=0.5, upper=0.5)], "a: 50.0 % choices per notice (counted)"),
        ([answers.Rate("a", 0.5), answers.Rate("b", 0.4, doubt=2)],
         "Choices per notice: 40.0 % to 50.0 %, counted without RATE"),
    ],
)  # fmt: skip
def test_the_title_of_the_companies(rates: list[answers.Rate], title: str) -> None:
    assert plain(answers.best(rates, len(rates))) == title


def test_companies_in_doubt_are_told_apart_from_all() -> None:
    rates = [answers.Rate("a", 0.5, lower=0.4, upper=0.6), answers.Rate("b", 0.3)]
    assert answers.best(rates, 4).endswith(", of the 2 companies with an interval")
    assert "some companies have no RATE" in answers.certainty(0, 1, doubt=2, is_of_some=True)
    assert "no row has a RATE" in answers.certainty(0, 1, doubt=2)
    assert "of some companies is undecided" in answers.certainty(0, 1, doubt=1, is_of_some=True)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


def test_titles_of_other_panels() -> None:
    both = plain(answers.conversion([0.6, 0.9], [0.06, 0.2], 0))
    assert both == "Choices per notice: 60 % to 90 % corrected, 6 % to 20 % by COUNT / RATE"
    same = plain(answers.conversion([0.6], [0.6], 0))
    assert same == "Choices per notice: 60 % by both formulas"
    assert plain(answers.conversion([], [0.6], 1)) == "Choices per notice: 60 % by COUNT / RATE"
    uncounted = plain(answers.conversion([], [0.6], 2))
    assert uncounted == "Choices per notice: 60 %, counted without RATE"
    assert plain(answers.vendors([0.7], "x")) == "x is allowed in 70 % of choices"
    assert answers.vendors([0.7, 0.5], "x").startswith("The 2 vendors named most are allowed in 50")
    assert answers.legal_bases(1).startswith("1 company lists purposes")
    assert answers.legal_bases(0).startswith("No purpose that needs consent")
    assert answers.quality(0, 0, 9) == "None of 9 checks found anything"
    assert answers.quality(3, 1, 9) == "3 of 9 checks found something, 1 of them severe"
    assert answers.quality(3, 0, 9).endswith("nothing severe")
    assert answers.changes(1, 1).startswith("1 main figure has changed")
    assert answers.changes(0, 0).startswith("No main figure has changed")
    assert answers.ranking(0, 0, answers.UNDECIDED).endswith("does not decide the weighting")
    assert answers.ranking(3, 7, 0).startswith("3 of 7 companies")
    assert answers.time(None, 0, 4).endswith("matches may be chance")
    assert answers.statuses({}, 0) == "Nobody chose anything here"
    assert answers.statuses({"full opt-in": 1.0}, 2).startswith("Only 2 rows")
    assert answers.times({"empty": 2.0}).startswith("Only choices")
    times = plain(answers.times({"full opt-in": 2.6, "partial opt-in": 24.0}))
    assert times == "Accepting takes 2.6 s, choosing in detail 24.0 s"
    groups = plain(answers.groups([("a", 0.8, 0.7, 0.9), ("b", 0.6, 0.5, 0.65)], 0))
    assert groups == "Choices per notice: 80 % on a, 60 % on b"
    level = plain(answers.groups([("a", 0.8, 0.7, 0.9), ("b", 0.6, 0.5, 0.75)], 0))
    assert level == "Devices do not differ by more than chance: 80 % on a, 60 % on b"
    assert answers.groups([], 1).startswith("Devices cannot be compared: the data does not")
    assert answers.groups([], 0) == "Too few notices to compare devices"
    assert answers.days([("a", 0.1, 0.2)], 1, 0).startswith("One day only")
    assert answers.days([("a", 0.1, 0.2), ("b", 0.15, 0.3)], 2, 0).startswith("No day of 2")
    assert answers.days([("a", 0.1, 0.2), ("b", 0.25, 0.3)], 2, 0).endswith("on b than on a")
    assert answers.days([], 4, 2) == "Days cannot be compared: not every company has a RATE"
    assert answers.sensitivity(1, 4, 3).startswith("1 of 4 companies changes")
    assert answers.sensitivity(0, 3, 1).startswith("No company moves by a place")
    assert plain(answers.purposes(("a", 0.8), ("b", 0.8))).startswith("Every purpose is allowed")
    assert answers.benchmarks(1, 0, 1) == "The company is above its industry"
    assert answers.benchmarks(0, 0, 1).endswith("chance away from its industry")
    assert answers.benchmarks(0, 0, 0).startswith("No industry here")
    assert answers.benchmarks(0, 0, 3).startswith("None of 3")
    assert answers.reach(0, "", 0.0) == "No event names its country"
    assert time_panels.LAGS[0] == "time-to-consent"
