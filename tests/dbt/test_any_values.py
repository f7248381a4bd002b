"""Any value of any column, and payloads of any shape, go through all models.

Many generated rows share one build, since a build takes seconds. The raw tables are written as the
loader leaves them: values that it sends to the quarantine cannot occur. Beside the tests of `dbt`,
each build is held to sums that are computed here, from the generated rows.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from math import fsum
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipelines.consent.checking.values import MAX_COUNT, MAX_KEY_BYTES
from sandbox.warehouse import Warehouse
from tests.dbt import raw_tables as raw

ALPHABET = st.characters(codec="utf-8", exclude_characters="\0")
OF_DATA = ("--exclude-resource-type", "unit_test")
MOST_TEXTS_IN_A_KEY = 10
"""What the bound of a text is made for: see the macro `bounded_text`."""


def incompressible(length: int, seed: int) -> str:
    """Characters of three bytes, without any pattern."""
    drawn = random.Random(seed)  # noqa: S311
    return "".join(chr(drawn.randrange(0x4E00, 0x9FFF)) for _ in range(length))


LONG = st.builds(incompressible, st.sampled_from([66, 67, 9_000]), st.integers(0, 3))
TEXT = st.one_of(
    st.none(),
    st.text(ALPHABET, max_size=12),
    st.sampled_from(["", " ", '"', '"ES"', "FR", "partial", "full opt-in", "İ", "ŉ" * 67, "'; --"]),
    LONG,
)
KEY = st.one_of(
    st.sampled_from(["a", "b", " a ", "É" * (MAX_KEY_BYTES // 2)]),
    st.builds(incompressible, st.just(MAX_KEY_BYTES // 3), st.integers(0, 3)),
)
EVENT_TYPE = st.one_of(st.sampled_from(["consent.asked", "consent.given", "pageview", "X "]), KEY)
MOMENT = st.one_of(
    st.datetimes(timezones=st.just(UTC), allow_imaginary=False),
    st.datetimes(datetime(2025, 9, 4), datetime(2025, 9, 6), timezones=st.just(UTC)),
)
TOKEN_TIME = st.one_of(
    st.sampled_from(
        ["infinity", "-infinity", "now", "epoch", "today", "2025-02-30T00:00:00Z"]
        + ["2025-09-05T25:00:00Z", "0000-01-01T00:00:00Z", "294277-01-01T00:00:00Z"]
        + ["9999-12-31T23:59:59-01:00", "2025-09-05T01:00:00.5+02:00", "2025-09-05"]
    ),
    st.datetimes().map(lambda time: time.isoformat()),
)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(-1e300, 1e300), TEXT, TOKEN_TIME
)
ANY_JSON = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(ALPHABET, max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
ITEMS = st.lists(
    st.sampled_from(["cookies", "1", 1, 1.0, "google", "1" * 30]) | ANY_JSON, max_size=4
)
LISTS = st.one_of(
    ITEMS, ANY_JSON, st.fixed_dictionaries({}, optional={"enabled": ITEMS, "disabled": ITEMS})
)
PAYLOAD = st.one_of(
    st.none(),
    ANY_JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "action": st.sampled_from(["click", "external", "webview"]) | ANY_JSON,
            "position": ANY_JSON,
            "created": TOKEN_TIME | ANY_JSON,
            "updated": TOKEN_TIME | ANY_JSON,
            **dict.fromkeys(("purposes", "purposes_li", "vendors", "vendors_li"), LISTS),
        },
    ),
)
EVENT = st.fixed_dictionaries(
    {
        "type": EVENT_TYPE,
        "rate": st.none() | st.sampled_from([1.0, 0.5, 1e-6, 0.1000000015]) | st.floats(1e-6, 1),
        "count": st.none() | st.sampled_from([1, 10, MAX_COUNT]),
        "parameters": PAYLOAD.map(lambda value: None if value is None else json.dumps(value)),
        "event_time": MOMENT,
        "window_start": st.none() | MOMENT,
        "apikey": KEY,
        "_source_file": st.sampled_from(["f.csv", "g.csv"]) | LONG,
        **dict.fromkeys(
            ("consent", "experiment", "sdk_type", "domain", "deployment_id", "country", "region")
            + ("browser_family", "device_type", "user_id"),
            TEXT,
        ),
    }
)


def drawn_events(count: int, number: int) -> list[dict[str, Any]]:
    """Generated raw events, those of `number`: each example of hypothesis is one event."""
    events: list[dict[str, Any]] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(EVENT)
    def collect(event: dict[str, Any]) -> None:
        events.append(raw.event(f"e{len(events)}", **event))

    collect()
    return events


def assert_models_hold(warehouse: Warehouse, events: list[dict[str, Any]]) -> None:
    """The build ends, its tests pass, the sums are those of the events, and every key would fit."""
    warehouse.dbt("build", *OF_DATA)
    expected = [(e["count"] or 1) / round(e["rate"] or 1, 6) for e in events]
    for total in (
        "select count(*), sum(extrapolated_count) from marts.fct_events",
        "select sum(event_row_count), sum(count_over_rate_sum) from intermediate.int_consent_daily",
        "select sum(event_row_count), sum(event_count) from marts.company_event_types",
        "select sum(event_row_count), sum(event_count) from marts.company_performance",
    ):
        ((rows, weight),) = warehouse.rows(total)
        assert rows == len(events) and weight == pytest.approx(fsum(expected)), total
    ((first, last),) = warehouse.rows(
        "select min(least(token_created_at, token_updated_at)),"
        " max(greatest(token_created_at, token_updated_at)) from marts.fct_events"
    )
    # some draws name no moment at all
    assert first is None or (first.year >= 1000 and last.year < 3000)
    for schema, table, texts in warehouse.rows(
        "select table_schema, table_name, string_agg(column_name, ', ')"
        " from information_schema.columns"
        " where table_schema in ('intermediate', 'marts') and data_type = 'text'"
        " and (table_schema, table_name) in (select schemaname, tablename from pg_tables)"
        " and column_name not in ('event_id', 'next_event_id') group by 1, 2"
    ):
        if len(texts.split(", ")) <= MOST_TEXTS_IN_A_KEY:
            warehouse.execute(f"create index a_key on {schema}.{table} ({texts})")
            warehouse.execute(f"drop index {schema}.a_key")


@pytest.mark.slow
@pytest.mark.parametrize(
    "number", [0, *(pytest.param(n, marks=pytest.mark.campaign) for n in range(1, 13))]
)
def test_any_values_go_through_all_models(
    new_warehouse: Callable[..., Warehouse], number: int
) -> None:
    """A second load changes half of the rows, and brings some."""
    warehouse = new_warehouse()
    raw.create(warehouse.url)
    before = {event["event_id"]: event for event in drawn_events(600, 2 * number)}
    raw.load(warehouse.url, "1757000001.5", before.values())
    assert_models_hold(warehouse, list(before.values()))
    changes = {f"e{300 + i}": e for i, e in enumerate(drawn_events(600, 2 * number + 1))}
    changes = {event_id: event | {"event_id": event_id} for event_id, event in changes.items()}
    raw.load(warehouse.url, "1757000002.5", changes.values())
    assert_models_hold(warehouse, list((before | changes).values()))
