"""Colours can be told apart, also by colour-blind people, and texts and marks stand out."""

from itertools import combinations

import pytest

from dashboard.charts import theme
from tests.dashboard.colours import VISIONS, contrast, distance, mixed

PAPERS = {"light": theme.PAPER, "dark": theme.DARK_PAPER}
PALETTES = {"formulas": theme.FORMULAS, "statuses": theme.STATUSES,
            "event types": theme.EVENT_TYPES, "methods": theme.METHODS}  # fmt: skip
SCALES = {"light": theme.HEAT, "dark": theme.HEAT_ON_DARK}


def shown(palette: dict[str, str], scheme: str) -> dict[str, str]:
    """The colours as they are drawn, without the one for what is not in the list."""
    kept = {name: colour for name, colour in palette.items() if name != "unknown"}
    return {n: theme.ON_DARK[c] if scheme == "dark" else c for n, c in kept.items()}


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize("palette", PALETTES)
def test_colours_can_be_told_apart(palette: str, scheme: str, vision: str) -> None:
    for (a, one), (b, other) in combinations(shown(PALETTES[palette], scheme).items(), 2):
        assert distance(one, other, vision) >= 10, (a, b)


@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize("palette", PALETTES)
def test_marks_stand_out(palette: str, scheme: str) -> None:
    """At least 3:1, by their fill or, for the pale one, by the outline that all bars have."""
    outline = theme.ON_DARK[theme.OUTLINE] if scheme == "dark" else theme.OUTLINE
    assert contrast(outline, PAPERS[scheme]) >= 3
    for name, colour in shown(PALETTES[palette], scheme).items():
        if name != "empty":
            assert contrast(colour, PAPERS[scheme]) >= 3, name


@pytest.mark.parametrize("scheme", PAPERS)
def test_scales_stand_out_and_carry_their_figures(scheme: str) -> None:
    steps = [mixed(SCALES[scheme], n / 100) for n in range(101)]
    assert min(contrast(step, PAPERS[scheme]) for step in steps) >= 3
    for step in steps:
        assert max(contrast(step, text) for text in ("#000000", "#FFFFFF")) >= 4.5


def test_the_small_end_is_the_one_like_the_paper() -> None:
    for scheme, scale in SCALES.items():
        ends = [contrast(end, PAPERS[scheme]) for end in (scale[0], scale[-1])]
        assert ends[0] < ends[1]
