"""After an erasure and a build, the marts are those of a delivery without the person."""

import contextlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import dlt
import pytest

from pipelines import erase_person
from sandbox.warehouse import Warehouse
from tests.dbt.compare_marts import Renames, compare, read_marts
from tests.load.deliveries import Folder, Row, event
from tests.load.persons import places_of

pytestmark = pytest.mark.slow

PERSON = "8d9a3f52-0a0e-4c2e-9a65-7f6b1a0e4d11"
OTHERS = ("u1", "u2", "u3")
OF_LOADS = {"headline_history", "metric_changes", "delivery_coverage"}
LOAD_COLUMNS = Renames(excluded={"_dlt_load_id": "the deliveries were loaded apart"})


def rows_of(user: str, company: str) -> list[Row]:
    """A notice, a choice that is delivered twice, a page view and a row that is rejected.

    All users of a company have one token.
    """
    day = 5 + len(company) % 2
    token = json.dumps({"created": "2025-09-05T01:00:00Z", "updated": "2025-09-05T01:00:02Z"})
    given = event(f"{user[:2]} {company} given", EVENT_TIME=f"2025-09-0{day} 01:14:31.602")
    found = [
        event(f"{user[:2]} {company} asked", TYPE="consent.asked", CONSENT="empty"),
        given | {"PARAMETERS": token},
        given | {"PARAMETERS": token},
        event(f"{user[:2]} {company} view", TYPE="pageview", PARAMETERS=None),
        event(f"{user[:2]} {company} bad", COUNT="none"),
    ]
    return [
        {"EVENT_ID": row["EVENT_ID"], "USER_ID": user} | row | {"APIKEY": company} for row in found
    ]


def deliver(folder: Path, users: tuple[str, ...]) -> Path:
    """Two files of two companies, with events of each user, some of them in both."""
    made = Folder(folder)
    one = [row for user in users for row in rows_of(user, "company-1")]
    two = [row for user in users for row in rows_of(user, "company-22")]
    two += [rows_of(user, "company-1")[0] for user in users]
    made.csv("a", one, day=0)
    made.parquet("b", [row for row in two if row["COUNT"] != "none"], day=1)
    return folder


def erase(warehouse: Warehouse, folder: Path) -> str:
    said = io.StringIO()
    with mock.patch.dict(os.environ, warehouse.environment()), contextlib.redirect_stdout(said):
        dlt.current.run_context().reload()
        assert erase_person.main(["--user-id", PERSON, "--input", str(folder)]) == 0
    dlt.current.run_context().reload()
    return said.getvalue()


def test_the_marts_are_those_of_a_delivery_without_the_person(
    new_warehouse: Callable[..., Warehouse], tmp_path: Path
) -> None:
    delivery = deliver(tmp_path / "with", (PERSON, *OTHERS))
    warehouse = new_warehouse().built_from(delivery)
    expected = new_warehouse().built_from(deliver(tmp_path / "without", OTHERS))
    assert places_of(warehouse.rows, PERSON)

    assert "a.csv (5 rows)" in erase(warehouse, delivery)
    assert places_of(warehouse.rows, PERSON, PERSON[:2] + " company") == []
    warehouse.dbt("--quiet", "build", "--exclude-resource-type", "unit_test")
    assert differences(expected, warehouse) == {}

    warehouse.built_from(delivery)
    assert differences(expected, warehouse) == {}


def differences(expected: Warehouse, found: Warehouse) -> dict[str, list[str]]:
    """Of the marts, but for rows of loads, coverage and history."""
    compared = compare(read_marts(expected.url), read_marts(found.url), LOAD_COLUMNS)
    return {mart: what for mart, what in compared.items() if what and mart not in OF_LOADS}
