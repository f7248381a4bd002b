"""Panels of how far the figures carry: they follow company and industry only."""

from __future__ import annotations

from dashboard import words
from dashboard.charts import trust as charts
from dashboard.panels.panel import COMPANIES, Panel, not_built_yet
from dashboard.panels.table import table
from dashboard.panels.view import View

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
SEVERITIES = ["high", "medium", "low", "info"]


@not_built_yet(*RANKING)
def ranking(view: View) -> Panel:
    """Ranks by conversion with the best and worst that the intervals allow."""
    found = view.mart("company_ranking")
    found = found[(found.metric == "conversion_rate") & found.company_rank.notna()]
    if found.empty:
        return Panel.without_rows(*RANKING)
    best = found[(found.formula == "corrected") & (found.best_rank == 1)]
    tied = words.many(len(best), "company", "companies")
    return Panel(
        *RANKING[:2],
        f"Rank by conversion, and the ranks that the intervals allow. {tied} could be first by the "
        "corrected weighting. Ranks are among all companies, whatever is filtered.",
        COMPANIES,
        chart=charts.ranks(found),
    )


@not_built_yet(*SENSITIVITY)
def sensitivity(view: View) -> Panel:
    """Ranks under each weighting."""
    found = view.mart("metric_sensitivity")
    found = found[(found.headline == "conversion") & (found.factor == "weighting")]
    found = found[found.company_rank.notna()]
    if found.empty:
        return Panel.without_rows(*SENSITIVITY)
    ranks = found.groupby("company_id").company_rank
    span = ranks.transform("max") - ranks.transform("min")
    found = found.assign(moved=span >= charts.MOVED, choice=found.choice.map(WEIGHTINGS))
    moved = found[found.moved].company_id.nunique()
    many = words.many(moved, "company moves", "companies move")
    keep = ["company", "short", "choice", "company_rank", "metric_value", "moved"]
    return Panel(
        *SENSITIVITY[:2],
        f"The same data, a row counting in four ways: {many} by {charts.MOVED} places or more. "
        "COUNT / RATE is the assignment's.",
        COMPANIES,
        chart=charts.sensitivity(found[keep], list(WEIGHTINGS.values())),
    )


@not_built_yet(*QUALITY)
def quality(view: View) -> Panel:
    """Checks that found something, added up over the chosen companies."""
    found = view.mart("data_quality")
    sums = found[found.rows_affected > 0].groupby(
        ["check_name", "severity", "what_was_done"], as_index=False
    ).agg(rows_affected=("rows_affected", "sum"), companies=("company_id", "nunique"))  # fmt: skip
    if sums.empty:
        return Panel.without_rows(*QUALITY, "No check found anything.")
    checked = found.groupby("check_name").rows_checked.sum()
    sums["share"] = sums.rows_affected / sums.check_name.map(checked)
    sums["place"] = [SEVERITIES.index(s) if s in SEVERITIES else 9 for s in sums.severity]
    clean = found.check_name.nunique() - sums.check_name.nunique()
    return Panel(
        *QUALITY[:2],
        "What the checks found, the gravest first, and what was done about it.",
        COMPANIES,
        table=table(sums.sort_values(["place", "share"], ascending=[True, False]), [
            ("severity", "severity", None),
            ("check_name", "check", None),
            ("rows_affected", "rows", words.whole),
            ("share", "share", words.percent),
            ("companies", "companies", words.whole),
            ("what_was_done", "what was done", None),
        ]),
        notes=(f"{words.many(clean, 'more check')} found nothing.",) if clean else (),
        is_wide=True,
    )  # fmt: skip


@not_built_yet(*CHANGES)
def changes(view: View) -> Panel:
    """Headlines that moved between the last two reports, and the files that brought it."""
    found = view.mart("metric_changes")
    if found.empty or found.previous_reported_at.isna().all():
        sentence = "This is the first report: there is nothing to compare it with yet."
        return Panel.without_rows(*CHANGES, sentence, is_wide=True)
    since = found.previous_reported_at.max()
    moved = found[found.has_moved.fillna(False).astype(bool)]
    if moved.empty:
        sentence = f"No headline moved since {since:%Y-%m-%d %H:%M} UTC."
        return Panel.without_rows(*CHANGES, sentence, is_wide=True)
    moved = moved.assign(
        size=moved.relative_change.astype(float).abs().fillna(9),
        figure=moved.metric.str.replace("_", " "),
    )
    return Panel(
        *CHANGES[:2],
        f"Headlines that moved since the report of {since:%Y-%m-%d %H:%M} UTC, the largest first.",
        COMPANIES,
        table=table(moved.sort_values("size", ascending=False), [
            ("short", "company", None),
            ("figure", "figure", None),
            ("previous_value", "before", words.figure),
            ("current_value", "now", words.figure),
            ("relative_change", "change", words.percent),
            ("file_paths", "files", None),
        ], limit=15),
        is_wide=True,
    )  # fmt: skip
