"""Consent tokens are kept by token: an incremental build gives a full one, and touches few rows."""

from collections.abc import Callable
from typing import Any

from sandbox.warehouse import UNTESTED, Warehouse
from tests.dbt import raw_tables as raw

TOKENS = "select * from marts.consent_tokens order by company_id, token_created_at"
SUMMARY = "select * from marts.company_tokens order by company_id"


def choice(event_id: str, token: int, day: int, **values: Any) -> dict[str, Any]:
    """A choice with the token of that hour, changed on a day."""
    payload = {
        "created": f"2025-09-01T{token:02}:00:00.123456Z",
        "updated": f"2025-09-{day:02}T10:00:00.123Z",
    }
    time = f"2025-09-{day:02} 10:00:01Z"
    return raw.event(event_id, type="consent.given", event_time=time, parameters=payload, **values)


def build(warehouse: Warehouse, *arguments: str) -> None:
    warehouse.dbt("--quiet", "build", *UNTESTED, *arguments, "--select", "+company_tokens")


def written_by(warehouse: Warehouse) -> dict[tuple[str, int], str]:
    """Company and hour of each token, and the transaction that wrote its row."""
    rows = "select company_id, date_part('hour', token_created_at at time zone 'UTC')::int, xmin::text from marts.consent_tokens"  # noqa: E501
    return {row[:2]: row[2] for row in warehouse.rows(rows)}


def test_tokens_that_gain_and_lose_choices(new_warehouse: Callable[..., Warehouse]) -> None:
    warehouse = new_warehouse()
    raw.create(warehouse.url)
    first = [
        choice("other_token", 1, 5),
        choice("other_token_stays", 1, 7),
        choice("becomes_pageview", 2, 5),
        choice("stays", 3, 5, user_id="u"),
        choice("untouched", 4, 8),
        choice("of_other", 1, 5, apikey="other"),
        raw.event("no_token", event_time="2025-09-09 10:00Z"),
    ]
    raw.load(warehouse.url, "1757000001.5", first)
    build(warehouse)
    before = written_by(warehouse)
    assert set(before) == {("a", 1), ("a", 2), ("a", 3), ("a", 4), ("other", 1)}

    second = [
        choice("other_token", 5, 5),
        raw.event("becomes_pageview", event_time="2025-09-05 10:00Z"),
        choice("again", 3, 5, user_id="v"),
        choice("of_new_company", 3, 5, apikey="new"),
    ]
    raw.load(warehouse.url, "1757000000.5", second)  # a smaller id: clocks differ
    build(warehouse)
    after = written_by(warehouse)
    assert set(after) == {("a", 1), ("a", 3), ("a", 4), ("a", 5), ("other", 1), ("new", 3)}
    assert {token for token in after if after[token] == before.get(token)} == {
        ("a", 4),  # it has no choice on the day that lost one
        ("other", 1),
    }
    again = "select choice_row_count, user_count, resent_row_count from marts.consent_tokens where company_id = 'a' order by token_created_at"  # noqa: E501
    assert warehouse.rows(again) == [(1, 0, 0), (2, 2, 1), (1, 0, 0), (1, 0, 0)]
    incremental = contents(warehouse)
    build(warehouse, "--full-refresh")
    assert contents(warehouse) == incremental

    for emptied in ("marts.consent_tokens", "intermediate.int_token_groups"):
        before = written_by(warehouse)
        warehouse.execute(f"truncate {emptied}")
        build(warehouse)
        assert contents(warehouse) == incremental
        assert not set(before.values()) & set(written_by(warehouse).values())
    before = written_by(warehouse)
    build(warehouse)
    assert written_by(warehouse) == before


def contents(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    return [warehouse.rows(TOKENS), warehouse.rows(SUMMARY)]
