"""What README.md says about missed targets is what its table of benchmarks shows."""

from __future__ import annotations

import re
from functools import partial

import pytest

from benchmarks import __main__ as benchmarks
from tests.docs.reading import Document, document

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
SENTENCE = re.compile(r"^(\w+) targets? (?:is|are) missed[:.]", re.MULTILINE)
BULLET = re.compile(r"^- \*\*(.+?)\*\*: (\d[\d.]*); the target is (\d+(?:\.\d+)?)", re.MULTILINE)

Miss = tuple[str, float, float]
"""What was measured, the figure, the target."""


def missed(read: Document) -> list[Miss]:
    """Every target of the table that its row misses: `≤ 1.3` a ratio, `≤ 5 s`, `≤ 600 MB`."""
    found = []
    for what, seconds, ratio, _, megabytes, wanted in read.table("what | median s"):
        for target, unit in re.findall(r"≤ ([\d.]+)(?: (s|MB))?", wanted):
            figure = {"s": seconds, "MB": megabytes, "": ratio}[unit]
            if float(figure) > float(target):
                found.append((what, float(figure), float(target)))
    return found


def said(read: Document) -> tuple[str, list[Miss]]:
    """The number word of the sentence, and the targets listed below it."""
    [number] = SENTENCE.findall(read.text)
    listed = [(what, float(figure), float(target)) for what, figure, target in
              BULLET.findall(read.text)]  # fmt: skip
    return number, listed


def check(read: Document) -> None:
    number, listed = said(read)
    assert sorted(listed) == sorted(missed(read))
    assert number == NUMBERS[len(listed)]


def test_the_missed_targets_are_those_of_the_table() -> None:
    check(document("README.md"))


TEXT = """
One target is missed:

- **load**: 1.4; the target is 1.3.

<!-- bench -->
| what | median s | ratio | to | peak MB | wanted |
| --- | ---: | ---: | --- | ---: | --- |
| copy | 7.41 |  |  |  |  |
| load | 9.83 | 1.40 | copy | 454 | ≤ 1.3, ≤ 600 MB |
| page | 0.75 |  |  |  | ≤ 1 s |
<!-- /bench -->
"""


def test_a_sentence_that_agrees_passes() -> None:
    check(Document("", TEXT))


@pytest.mark.parametrize(
    ("old", "new"),
    [("One target is", "Two targets are"), ("1.4; the", "1.5; the"), ("| 454 |", "| 654 |"),
     ("| 0.75 |", "| 1.75 |"), ("| 1.40 |", "| 1.20 |")],
)  # fmt: skip
def test_a_sentence_that_differs_is_found(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(AssertionError):
        check(Document("", TEXT.replace(old, new)))


def test_measured_rows_take_their_places_and_others_stay() -> None:
    """Also two rows of one name, as an earlier version had them."""
    head = "| what | s | ratio | to |\n| --- | ---: | ---: | --- |"
    rows = "| a | 1 |  |  |\n| b | 2 |  | c |\n| b | 3 |  | c |"
    old = f"<!-- bench -->\n{head}\n{rows}\n<!-- /bench -->"
    measured = f"{head}\n| a | 4 |  |  |\n| d | 5 |  |  |"
    merged = benchmarks._BLOCK.sub(partial(benchmarks._merged, measured), old)
    assert merged == old.replace("| a | 1", "| a | 4").replace(
        "<!-- /bench", "| d | 5 |  |  |\n<!-- /bench"
    )
