"""Findings: they hold on input/ and on the real sample, and their sentences have a form for all."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard import findings
from dashboard.findings.finding import by_chance
from dashboard.panels.selection import Selection
from dashboard.queries.marts import Marts
from dashboard.text import answers
from dashboard.text import weighting_sentence as sentence
from dashboard.text.formatting import TO
from database import address
from sandbox.warehouse import Warehouse
from tests.docs.reading import document

HOLD_EVERYWHERE = {
    "Refusing takes ",
    "Choosing in detail takes ",
    "All or nothing: ",
    "Consent ranges from ",
    "100 notices lead to ",
}
"""How the titles begin that SOLUTION.md tells of input/ and of the sample."""
IN_THE_TABLE = ("Refusing takes ", "All or nothing: ", "Consent ranges from ")
FIGURE = r"\d+\.\d"


def test_they_hold_on_input(select: Callable[..., Selection]) -> None:
    check_what_holds(select(), 1)


def test_they_hold_on_the_sample(
    build: Callable[[Path], Warehouse], sample_input: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in build(sample_input).environment().items():
        monkeypatch.setenv(name, value)
    found = address.configured()
    assert found is not None
    marts = Marts(lambda: found)
    check_what_holds(Selection(marts), 2)
    marts.close()


def check_what_holds(selection: Selection, column: int) -> None:
    """Three are told, of three subjects; the queries run; SOLUTION.md's column has the figures."""
    found = findings.candidates(selection)
    assert len(found) >= 8
    for finding in (*found, *findings.caveats(selection)):
        assert not selection.marts.frame(finding.query).empty, finding.title
    for begin in HOLD_EVERYWHERE:
        assert any(f.title.startswith(begin) and f.holds for f in found), begin
    told = findings.findings(selection)
    assert len({finding.subject for finding in told}) == len(told) == 3
    assert all(finding.holds for finding in told)
    for begin, row in zip(IN_THE_TABLE, document("SOLUTION.md").table("finding |"), strict=True):
        [finding] = [finding for finding in found if finding.title.startswith(begin)]
        computed = re.findall(FIGURE, f"{finding.what} {finding.how_sure}")
        stated = re.findall(FIGURE, row[column])
        assert set(stated) - set(computed) == set(), begin


class Imagined(Selection):
    """A selection without a database."""

    def mart(self, name: str, order: str = "1") -> pd.DataFrame:
        """No rows: nothing is ranked, and no payload explains a status."""
        columns = ["company_id", "metric", "formula", "company_rank", "best_rank", "worst_rank",
                   "consent_status", "explanation", "event_row_count", "verdict"]  # fmt: skip
        return pd.DataFrame(columns=columns)


def imagined(verdicts: tuple[str, ...], is_credible: bool, rows: int, asked: bool) -> Imagined:
    """Companies that differ in everything, one for each verdict, with so many rows of a kind."""
    ids = [f"company{i}" for i in range(len(verdicts))]
    companies = pd.DataFrame({"company_id": ids, "short": ids, "company": ids})
    companies["user_doubt"] = companies["token_doubt"] = None
    companies["industry"] = ["Media", "Media", "Retail", "Retail"][: len(ids)]
    companies["weighting_verdict"] = verdicts
    undecided = (sentence.UNDECIDED, sentence.NO_RATE)
    companies["is_weighting_decided"] = [v not in undecided for v in verdicts]
    events, decisions, times, lags = [], [], [], {}
    for place, (company, verdict) in enumerate(zip(ids, verdicts, strict=True)):
        variance = 0.0 if verdict in (sentence.NOT_SAMPLED, sentence.NO_RATE) else rows * 9.0
        for kind, status, times_rows in (
            ("consent.asked", "empty", 2.0 if asked else 0.0),
            ("consent.given", "full opt-in", 1.0 + place / 4),
            ("consent.given", "opt-out", 0.5),
            ("consent.given", "partial opt-in", 0.1),
        ):
            count = rows * times_rows
            if count:
                events.append((company, kind, status, True, count, count, count, variance))
            if kind == "consent.given":
                for sdk, device, is_in in itertools.product(
                    ("sdk-web", "sdk-mobile"), ("smartphone", "desktop"), (True, False)
                ):
                    decisions.append((company, status, sdk, device, is_in, is_in, count, count,
                                      count))  # fmt: skip
        times.append((company, "user", rows, 0, 3.0, 3.0, is_credible, 3.0))
        if is_credible:
            lags[company] = {
                status: np.linspace(1.0, factor * 6, max(rows, 1))
                for status, factor in (("full opt-in", 1), ("opt-out", 2), ("partial opt-in", 8))
            }
    totals = pd.DataFrame(
        events,
        columns=["company_id", "event_type", "consent_status", "is_on_notice", "row_count",
                 "corrected_sum", "corrected_square_sum", "corrected_variance"],
    )  # fmt: skip
    for part in ("sum", "square_sum", "variance"):
        totals[f"assignment_{part}"] = totals[f"corrected_{part}"]
    summary = ["company_id", "method", "pair_count", "placebo_count", "median", "corrected_median",
               "is_credible", "best_median"]  # fmt: skip
    cells = ["company_id", "consent_status", "sdk_type", "device_type", "is_eea_uk_ch",
             "is_weekend", "row_count", "sum", "square_sum"]  # fmt: skip
    made = Imagined(Marts(address.embedded))
    made.__dict__ |= {
        "companies": companies.set_index("company_id"),
        "lags_by_choice": lags,
        "pair_summary": pd.DataFrame(times, columns=summary),
    }
    doubt = totals.company_id.map(made.companies.weighting_verdict).map(answers.DOUBTS)
    made.__dict__["totals"] = made.labelled(totals).assign(doubt=doubt.fillna(0))
    made.__dict__["decisions"] = made.labelled(pd.DataFrame(decisions, columns=cells))
    return made


VERDICTS = (sentence.COUNT_IS_WEIGHT, sentence.FORMULA_HOLDS, sentence.UNDECIDED,
            sentence.NOT_SAMPLED, sentence.NO_RATE)  # fmt: skip
TWO = (sentence.COUNT_IS_WEIGHT, sentence.COUNT_IS_WEIGHT)
SOME = [
    *((verdict,) for verdict in VERDICTS),
    (sentence.UNDECIDED, sentence.NO_RATE),
    (*TWO, sentence.UNDECIDED, sentence.NO_RATE),
]
ALL = [
    *SOME,
    *itertools.combinations_with_replacement(VERDICTS, 2),
    *((verdict,) * 4 for verdict in VERDICTS),
]


@pytest.mark.parametrize("is_credible", [True, False])
def test_the_states_have_their_sentences(is_credible: bool) -> None:
    for verdicts in SOME:
        check_state(verdicts, is_credible, 400 if is_credible else 4, True)
    check_state(TWO, is_credible, 400, False)


@pytest.mark.slow  # a hundred states
@pytest.mark.parametrize("verdicts", ALL)
def test_every_combination_of_states_has_its_sentences(verdicts: tuple[str, ...]) -> None:
    for is_credible, rows in itertools.product((True, False), (4, 400)):
        check_state(verdicts, is_credible, rows, True)


def check_state(verdicts: tuple[str, ...], is_credible: bool, rows: int, asked: bool) -> None:
    state = (verdicts, is_credible, rows, asked)
    selection = imagined(*state)
    found, caveats = findings.candidates(selection), findings.caveats(selection)
    told = findings.findings(selection, found)
    assert len(told) <= 3 and len({finding.subject for finding in told}) == len(told), state
    for finding in (*told, *found, *caveats):
        check_sentences(finding, state)
    if not is_credible:
        assert not any(f.title.startswith("Refusing takes") for f in told), state
    undecided = {sentence.UNDECIDED, sentence.NO_RATE}
    if set(verdicts) <= undecided:
        assert {f.subject for f in told if f.holds} <= {"time"}, state
        assert "ead the corrected figures" not in caveats[0].what, state
    elif set(verdicts) & undecided and rows == 400 and len(verdicts) == 4:
        assert any("left out" in f.what for f in told), state


def check_sentences(finding: findings.Finding, state: object) -> None:
    texts = (finding.what, finding.how_sure, finding.not_to_conclude)
    assert all(text.endswith(".") for text in texts), (state, finding)
    assert not finding.title.endswith("."), (state, finding)
    told = " ".join((finding.title, *texts))
    for wrong in ("nan", "inf ", " 0 companies", "1 companies", " None", ".."):
        assert wrong not in told, (state, finding)
    assert "–" not in told.replace(TO, ""), (state, finding)  # a figure that is missing
    if "counted, not sampled" in told:
        assert not finding.how_sure.startswith("95"), (state, finding)


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        (9.0, "less than once in a million times"),
        (3.0, "once in 370 times"),
        (1.0, "Chance alone may well"),
    ],
)
def test_evidence_in_words(evidence: float, says: str) -> None:
    assert says in by_chance(evidence)
