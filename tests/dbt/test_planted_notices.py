"""The generator has people refuse more where TCF applies, and return with older tokens."""

from collections.abc import Callable

import pytest

from generator import Settings, generate
from sandbox.warehouse import Warehouse

pytestmark = pytest.mark.campaign
SETTINGS = Settings(
    companies=6,
    events_per_company=3000,
    payload="small",
    days=2,
    null_rates=False,
    tcf_gap=0.4,
)


@pytest.fixture(scope="module")
def planted(
    new_warehouse: Callable[..., Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    folder = tmp_path_factory.mktemp("planted")
    generate(SETTINGS, folder)
    return new_warehouse().built_from(folder, ["+region_scope_consent", "+company_tokens"])


def test_people_refuse_more_where_tcf_applies(planted: Warehouse) -> None:
    rows = planted.rows(
        "select company_id, odds_ratio_upper, inside_standardised_rate,"
        " outside_standardised_rate from marts.region_scope_consent where odds_ratio_is_reliable"
    )
    of_all = [row[1:] for row in rows if row[0] == "all"]
    assert len(rows) > 3
    assert all(upper < 1 for upper, _, _ in of_all)
    assert all(0.2 < outside - inside < 0.5 for _, inside, outside in of_all)
    by_value = planted.rows(
        "select inside.refusal_rate_lower > outside.refusal_rate"
        " from marts.notice_performance as inside"
        " join marts.notice_performance as outside using (company_id, breakdown)"
        " where breakdown = 'region scope' and inside.value = 'EEA, UK and CH'"
        " and outside.value = 'elsewhere' and outside.decision_row_count >= 50"
    )
    assert len(by_value) > 2 and set(by_value) == {(True,)}


def test_people_return_with_older_tokens(planted: Warehouse) -> None:
    """The generator lets some return 1 to 201 days after their token was made."""
    (found,) = planted.rows(
        "select sum(later_choice_count), sum(older_than_6_months_row_count),"
        " sum(older_than_12_months_row_count), max(oldest_decision_days),"
        " sum(first_choice_count + change_count + renewal_count + later_choice_count"
        " + resent_row_count) - sum(choice_row_count) from marts.company_tokens"
    )
    later, half_a_year, a_year, oldest, rest = found
    assert later > 20
    assert 0 < half_a_year < later / 4
    assert a_year == 0 and 180 < oldest < 203
    assert rest == 0
