"""Rates, volumes, ranks and sensitivity on both inputs, against the independent calculation."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.dbt import independent
from tests.dbt import independent_rates as rates

BOUNDS = ("", "_lower", "_upper", "_effective_sample_size", "_is_reliable")
RATES = "conversion_rate_on_notice consent_rate opt_in_rate no_choice_rate".split()
RANKED = "conversion_rate consent_rate event_count".split()


@pytest.fixture(scope="module")
def events(folder: Path) -> Any:
    return rates.frame(folder)


@pytest.fixture(scope="module")
def companies(events: Any) -> dict[str, Any]:
    """Company -> its events."""
    return {str(company): part for company, part in events.groupby("company")}


@pytest.fixture(scope="module")
def estimates(events: Any, companies: dict[str, Any]) -> Callable[..., dict[str, rates.Figure]]:
    """Company -> a metric as the assignment or the diagnosis weights it."""
    used = rates.weightings(events)

    def figures(metric: str, formula: str) -> dict[str, rates.Figure]:
        result = {}
        for company, own in companies.items():
            weighting, decided = used[company]
            chosen = "count_over_rate" if formula == "assignment" else weighting
            figure = rates.metric(own, metric, chosen)
            is_reliable = figure[4] and (formula == "assignment" or decided)
            result[company] = (*figure[:4], is_reliable)
        return result

    return figures


def test_sampling_diagnosis(built: Warehouse, events: Any) -> None:
    rows = built.rows(
        "select file_path, company_id, sampled_row_count, matching_row_share, verdict"
        " from marts.sampling_diagnosis"
    )
    assert {row[:2]: row[2:] for row in rows} == rates.diagnosis(events)
    used = "select company_id, weighting_used, is_weighting_decided from marts.sampling_diagnosis"
    assert {row[0]: row[1:] for row in built.rows(used)} == rates.weightings(events)


def test_conversion_and_the_rates_beside_it(
    built: Warehouse, estimates: Callable[..., dict[str, rates.Figure]], companies: dict[str, Any]
) -> None:
    rates = [
        ("consent_conversion_rate", "conversion_rate", "assignment"),
        ("corrected_consent_conversion_rate", "conversion_rate", "corrected"),
        *((rate, rate, "corrected") for rate in RATES),
    ]
    for name, metric, formula in rates:
        columns = ", ".join(name + bound for bound in BOUNDS)
        rows = built.rows(f"select company_id, {columns} from marts.company_consent_conversion")
        found = {row[0]: row[1:] for row in rows}
        expected = estimates(metric, formula)
        assert {c: found[c] for c in companies} == _close(expected), name
        assert all(not any(found[c]) for c in found.keys() - companies.keys())


@pytest.mark.parametrize("name", ["event_count", "corrected_event_count"])
def test_volume(
    built: Warehouse,
    estimates: Callable[..., dict[str, rates.Figure]],
    companies: dict[str, Any],
    name: str,
) -> None:
    columns = ", ".join(name + bound for bound in BOUNDS)
    rows = built.rows(f"select company_id, {columns} from marts.company_performance")
    found = {row[0]: row[1:] for row in rows if row[0] in companies}
    assert found == _close(
        estimates("event_count", "assignment" if name == "event_count" else "corrected")
    )


def test_counts_and_shares_of_event_types_and_statuses(
    built: Warehouse, events: Any, companies: dict[str, Any]
) -> None:
    used = rates.weightings(events)
    for prefix in ("", "corrected_"):
        expected = {}
        for company, own in companies.items():
            weighting, decided = used[company] if prefix else ("count_over_rate", True)
            for (scope, part), figure in _parts(own, weighting):
                expected[company, scope, part] = (
                    *figure[:4],
                    figure[4] and decided,
                    *figure[5:-1],
                    figure[-1] and decided,
                )  # noqa: E501
        figures = ", ".join(f"{prefix}event_{f}{b}" for f in ("count", "share") for b in BOUNDS)
        found = built.rows(
            f"select company_id, 'types', event_type, {figures} from marts.company_event_types"
            f" union all select company_id, scope, consent_status, {figures} from marts.company_consent_status"  # noqa: E501
        )
        assert {row[:3]: row[3:] for row in found} == _close(expected)


@pytest.mark.parametrize("formula", ["assignment", "corrected"])
@pytest.mark.parametrize("metric", RANKED)
def test_company_ranking(
    built: Warehouse, estimates: Callable[..., dict[str, rates.Figure]], metric: str, formula: str
) -> None:
    rows = built.rows(
        "select company_id, company_rank, best_rank, worst_rank from marts.company_ranking"
        f" where metric = '{metric}' and formula = '{formula}' and is_reliable"
    )
    assert {row[0]: row[1:] for row in rows} == rates.ranks(estimates(metric, formula))


def test_metric_sensitivity(built: Warehouse, companies: dict[str, Any]) -> None:
    rows = built.rows(
        "select headline, factor, choice, company_id, metric_value, metric_lower, metric_upper,"
        " effective_sample_size, is_reliable, company_rank, headline_rank from marts.metric_sensitivity"  # noqa: E501
    )
    found = {row[:4]: row[4:] for row in rows}
    headline_ranks = {
        headline: _ranks(
            {c: rates.metric(own, m, "count_over_rate")[0] for c, own in companies.items()}
        )  # noqa: E501
        for headline, m in (("conversion", "conversion_rate"), ("volume", "event_count"))
    }
    for headline, factor, choice, metric, weighting in _choices():
        figures = {c: rates.metric(own, metric, weighting) for c, own in companies.items()}
        known = {c: f for c, f in figures.items() if f[0] is not None}
        rank = _ranks({c: f[0] for c, f in known.items()})
        for company, figure in known.items():
            row = found.pop((headline, factor, choice, company))
            size = None if weighting == "imputed" else figure[3]
            assert row[:5] == approx((*figure[:3], size, figure[4])), (factor, choice)
            assert row[5:] == (rank[company], headline_ranks[headline].get(company))
    assert not found


def test_company_benchmarks(
    built: Warehouse, estimates: Callable[..., dict[str, rates.Figure]], folder: Path
) -> None:
    listed = independent.companies_in(folder)
    rows = built.rows(
        "select company_id, metric, formula, benchmark, company_count, benchmark_value,"
        " difference, position, metric_lower, metric_upper from marts.company_benchmarks"
    )
    assert rows
    for company, metric, formula, kind, count, value, difference, position, lower, upper in rows:
        industry = listed.get(company, ("", "Unknown"))[1]
        figures = estimates(metric, formula)
        members = {c for c in figures if listed.get(c, ("", "Unknown"))[1] == industry}
        expected = rates.benchmark(figures, (figures if kind == "all" else members).__contains__)
        assert (count, value) == (expected[0], approx(expected[1]))
        assert (difference is None) == (value is None or figures[company][0] is None)
        if position == "above":
            assert lower > value
        elif position == "below":
            assert upper < value
        elif position:
            assert lower <= value <= upper


def _parts(own: Any, weighting: str) -> Iterator[tuple[tuple[str, str], tuple[Any, ...]]]:
    choices = own[own.type == "consent.given"]
    for scope, rows, column, share in (
        ("types", own, "type", rates.mixed_share),
        ("all events", own, "status", rates.mixed_share),
        ("choices", choices, "status", rates.probability),
    ):
        for part in rows[column].unique():
            is_part = rows[column] == part
            yield (
                (scope, part),
                (
                    *rates.total(rows[is_part], weighting),
                    *share(rows, is_part, weighting),
                ),
            )


def _choices() -> Iterator[tuple[str, str, str, str, str]]:
    assignment = "count_over_rate"
    for headline, metric in (("conversion", "conversion_rate"), ("volume", "event_count")):
        for weighting in rates.WEIGHTINGS:
            yield headline, "weighting", weighting, metric, weighting
        yield headline, "missing rates", "as 1", metric, assignment
        yield headline, "missing rates", "imputed", metric, "imputed"
    for choice, metric in {
        "conversion by the assignment": "conversion_rate",
        "consent rate": "consent_rate_everywhere",
        "opt-in rate": "opt_in_rate_everywhere",
        "no-choice rate": "no_choice_rate_everywhere",
    }.items():
        yield "conversion", "definition", choice, metric, assignment
    yield "conversion", "choices", "with external and webview", "conversion_rate", assignment
    yield (
        "conversion",
        "choices",
        "without external and webview",
        "conversion_rate_on_notice",
        assignment,
    )
    yield "conversion", "choices", "clicked only", "conversion_rate_clicked", assignment


def _ranks(values: dict[str, float | None]) -> dict[str, int]:
    known = {company: value for company, value in values.items() if value is not None}
    return {
        company: 1
        + sum(other > value and not math.isclose(other, value) for other in known.values())
        for company, value in known.items()
    }


def _close(figures: dict[Any, Any]) -> dict[Any, Any]:
    return {key: approx(tuple(values)) for key, values in figures.items()}
