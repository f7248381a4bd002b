"""The truth is what sampling estimates: checked from the delivered rows alone."""

from __future__ import annotations

import math
from statistics import median

import pytest

from tests.generator.conftest import Deliver, Delivery, Row

OPT_INS = ("full opt-in", "partial opt-in", "partial")


def known(value: float | None) -> float:
    assert value is not None
    return value


def estimate(rows: list[Row], event_type: str) -> tuple[float, float]:
    """Horvitz-Thompson total and its standard error, from RATE alone."""
    weights = [1 / float(row["RATE"]) for row in rows if row["TYPE"] == event_type]
    return sum(weights), math.sqrt(sum((1 - 1 / w) * w * w for w in weights))


@pytest.fixture(scope="module")
def plain(deliver: Deliver) -> Delivery:
    return deliver(payload="none", null_rates=False, user_id=True)


def test_totals_by_type_are_estimated_within_their_error(plain: Delivery) -> None:
    misses = 0
    for company in plain.truth.companies:
        for event_type, total in company.events_by_type.items():
            value, error = estimate(plain.rows[company.number], event_type)
            assert abs(value - total) <= 4 * error + 0.001 * total
            misses += abs(value - total) > 1.96 * error + 0.001 * total
    assert misses <= 6  # of 40, where 2 are expected


def test_truth_counts_the_rows_that_are_delivered(plain: Delivery) -> None:
    for company in plain.truth.companies:
        rows = plain.rows[company.number]
        assert company.row_count == len(rows)
        for event_type, count in company.rows_by_type.items():
            assert count == sum(row["TYPE"] == event_type for row in rows)


def test_conversion_and_consent_rate_follow_from_the_totals(plain: Delivery) -> None:
    for company in plain.truth.companies:
        given, asked = company.consent_given_count, company.consent_asked_count
        assert company.consent_conversion_rate == given / asked
        assert sum(company.statuses.values()) == given == company.events_by_type["consent.given"]
        if company.profile != "LI only":
            probability = known(company.consent_rate_probability)
            error = math.sqrt(probability * (1 - probability) / given)
            assert abs(known(company.consent_rate_log) - probability) < 4 * error


def test_statuses_are_complete_where_all_choices_are_kept(plain: Delivery) -> None:
    company = plain.truth.companies[1]
    given = [row for row in plain.rows[2] if row["TYPE"] == "consent.given"]
    assert company.statuses["opt-out"] == sum(row["CONSENT"] == "opt-out" for row in given)
    assert sum(company.statuses.values()) == len(given)


def test_count_one_makes_the_assignments_formula_right(deliver: Deliver) -> None:
    one = deliver(payload="none", null_rates=False, count="one", companies=4)
    assert {int(row["COUNT"]) for row in one.all_rows} == {1}
    for company in one.truth.companies:
        value, error = estimate(one.rows[company.number], "pageview")
        assert abs(value - company.events_by_type["pageview"]) <= 4 * error


def lags(rows: list[Row]) -> list[float]:
    """Seconds from asked to given of the users of whom both rows were kept (ms times)."""
    seconds: dict[str, dict[str, float]] = {}
    for row in rows:
        hours, minutes, rest = row["EVENT_TIME"].split(" ")[1].split(":")
        at = int(hours) * 3600 + int(minutes) * 60 + float(rest)
        seconds.setdefault(row["USER_ID"], {})[row["TYPE"]] = at
    both = [s for s in seconds.values() if {"consent.asked", "consent.given"} <= s.keys()]
    return [s["consent.given"] - s["consent.asked"] for s in both]


def test_pairs_of_users_show_the_true_time_to_consent(plain: Delivery) -> None:
    for company in plain.truth.companies:
        found = lags(plain.rows[company.number])
        truth = company.time_to_consent["all"]["median_seconds"]
        assert len(found) >= 50
        assert median(found) == pytest.approx(truth, rel=0.25, abs=0.7)


def test_partial_takes_longest_and_full_opt_in_shortest(plain: Delivery) -> None:
    for company in (c for c in plain.truth.companies if c.profile != "LI only"):
        times = company.time_to_consent
        statuses = ("full opt-in", "opt-out", "partial opt-in")
        order = [known(times[status]["median_seconds"]) for status in statuses]
        assert order == sorted(order)


def test_shuffled_users_make_no_pairs(deliver: Deliver, plain: Delivery) -> None:
    shuffled = deliver(payload="none", null_rates=False, user_id=True, shuffle_users=True)
    for number, rows in shuffled.rows.items():
        near = [lag for lag in lags(rows) if 0 < lag <= 60]
        assert len(near) < 0.2 * len(lags(plain.rows[number]))


def test_sampling_users_keeps_a_users_events_together(deliver: Deliver, plain: Delivery) -> None:
    users = deliver(payload="none", null_rates=False, user_id=True, sampling="users")
    for number in (1, 3):
        assert rows_per_user(users.rows[number]) > 1.3 * rows_per_user(plain.rows[number])


def rows_per_user(rows: list[Row]) -> float:
    views = [row["USER_ID"] for row in rows if row["TYPE"] == "pageview"]
    return len(views) / len(set(views))


def test_experiment_has_two_arms_with_the_known_difference(deliver: Deliver) -> None:
    tested = deliver(payload="none", experiment=True, experiment_effect=0.1, companies=2)
    assert {row["EXPERIMENT"] for row in tested.all_rows} == {"control", "variant"}
    for company in tested.truth.companies:
        control, variant = company.arms["control"], company.arms["variant"]
        rates = [known(arm["consent_rate_probability"]) for arm in (control, variant)]
        assert rates[1] - rates[0] == pytest.approx(0.1)
        assert known(variant["consent_rate_log"]) > known(control["consent_rate_log"])
        assert 0.45 < known(control["user_count"]) / company.user_count < 0.55


def test_consent_of_every_fifth_company_drops_halfway(deliver: Deliver, usual: Delivery) -> None:
    dropping = deliver(companies=3, drop=0.3, days=2, events_per_company=4000, payload="none")
    assert [company.consent_drop for company in dropping.truth.companies] == [0.0, 0.3, 0.0]
    for number in (1, 2, 3):
        by_day: dict[str, list[bool]] = {}
        for row in dropping.rows[number]:
            if row["TYPE"] == "consent.given" and row["CONSENT"] in ("full opt-in", "opt-out"):
                by_day.setdefault(row["EVENT_TIME"][:10], []).append(row["CONSENT"] != "opt-out")
        first, second, *_ = (sum(day) / len(day) for _, day in sorted(by_day.items()))
        assert (first - second > 0.15) is (number == 2)
    assert all(company.consent_drop == 0 for company in usual.truth.companies)


def test_duplicates_are_within_and_across_files_only_when_asked_for(
    deliver: Deliver, usual: Delivery
) -> None:
    repeated = deliver(duplicates=True, companies=3, events_per_company=100)
    for number, extra in ((1, 5), (2, 8), (3, 8)):
        assert len(repeated.rows[number]) == repeated.truth.companies[number - 1].row_count + extra
    ids = [row["EVENT_ID"] for row in repeated.all_rows]
    assert len(ids) - len(set(ids)) == 3 * 5 + 2 * 3


def test_exact_gives_exactly_so_many_rows(deliver: Deliver) -> None:
    exact = deliver(payload="none", exact=True, companies=3, events_per_company=321)
    assert [len(rows) for rows in exact.rows.values()] == [321] * 3


def test_many_companies_share_files(deliver: Deliver) -> None:
    many = deliver(payload="none", companies=25, events_per_company=40, companies_per_file=10)
    assert [len({row["APIKEY"] for row in rows}) for rows in many.rows.values()] == [10, 10, 5]
    assert [path.suffix for _, path in sorted(many.files.items())] == [".csv", ".csv", ".parquet"]
    assert len({company.company_id for company in many.truth.companies}) == 25


def test_user_id_can_be_everywhere_or_nowhere(deliver: Deliver) -> None:
    for wanted in (True, False):
        made = deliver(payload="none", events_per_company=20, user_id=wanted)
        assert all(("USER_ID" in row) is wanted for row in made.all_rows)


def test_days_stretch_deliveries_that_are_not_capped(deliver: Deliver) -> None:
    made = deliver(payload="none", days=10, start="2026-01-01", events_per_company=500)
    days = {number: {row["EVENT_TIME"][:10] for row in rows} for number, rows in made.rows.items()}
    assert len(days[1]) >= 10 and days[4] == {"2026-01-01"}
