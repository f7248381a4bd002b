"""The page's figures from filtered sums equal those of the marts, and of SQL on the events."""

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pytest

from dashboard.metrics import consent_times, measures
from dashboard.page import page_sections
from dashboard.panels import tiles
from dashboard.panels.selection import Selection
from dashboard.queries import frames
from dashboard.queries.filters import Filters
from dashboard.queries.marts import Marts
from dashboard.text import formatting
from sandbox.warehouse import Warehouse

Measure = Callable[[pd.DataFrame, list[str]], pd.DataFrame]
CONVERSION = "company_consent_conversion"
RATE = ("value", "lower", "upper")


def close(found: pd.Series, expected: pd.Series) -> bool:
    both = found.isna() & expected.isna()
    return bool((((found - expected).abs() < 1e-9) | both).all())


@pytest.mark.parametrize(
    ("measure", "formula", "mart", "column"),
    [
        (measures.conversion, "assignment", CONVERSION, "consent_conversion_rate"),
        (
            measures.conversion,
            "corrected",
            "company_consent_conversion",
            "corrected_consent_conversion_rate",
        ),
        (measures.consent_rate, "corrected", CONVERSION, "consent_rate"),
        (measures.volume, "assignment", "company_performance", "event_count"),
        (measures.volume, "corrected", "company_performance", "corrected_event_count"),
    ],
)
def test_unfiltered_figures_are_those_of_the_marts(
    select: Callable[..., Selection], measure: Measure, formula: str, mart: str, column: str
) -> None:
    selection = select()
    found = measure(selection.totals, ["company_id"])
    found = found[found.formula == formula].set_index("company_id")
    expected = selection.mart(mart).set_index("company_id").loc[found.index]
    for part, name in zip(RATE, (column, f"{column}_lower", f"{column}_upper"), strict=True):
        assert close(found[part].astype(float), expected[name].astype(float)), name


def test_shares_are_those_of_the_mart(select: Callable[..., Selection]) -> None:
    selection = select()
    chosen = selection.totals[selection.totals.event_type == "consent.given"]
    found = measures.shares(chosen, "consent_status").set_index(["company_id", "consent_status"])
    mart = selection.mart("company_consent_status")
    mart = mart[mart.scope == "choices"].set_index(["company_id", "consent_status"])
    assert close(found.share, mart.corrected_event_share.loc[found.index])


def test_times_are_those_of_the_mart(select: Callable[..., Selection]) -> None:
    selection = select()
    keys = ["company_id", "method"]
    found = selection.pair_summary.set_index(keys)
    mart = selection.mart("company_time_to_consent").set_index(keys).loc[found.index]
    assert (found.pair_count == mart.pair_count).all()
    assert close(found["median"], mart.median_seconds)
    assert close(found.corrected_median, mart.corrected_median_seconds.astype(float))
    assert (found.is_credible == mart.is_credible).all()
    best = consent_times.headlines(selection.pair_summary).set_index("company_id")
    overview = selection.mart("company_overview").set_index("company_id").loc[best.index]
    means = best.choices.map(lambda choices: choices.mean())
    assert close(means.astype(float), overview.mean_seconds_to_consent.astype(float))
    assert close(
        best.best_median,
        mart.reset_index().groupby("company_id").headline_median_seconds.first()[best.index],
    )


FILTERS = [
    ({}, "true"),
    ({"countries": ("FR", "DE")}, "country_code in ('FR', 'DE')"),
    ({"devices": ("unknown",)}, "device_type is null"),
    ({"sdks": ("sdk-web",)}, "sdk_type = 'sdk-web'"),
    ({"industries": ("Retail",)}, "d.industry = 'Retail'"),
    ({"first": dt.date(2025, 10, 7), "last": dt.date(2025, 10, 8)},
     "event_date between '2025-10-07' and '2025-10-08'"),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "where"), FILTERS, ids=[where for _, where in FILTERS])
def test_filters_give_what_sql_over_the_events_gives(
    built: Warehouse, select: Callable[..., Selection], chosen: dict[str, object], where: str
) -> None:
    selection = select(**chosen)
    [[rows, assignment, reported, asked, given]] = built.rows(f"""
        select count(*), sum(extrapolated_count), sum(reported_count),
            sum(extrapolated_count) filter (where event_type = 'consent.asked'),
            sum(extrapolated_count) filter (where event_type = 'consent.given')
        from marts.fct_events join marts.dim_companies as d using (company_id) where {where}
    """)
    volume = measures.volume(selection.totals).set_index("formula")
    rates = measures.conversion(selection.totals).set_index("formula")
    assert selection.totals.row_count.sum() == rows
    assert volume.value["assignment"] == pytest.approx(assignment)
    assert volume.value["corrected"] == pytest.approx(float(reported))
    assert rates.value["assignment"] == pytest.approx(given / asked)
    pairs = selection.pairs
    [[counted]] = built.rows(
        f"select count(*) from marts.time_pairs as p join marts.dim_companies as d"
        f" using (company_id) where {where}".replace("d.industry", "p.industry")
    )
    assert sum(map(len, pairs.lags)) == counted


def test_a_filter_value_is_data_not_sql(select: Callable[..., Selection]) -> None:
    assert select(countries=("'); drop table marts.fct_events; --",)).totals.empty


def test_the_page_cannot_write(marts: Marts) -> None:
    with pytest.raises(Exception, match="read-only"):
        marts.frame("create table public.x (y int)")


def test_choices_offer_what_is_there(built: Warehouse, marts: Marts) -> None:
    offered = frames.choices(marts)
    [[countries, first, last]] = built.rows(
        "select count(distinct coalesce(country_code, 'unknown')), min(event_date),"
        " max(event_date) from marts.fct_events"
    )
    assert len(offered["countries"]) == countries
    assert offered["days"] == [first, last]


def test_company_panels_follow_company_and_industry_only() -> None:
    chosen = Filters(("a",), ("Retail",), ("FR",), ("desktop",), ("sdk-web",))
    assert chosen.of_companies() == Filters(("a",), ("Retail",))


def test_charts_by_company_are_sorted_by_the_corrected_conversion(
    built: Warehouse, select: Callable[..., Selection]
) -> None:
    expected = built.rows("""
        select company_name from marts.company_overview
        where company_id <> 'all' and corrected_consent_conversion_rate is not null
        order by corrected_consent_conversion_rate desc
    """)
    assert [(label.split(" · ")[0],) for label in select().order] == expected
    assert len(select(countries=("nowhere",)).order) == len(expected)


def test_tiles_say_both_conversions(select: Callable[..., Selection]) -> None:
    shown = {tile.label: tile.value for tile in tiles.tiles(select())}
    assert shown["Choices per notice"] != shown["… by COUNT / RATE"]
    assert shown["Average time to choose"].endswith(f"{formatting.NO_BREAK}s")


def test_a_filter_takes_few_queries(marts: Marts, monkeypatch: pytest.MonkeyPatch) -> None:
    page_sections.part(marts, Filters())
    asked: list[str] = []
    frame = Marts.frame

    def counted(self: Marts, query: str, values: dict[str, object] | None = None) -> pd.DataFrame:
        asked.append(query)
        return frame(self, query, values)

    monkeypatch.setattr(Marts, "frame", counted)
    chosen = Filters(countries=("PT",))
    page_sections.part(marts, chosen)
    assert len([query for query in asked if "marts." in query]) == 3  # totals, groups, pairs
    asked.clear()
    for key in ("times", "traffic"):
        page_sections.room_part(marts, chosen, key)
    assert len([query for query in asked if "marts." in query]) == 2  # hours, files cut off
