"""What the generator plants, the checks find, and the figures that rest on it step back.

tests/dbt/test_evidence_agrees.py looks at deliveries in which nothing is planted.
"""

from collections.abc import Callable

import pytest

from generator import Settings, generate
from sandbox.warehouse import Warehouse

pytestmark = pytest.mark.campaign
MODELS = (
    "+data_quality",
    "+company_overview",
    "+company_vendors",
    "+consent_status_reconciliation",
)
PLANTED = Settings(
    companies=4,
    events_per_company=1500,
    days=0.5,
    payload="small",
    user_id=True,
    shuffle_users=True,
    recycle_payloads=True,
    partial_on_web=True,
)


@pytest.fixture(scope="module")
def planted(
    new_warehouse: Callable[..., Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    folder = tmp_path_factory.mktemp("planted")
    generate(PLANTED, folder)
    return new_warehouse().built_from(folder, MODELS)


def of(
    planted: Warehouse, columns: str, mart: str, where: str = "true"
) -> list[tuple[object, ...]]:
    """Rows of the companies with events; those with fewer than five web choices have no tokens."""
    return planted.rows(
        f"select {columns} from marts.{mart} where {where} and company_id in ("
        " select company_id from marts.evidence_checks where token_row_count >= 5)"
    )


def test_shuffled_ids_and_recycled_payloads_fail(planted: Warehouse) -> None:
    found = of(planted, "check_name, verdict, sentence", "evidence_checks")
    assert len(found) >= 6
    assert {verdict for _, verdict, _ in found} == {"fails"}
    assert {str(sentence).split(":")[0] for *_, sentence in found} == {
        "USER_ID does not stand for a person",
        "Payloads are recycled",
    }


def test_the_next_method_gives_the_headline(planted: Warehouse) -> None:
    found = of(planted, "method, is_credible, doubt", "company_time_to_consent")
    assert {method for method, _, doubt in found if doubt} == {"user", "token"}
    assert not any(is_credible for _, is_credible, doubt in found if doubt)
    methods = of(planted, "distinct headline_method", "company_time_to_consent")
    assert set(methods) <= {("cohort",), (None,)}
    assert ("cohort",) in of(planted, "distinct time_method", "company_overview")


@pytest.mark.parametrize("mart", ["company_vendors", "consent_status_reconciliation"])
def test_figures_from_payloads_are_not_reliable(planted: Warehouse, mart: str) -> None:
    names = planted.rows(
        "select column_name from information_schema.columns where table_schema = 'marts'"
        f" and table_name = '{mart}' and column_name like '%is_reliable'"
    )
    for (name,) in names:
        assert of(planted, f"distinct {name}", mart) == [(False,)]


def test_data_quality_names_all_three(planted: Warehouse) -> None:
    found = of(planted, "distinct check_name", "data_quality", "rows_affected > 0")
    assert {
        ("user id is not a person",),
        ("recycled payload",),
        ("opted-in web page view that never says full opt-in",),
    } <= set(found)
    web = "web_opt_in_row_count >= 5 and deployment_id = 'all'"
    verdicts = of(planted, "distinct full_opt_in_on_web_verdict", "company_traffic_consent", web)
    assert verdicts == [("fails",)]
