"""Panels of how reliable the figures are: they follow the company and industry filters only."""

from __future__ import annotations

from dashboard.charts import rank_charts
from dashboard.panels.data_table import DataTable
from dashboard.panels.panel import COMPANIES, NOTHING, Panel, not_built_yet
from dashboard.panels.selection import Selection
from dashboard.text import answers
from dashboard.text.formatting import counted, figure, percent, whole

RANKING = ("ranking", "Who converts best?", COMPANIES)
SENSITIVITY = ("sensitivity", "Does the ranking survive another weighting?", COMPANIES)
QUALITY = ("quality", "What is wrong with the data?", COMPANIES)
CHANGES = ("changes", "What changed since the last build?", COMPANIES)
WEIGHTINGS = {
    "count_over_rate": "COUNT / RATE",
    "inverse_rate": "1 / RATE",
    "count": "COUNT",
    "unweighted": "once",
}
MANY_PLACES = 3
"""A company whose rank changes by at least so many places is drawn in colour."""
SEVERITIES = ["high", "medium", "low", "info"]


@not_built_yet(*RANKING)
def ranking(selection: Selection) -> Panel:
    """Ranks by conversion with the best and worst that the intervals allow."""
    found = selection.mart("company_ranking")
    found = found[(found.metric == "conversion_rate") & found.company_rank.notna()]
    # Companies in doubt get no corrected rank. The others are ranked among themselves.
    doubt = int(selection.companies.doubt.min())
    if found.empty:
        in_doubt = "No company has a rank: the intervals that ranks need are missing."
        title = "Who converts best cannot be told" if doubt else RANKING[1]
        return Panel.without_rows(RANKING[0], title, COMPANIES, in_doubt if doubt else NOTHING)
    corrected = found[found.formula == "corrected"]
    first = int((corrected.best_rank == 1).sum())
    return Panel(
        RANKING[0],
        answers.ranking(first, int(found.ranked_company_count.max()), doubt),
        "Rank by conversion, and the ranks that the intervals allow. Ranks are always among all "
        "companies, also when a filter hides some.",
        COMPANIES,
        chart=rank_charts.ranks(found),
        table=DataTable(found.sort_values(["formula", "company_rank"]), [
            ("company", "company", None),
            ("formula", "weighting", None),
            ("company_rank", "rank", whole),
            ("best_rank", "best possible", whole),
            ("worst_rank", "worst possible", whole),
        ]),
    )  # fmt: skip


@not_built_yet(*SENSITIVITY)
def sensitivity(selection: Selection) -> Panel:
    """Ranks under each weighting."""
    found = selection.mart("metric_sensitivity")
    found = found[(found.headline == "conversion") & (found.factor == "weighting")]
    found = found[found.company_rank.notna()]
    if found.empty:
        return Panel.without_rows(*SENSITIVITY)
    ranks = found.groupby("company_id").company_rank
    distance = ranks.transform("max") - ranks.transform("min")
    companies = found.company_id.nunique()
    # Of three companies or fewer, none can move by three places.
    places = MANY_PLACES if companies > MANY_PLACES else 1
    found = found.assign(moved=distance >= places, choice=found.choice.map(WEIGHTINGS))
    moved = found[found.moved].company_id.nunique()
    keep = ["company", "short", "choice", "company_rank", "metric_value", "moved"]
    return Panel(
        SENSITIVITY[0],
        answers.sensitivity(moved, companies, places),
        "The same data with four weightings. COUNT / RATE is the assignment's.",
        COMPANIES,
        chart=rank_charts.sensitivity(found[keep], list(WEIGHTINGS.values()), places),
        table=DataTable(found, [
            ("company", "company", None),
            ("choice", "weighting", None),
            ("company_rank", "rank", whole),
            ("metric_value", "choices per notice", percent),
        ]),
    )  # fmt: skip


@not_built_yet(*QUALITY)
def quality(selection: Selection) -> Panel:
    """Checks that found something, added up over the chosen companies."""
    found = selection.mart("data_quality")
    keys = ["check_name", "severity", "what_was_done"]
    sums = found[found.rows_affected > 0].groupby(keys, as_index=False).agg(
        rows_affected=("rows_affected", "sum"), companies=("company_id", "nunique")
    )  # fmt: skip
    if found.empty:
        return Panel.without_rows(*QUALITY)
    checks = found.check_name.nunique()
    severe = int((sums.severity == SEVERITIES[0]).sum())
    title = answers.quality(sums.check_name.nunique(), severe, checks)
    if sums.empty:
        sentence = "The checks look for missing, impossible and contradictory values."
        return Panel.without_rows(QUALITY[0], title, COMPANIES, sentence, is_wide=True)
    checked = found.groupby("check_name").rows_checked.sum()
    sums["share"] = sums.rows_affected / sums.check_name.map(checked)
    sums["order"] = [SEVERITIES.index(s) if s in SEVERITIES else 9 for s in sums.severity]
    clean = checks - sums.check_name.nunique()
    return Panel(
        QUALITY[0],
        title,
        "What the checks found, the most severe first, and what was done about it.",
        COMPANIES,
        table=DataTable(sums.sort_values(["order", "share"], ascending=[True, False]), [
            ("severity", "severity", None),
            ("check_name", "check", None),
            ("share", "share", percent),
            ("rows_affected", "rows", whole),
            ("companies", "companies", whole),
            ("what_was_done", "what was done", None),
        ]),
        notes=(f"{counted(clean, 'more check')} found nothing.",) if clean else (),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*CHANGES)
def changes(selection: Selection) -> Panel:
    """Main figures that changed between the last two builds, and the files that moved them."""
    found = selection.mart("metric_changes")
    if found.empty or found.previous_reported_at.isna().all():
        title = "This is the first report"
        sentence = "There is nothing to compare it with yet."
        return Panel.without_rows(CHANGES[0], title, COMPANIES, sentence, is_wide=True)
    since = found.previous_reported_at.max()
    moved = found[found.has_moved.fillna(False).astype(bool)]
    if moved.empty:
        sentence = f"That report was made {since:%Y-%m-%d %H:%M} UTC."
        return Panel.without_rows(
            CHANGES[0], answers.changes(0, 0), COMPANIES, sentence, is_wide=True
        )
    moved = moved.assign(
        # A change from zero has no relative size; it is shown among the largest.
        size=moved.relative_change.astype(float).abs().fillna(9),
        figure=moved.metric.str.replace("_", " "),
    )
    return Panel(
        CHANGES[0],
        answers.changes(len(moved), moved.company_id.nunique()),
        f"Since the report of {since:%Y-%m-%d %H:%M} UTC; the largest change comes first.",
        COMPANIES,
        table=DataTable(moved.sort_values("size", ascending=False), [
            ("short", "company", None),
            ("figure", "figure", None),
            ("previous_value", "before", figure),
            ("current_value", "now", figure),
            ("relative_change", "change", percent),
            ("file_paths", "files", None),
        ], limit=15),
        is_wide=True,
    )  # fmt: skip
