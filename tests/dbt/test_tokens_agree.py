"""Consent tokens and their summary, against pandas and, on the real delivery, known figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.conftest import OTHER_SAMPLE
from tests.dbt import independent_tokens as tokens

COUNTS = (
    "choice_row_count first_choice_count change_count renewal_count later_choice_count"
    " resent_row_count partial_row_count partial_list_grew_row_count partial_elsewhere_row_count"
    " first_day_decision_row_count first_day_partial_row_count later_decision_row_count"
    " later_partial_row_count older_than_6_months_row_count older_than_12_months_row_count"
).split()
LATEST = "user_count consent_status action partial_kind".split()


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[tokens.Token, dict[str, Any]]:
    return tokens.by_token(folder)


def test_consent_tokens(built: Warehouse, expected: dict[tokens.Token, dict[str, Any]]) -> None:
    names = [*COUNTS, *LATEST, "age_days"]
    query = f"select company_id, token_created_at, {', '.join(names)} from marts.consent_tokens"
    rows = {(row[0], pd.Timestamp(row[1])): row[2:] for row in built.rows(query)}
    assert rows.keys() == expected.keys()
    for token, (*found, age_days) in rows.items():
        assert found == [expected[token][name] for name in names[:-1]], token
        assert age_days == approx(expected[token]["age_days"], abs=1e-6)


def test_company_tokens(built: Warehouse, expected: dict[tokens.Token, dict[str, Any]]) -> None:
    sums: dict[str, list[int]] = {}
    for (company, _), figures in expected.items():
        row = [1, *(figures[name] for name in COUNTS)]
        sums[company] = [a + b for a, b in zip(sums.get(company, [0] * len(row)), row, strict=True)]
    columns = ", ".join(["company_id", "token_count", *COUNTS])
    rows = {row[0]: row[1:] for row in built.rows(f"select {columns} from marts.company_tokens")}
    assert sums.keys() <= rows.keys()
    for company, found in rows.items():
        assert list(found) == sums.get(company, [0] * len(found)), company


def test_choices_in_apps(built: Warehouse, folder: Path) -> None:
    columns = ", ".join(
        f"app_{name}_row_count" for name in "choice first_choice unchanged withdrawal grant".split()
    )
    rows = built.rows(f"select company_id, {columns} from marts.company_tokens")
    expected = tokens.transitions(folder)
    assert {row[0]: row[1:] for row in rows if row[1]} == expected


def test_shares_have_wilsons_interval(built: Warehouse) -> None:
    for name, part, whole in (
        ("first_day_partial_share", "first_day_partial_row_count", "first_day_decision_row_count"),
        ("later_partial_share", "later_partial_row_count", "later_decision_row_count"),
        ("older_than_6_months_share", "older_than_6_months_row_count", "decision_row_count"),
    ):
        rows = built.rows(
            f"select {part}, {whole}, {name}, {name}_lower, {name}_upper, {name}_is_reliable"
            " from marts.company_tokens"
        )
        for count, size, *found in rows:
            assert found == approx(tokens.share(count, size)), (name, count, size)


def test_known_figures_of_the_real_delivery(
    sample_input: Path, build: Callable[[Path], Warehouse]
) -> None:
    if OTHER_SAMPLE:
        return
    built = build(sample_input)
    summed = ", ".join(f"sum({name})::int" for name in ("token_count", *COUNTS))
    found: dict[str, Any] = dict(
        zip(
            ("token_count", *COUNTS, "oldest"),
            built.rows(f"select {summed}, max(oldest_decision_days) from marts.company_tokens")[0],
            strict=True,
        )
    )
    assert found["token_count"] == 2209
    assert (found["first_day_partial_row_count"], found["first_day_decision_row_count"]) == (
        1,
        1807,
    )
    assert (found["later_partial_row_count"], found["later_decision_row_count"]) == (21, 71)
    assert (found["partial_elsewhere_row_count"], found["partial_row_count"]) == (69, 91)
    assert found["older_than_6_months_row_count"] == 14
    assert found["oldest"] == approx(354.5, abs=0.05)
    resent = (
        "select token_count, choice_row_count from marts.company_tokens where resent_row_count > 0"  # noqa: E501
    )
    assert built.rows(resent) == [(289, 340)]
    assert built.rows(
        "select count(*) from (select token_created_at from marts.consent_tokens"
        " group by 1 having count(*) > 1) as shared"
    ) == [(0,)]
