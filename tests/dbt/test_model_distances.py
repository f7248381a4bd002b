"""A metric is at most four models away from the events: few steps to read, none of them hidden."""

from functools import cache

import pytest

from sandbox import dbt_in_process

METRICS = {
    "conversion": "company_consent_conversion",
    "status distribution": "company_consent_status",
    "time": "company_time_to_consent",
    "volume and geographic reach": "company_performance",
    "event types": "company_event_types",
}
GROUP_VERSIONS = {"int_day_loads", "int_pair_days"}
"""They tell an incremental model which groups to build again; no figure comes from them."""


@cache
def parents() -> dict[str, set[str]]:
    """Model -> the models that it reads figures from."""
    models = {
        key: node
        for key, node in dbt_in_process.manifest().nodes.items()
        if key.startswith("model.")
    }
    return {
        node.name: {models[key].name for key in node.depends_on_nodes if key in models}
        - GROUP_VERSIONS
        for node in models.values()
    }


@cache
def distance(model: str) -> int | None:
    """Models on the longest way from fct_events, `model` itself included; None: no way."""
    if model == "fct_events":
        return 0
    found = [distance(parent) for parent in parents()[model]]
    return max((1 + steps for steps in found if steps is not None), default=None)


@pytest.mark.parametrize("mart", METRICS.values(), ids=METRICS)
def test_metrics_are_at_most_four_models_from_the_events(mart: str) -> None:
    steps = distance(mart)
    assert steps is not None and 1 <= steps <= 4


def test_group_versions_hold_no_figures() -> None:
    """Else they would have to be counted."""
    columns = {
        node.name: set(node.columns)
        for node in dbt_in_process.manifest().nodes.values()
        if node.name in GROUP_VERSIONS
    }
    keys = {"company_id", "event_date", "_dlt_load_id", "event_row_count", "group_version"}
    assert columns.keys() == GROUP_VERSIONS
    assert all(names <= keys for names in columns.values())
