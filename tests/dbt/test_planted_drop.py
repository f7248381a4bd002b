"""The generator lets two of seven companies' consent fall at a midnight: these alert, no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from generator import Settings, generate
from sandbox.warehouse import Warehouse

SETTINGS = Settings(
    companies=7, events_per_company=2000, payload="none", days=2, null_rates=False, drop=0.3
)


@pytest.mark.campaign
def test_a_fall_of_consent_is_found(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    truth = generate(SETTINGS, tmp_path)
    built = new_warehouse().built_from(tmp_path, select=["+consent_trend"])
    alerts = built.rows(
        "select company_id, period_start::date::text, value_change, country_rate_change"
        " from marts.consent_trend where is_alert and metric = 'consent_rate' order by 1"
    )
    fallen = sorted(c.company_id for c in truth.companies if c.consent_drop)
    assert [(company, day) for company, day, *_ in alerts] == [(c, "2025-10-07") for c in fallen]
    assert all(change < -0.15 and rate < -0.15 for *_, change, rate in alerts)
