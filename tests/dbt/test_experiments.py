"""Experiment arms on a generated delivery whose true consent rates are known."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest import approx

from generator import Settings, Truth, generate
from sandbox.warehouse import Warehouse

SETTINGS = Settings(
    companies=10, events_per_company=4000, payload="none", experiment=True, experiment_effect=0.1
)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("experiment")
    return folder, generate(SETTINGS, folder)


@pytest.fixture(scope="module")
def built(delivery: tuple[Path, Truth], new_warehouse: Callable[[], Warehouse]) -> Warehouse:
    return new_warehouse().built_from(delivery[0], select=["+experiment_arms"])


def test_intervals_hold_the_true_rates_and_differences(
    built: Warehouse, delivery: tuple[Path, Truth]
) -> None:
    rows = built.rows("""
        select company_id, arm, consent_rate_lower, consent_rate_upper,
            difference_from_control_lower, difference_from_control_upper
        from marts.experiment_arms where is_reliable
    """)
    arms = {company.company_id: company.arms for company in delivery[1].companies}
    held = []
    for company, arm, lower, upper, least, most in rows:
        control, true = (
            arms[company][name]["consent_rate_probability"] for name in ("control", arm)
        )
        assert control is not None and true is not None
        held.append(lower <= true <= upper)
        if arm != "control":
            held.append(least <= true - control <= most)
    assert len(held) == 27  # the tenth company has legitimate interest only: nobody opts in
    assert sum(held) >= 24
    assert {arm for _, arm, *_ in rows} == {"control", "variant"}


def test_split_is_even_as_generated(built: Warehouse) -> None:
    rows = built.rows(
        "select sample_ratio_chi_square, sample_ratio_p_value, is_split_even"
        " from marts.experiment_arms"
    )
    assert len(rows) == 20
    for chi_square, p_value, is_even in rows:
        assert p_value == approx(math.erfc(math.sqrt(chi_square / 2)), abs=2e-7)
        assert is_even


def test_lost_users_of_one_arm_are_noticed(
    built: Warehouse, new_warehouse: Callable[..., Warehouse]
) -> None:
    """A third of the notices of the variant never arrived."""
    warehouse = new_warehouse(built)
    warehouse.execute(
        "delete from consent_raw.events where experiment = 'variant' and type = 'consent.asked'"
        " and event_id < '5'"
    )
    warehouse.dbt("run", "--full-refresh", "--select", "+experiment_arms")
    rows = warehouse.rows("select is_split_even, count(*) from marts.experiment_arms group by 1")
    assert dict(rows)[False] >= 10
