"""Each oddity that real deliveries have (DOMAIN.md, section 2) is in the default delivery."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.generator.conftest import Delivery

PURPOSES = ("purposes", "purposes_li", "vendors", "vendors_li")


def values(delivery: Delivery, column: str) -> Counter[Any]:
    return Counter(row[column] for row in delivery.all_rows)


def test_payloads_are_pretty_printed_with_doubled_quotes_in_csv(usual: Delivery) -> None:
    text = usual.files[1].read_text(encoding="utf-8")
    assert '"{\n  ""action"": ""click"",\n' in text


def test_pageviews_mostly_have_no_payload(usual: Delivery) -> None:
    views = [row for row in usual.all_rows if row["TYPE"] == "pageview"]
    filled = [payload for _, payload in usual.payloads("pageview")]
    assert 0 < len(filled) < 0.1 * len(views)
    assert {key for payload in filled for key in payload} == {"features", "gcm_error"}


def test_vendors_are_numbers_and_texts_in_one_list(usual: Delivery) -> None:
    lists = [payload["vendors"] for _, payload in usual.payloads("consent.asked")]
    assert any({type(v) for v in vendors} == {int, str} for vendors in lists)
    assert any("google" in vendors for vendors in lists)


def test_the_same_vendor_is_a_number_here_and_a_text_there(usual: Delivery) -> None:
    types: dict[str, set[type]] = {}
    for row, payload in usual.payloads("consent.given"):
        vendors = payload["vendors"]["enabled"] + payload["vendors"]["disabled"]
        types.setdefault(row["APIKEY"], set()).update(type(v) for v in vendors if v in (1, "1"))
    assert sum(found == {int, str} for found in types.values()) >= 7


def test_asked_lists_what_it_offers(usual: Delivery) -> None:
    for _, payload in usual.payloads("consent.asked"):
        assert list(payload) == ["position", *PURPOSES]
        assert payload["position"] in ("popup", "bottom")
        assert all(isinstance(payload[name], list) for name in PURPOSES)


def test_given_on_the_web_carries_times_and_in_apps_what_was_before(usual: Delivery) -> None:
    web, mobile = {"created", "updated", "from_euconsent"}, {f"previous_{n}" for n in PURPOSES}
    for row, payload in usual.payloads("consent.given"):
        assert set(payload) - {"action"} == set(PURPOSES) | (
            web if row["SDK_TYPE"] == "sdk-web" else mobile
        )
        assert all(set(payload[name]) == {"enabled", "disabled"} for name in PURPOSES)
        if "created" in payload:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", payload["created"])
            assert payload["created"] <= payload["updated"]


def test_choices_come_by_click_from_outside_in_web_views_or_unsaid(usual: Delivery) -> None:
    actions = {payload.get("action") for _, payload in usual.payloads("consent.given")}
    assert actions == {"click", "external", "webview", None}


def test_ui_actions_name_purposes_and_categories(usual: Delivery) -> None:
    payloads = [payload for _, payload in usual.payloads("ui.action")]
    assert {key for p in payloads for key in p} == {"action", "category", "purposeId", "categoryId"}
    assert all(p["action"].startswith("preferences.") for p in payloads)


def test_status_and_payload_agree(usual: Delivery) -> None:
    for row, payload in usual.payloads("consent.given"):
        purposes = payload["purposes"]
        status = {
            (True, False): "full opt-in",
            (True, True): "partial opt-in",
            (False, True): "opt-out",
            (False, False): "empty",
        }[bool(purposes["enabled"]), bool(purposes["disabled"])]
        assert row["CONSENT"].replace("partial opt-in", "partial") == status.replace(
            "partial opt-in", "partial"
        )


def test_country_and_region_carry_quotes_and_region_is_often_missing(usual: Delivery) -> None:
    assert all(re.fullmatch('"[A-Z]{2}"', country) for country in values(usual, "COUNTRY"))
    assert len(values(usual, "COUNTRY")) > 100
    missing = sum(not row["REGION"] for row in usual.all_rows)
    assert 0.1 < missing / len(usual.all_rows) < 0.3


def test_rates_have_float_noise_in_both_formats(usual: Delivery) -> None:
    for numbers in (range(1, 6), range(6, 11)):
        rates = {str(row["RATE"]) for n in numbers for row in usual.rows[n]}
        assert {"0.1000000015", "0.200000003", "0.1", "0.2", "0.03"} <= rates


def test_rate_is_missing_on_two_percent_of_views_and_ui_actions_somewhere(usual: Delivery) -> None:
    for number, rows in usual.rows.items():
        views = [row for row in rows if row["TYPE"] in ("pageview", "ui.action")]
        missing = [row for row in rows if row["RATE"] in ("", None)]
        assert all(row in views for row in missing)
        low, high = (0.008, 0.04) if number in (3, 7, 10) else (0, 0)
        assert low <= len(missing) / len(views) <= high, number


def test_count_is_the_rounded_weight(usual: Delivery) -> None:
    rows = [row for row in usual.all_rows if row["RATE"] not in ("", None)]
    assert all(int(row["COUNT"]) == round(1 / float(row["RATE"])) for row in rows)


def test_experiment_is_empty(usual: Delivery) -> None:
    assert set(values(usual, "EXPERIMENT")) == {"", None}


def test_times_are_text_mostly_with_milliseconds(usual: Delivery) -> None:
    full = re.compile(r"2025-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")
    short = re.compile(r"2025-\d\d-\d\d \d{1,2}:\d\d:\d\d")
    for number, rows in usual.rows.items():
        pattern = short if number in (3, 8) else full
        times = [row[name] for row in rows for name in ("EVENT_TIME", "WINDOW_START")]
        assert all(pattern.fullmatch(time) for time in times), number
    assert all(any(" 9:" in r["EVENT_TIME"] for r in usual.rows[n]) for n in (3, 8))


def test_window_starts_at_the_hour_of_the_event(usual: Delivery) -> None:
    for row in usual.all_rows:
        event, window = row["EVENT_TIME"], row["WINDOW_START"]
        assert window.split(":")[0] == event.split(":")[0]
        assert re.search(r":00:00(\.000)?$", window)


def test_event_ids_are_uuids_here_and_hex_digits_there(usual: Delivery) -> None:
    dashed = {n for n, rows in usual.rows.items() if "-" in rows[0]["EVENT_ID"]}
    assert dashed == {1, 4, 5, 7, 8, 10}
    assert all(len(r["EVENT_ID"]) == (36 if "-" in r["EVENT_ID"] else 32) for r in usual.all_rows)


def test_statuses_include_older_texts(usual: Delivery) -> None:
    assert set(values(usual, "CONSENT")) == {
        "full opt-in", "partial opt-in", "partial", "opt-out", "empty",
    }  # fmt: skip


def test_some_are_asked_again_with_a_status(usual: Delivery) -> None:
    asked = [row for row in usual.all_rows if row["TYPE"] == "consent.asked"]
    assert 0.005 < sum(row["CONSENT"] != "empty" for row in asked) / len(asked) < 0.05


def test_empty_choices_are_nearly_all_of_one_canadian_company(usual: Delivery) -> None:
    empty = [
        row
        for row in usual.all_rows
        if row["TYPE"] == "consent.given" and row["CONSENT"] == "empty"
    ]
    own = [row for row in usual.rows[6] if row["TYPE"] == "consent.given"]
    assert all(row["CONSENT"] == "empty" for row in own)
    assert len(own) / len(empty) > 0.95 and len(empty) > len(own)
    assert Counter(row["COUNTRY"] for row in own).most_common(1)[0][0] == '"CA"'


@pytest.mark.parametrize("name", ["Headless Chrome", "Facebook", "Didomi SDK"])
def test_odd_browsers(usual: Delivery, name: str) -> None:
    assert values(usual, "BROWSER_FAMILY")[name] > 0


def test_odd_devices(usual: Delivery) -> None:
    devices = values(usual, "DEVICE_TYPE")
    assert min(devices["phablet"], devices["television"], devices[""] + devices[None]) > 0


def test_purposes_3_to_6_rest_on_legitimate_interest_somewhere(usual: Delivery) -> None:
    companies = {
        row["APIKEY"]
        for row, payload in usual.payloads("consent.asked")
        if "create_ads_profile" in payload["purposes_li"]
    }
    assert companies == {usual.truth.companies[n - 1].company_id for n in (4, 9)}


def test_some_purposes_are_the_companys_own(usual: Delivery) -> None:
    named = {p for _, payload in usual.payloads("consent.asked") for p in payload["purposes"]}
    assert any(re.fullmatch(r"[a-z]+-\w{8}", name) for name in named)


def test_capped_files_have_exactly_2500_rows_from_one_hour(usual: Delivery) -> None:
    capped = {n for n, rows in usual.rows.items() if len({r["WINDOW_START"] for r in rows}) == 1}
    assert capped == {4, 8}
    assert all(len(usual.rows[n]) == 2500 for n in capped)
    assert all(
        len({r["WINDOW_START"] for r in usual.rows[n]}) >= 6 for n in set(usual.rows) - capped
    )


def test_tokens_agree_with_event_time_except_in_one_company(usual: Delivery) -> None:
    near: dict[str, list[bool]] = {}
    for row, payload in usual.payloads("consent.given"):
        if "updated" in payload:
            event = datetime.strptime(row["EVENT_TIME"].split(".")[0], "%Y-%m-%d %H:%M:%S")
            updated = datetime.fromisoformat(payload["updated"].rstrip("Z"))
            gap = abs((event - updated).total_seconds()) <= 60
            near.setdefault(row["APIKEY"], []).append(gap)
    shares = {key: sum(gaps) / len(gaps) for key, gaps in near.items() if len(gaps) > 50}
    away = usual.truth.companies[8].company_id
    assert shares.pop(away) == 0
    assert all(0.92 < share < 0.99 for share in shares.values())
