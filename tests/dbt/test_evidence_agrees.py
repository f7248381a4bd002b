"""Refusals, page views, ids and tokens against plain Python, on both inputs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest import approx

from sandbox.warehouse import Warehouse
from tests.conftest import OTHER_SAMPLE
from tests.dbt import independent
from tests.dbt import independent_evidence as evidence
from tests.dbt import independent_rates as rates

Groups = dict[tuple[str, str], list[evidence.Event]]
REFUSALS = """refusal_row_count, refusal_with_offer_row_count,
    refusal_with_legitimate_interest_row_count, decision_row_count,
    consent_without_click_row_count, notice_row_count, notice_after_decision_row_count,
    notice_after_refusal_row_count"""


@pytest.fixture(scope="module")
def events(folder: Path) -> list[evidence.Event]:
    return evidence.events_in(folder)


@pytest.fixture(scope="module")
def groups(folder: Path, events: list[evidence.Event]) -> Groups:
    without_events: Groups = {(company, "all"): [] for company in independent.companies_in(folder)}
    return without_events | evidence.by_deployment(events)


@pytest.fixture
def sample(sample_input: Path, build: Callable[[Path], Warehouse]) -> Warehouse:
    """The real delivery whose figures were counted independently."""
    if OTHER_SAMPLE:
        pytest.skip("the figures are those of another delivery")
    return build(sample_input)


def test_refusals(built: Warehouse, groups: Groups) -> None:
    query = f"""
        select company_id, deployment_id, {REFUSALS},
            legitimate_interest_share, legitimate_interest_share_lower,
            legitimate_interest_share_upper, refusal_rate, refusal_rate_lower, refusal_rate_upper
        from marts.refusal_integrity"""
    wanted = {}
    for key, own in groups.items():
        counts = evidence.refusals(own)
        refused, offered, left, decided = counts[:4]
        wanted[key] = counts + evidence.wilson(left, offered) + evidence.wilson(refused, decided)
    _assert_same(built.rows(query), wanted)


def test_page_views(built: Warehouse, folder: Path, groups: Groups) -> None:
    used = rates.weightings(rates.frame(folder))
    query = """
        select company_id, deployment_id, pageview_row_count,
            opt_in_share, opt_out_share, none_share, gcm_error_share, gcm_error_row_count,
            web_opt_in_row_count, web_full_opt_in_row_count,
            mobile_opt_in_row_count, mobile_full_opt_in_row_count
        from marts.company_traffic_consent"""
    found = built.rows(query)
    # a deployment without page views has no row
    wanted = {
        key: evidence.traffic(own, used.get(key[0], ("count", True))[0])
        for key, own in groups.items()
        if key[1] == "all" or any(event.type == "pageview" for event in own)
    }
    _assert_same(found, wanted)


def test_refusals_that_leave_legitimate_interest_on(sample: Warehouse) -> None:
    """48 of 48, 37 of 39, 9 of 9; of the six others that offered it, 0 of 256."""
    found = sample.rows(
        "select refusal_with_legitimate_interest_row_count, refusal_with_offer_row_count"
        " from marts.refusal_integrity where deployment_id = 'all' and refusal_row_count > 0"
        " order by 1 desc, 2"
    )
    assert found[:3] == [(48, 48), (37, 39), (9, 9)]
    assert (sum(left for left, _ in found[3:]), sum(offered for _, offered in found[3:])) == (
        0,
        256,
    )


def test_opt_ins_without_a_click_and_notices_after_decisions(sample: Warehouse) -> None:
    """134 of 339, from two deployments where nobody refused; notices: 7 of 33, then 3 of 518."""
    of_companies = f"select {REFUSALS} from marts.refusal_integrity where deployment_id = 'all'"
    found = sorted(sample.rows(of_companies), key=lambda row: row[4])
    assert [found[-1][index] for index in (0, 3, 4)] == [9, 339, 134]
    notices = sorted((row[5:] for row in found), key=lambda row: row[1])
    assert notices[-1] == (33, 7, 2)
    assert [sum(column) for column in zip(*notices[:-1], strict=True)][:2] == [518, 3]
    nobody = sample.rows(
        "select decision_row_count, round(refusal_rate_upper::numeric, 3)::float"
        " from marts.refusal_integrity where finding like 'Nobody refused%' order by 1"
    )
    assert nobody == [(52, 0.069), (82, 0.045)]


def test_opted_in_web_page_views_never_say_full(sample: Warehouse) -> None:
    """0 of 195 on the web, 405 of 405 in apps; four page views report an error of consent mode."""
    names = "web_full_opt_in web_opt_in mobile_full_opt_in mobile_opt_in gcm_error".split()
    sums = ", ".join(f"sum({name}_row_count)" for name in names)
    query = f"select {sums} from marts.company_traffic_consent where deployment_id = 'all'"
    assert sample.rows(query) == [(0, 195, 405, 405, 4)]


def test_ids_and_payloads(built: Warehouse, folder: Path, events: list[evidence.Event]) -> None:
    query = """
        select company_id, check_name, identified_row_count, repeated_token_count,
            several_id_token_count, repeated_user_count, spanning_user_count,
            expected_spanning_user_share, verdict
        from marts.evidence_checks where check_name = 'user id is a person'"""
    by_company = {
        company: [event for event in events if event.company == company]
        for company in independent.companies_in(folder).keys() | {e.company for e in events}
    }
    figures = {company: evidence.user_ids(own) for company, own in by_company.items()}
    wanted = {
        (company, "user id is a person"): (*found, evidence.user_id_verdict(found))
        for company, found in figures.items()
    }
    _assert_same(built.rows(query), wanted)


def test_recycled_payloads(built: Warehouse, events: list[evidence.Event]) -> None:
    query = """
        select company_id, check_name, token_row_count, shared_token_row_count, token_count,
            shared_token_count, effective_token_count
        from marts.evidence_checks
        where check_name = 'payloads are distinct' and token_row_count > 0"""
    found = evidence.payloads(events)
    wanted = {(company, "payloads are distinct"): row for company, row in found.items()}
    _assert_same(built.rows(query), wanted)
    failing = "select count(*) from marts.evidence_checks where verdict = 'fails'"
    assert built.rows(failing) == [(0,)]


def test_no_token_is_that_of_two_companies(sample: Warehouse) -> None:
    """0 of 2,209, and no company has ids."""
    found = sample.rows(
        "select sum(token_count), sum(shared_token_count), sum(identified_row_count)"
        " from marts.evidence_checks"
    )
    assert found == [(2209, 0, 0)]


def _assert_same(rows: list[tuple[Any, ...]], wanted: dict[tuple[str, str], Any]) -> None:
    found = {row[:2]: row[2:] for row in rows}
    assert found.keys() == wanted.keys()
    assert {key: approx(row, nan_ok=True) for key, row in wanted.items()} == found
