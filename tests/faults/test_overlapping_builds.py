"""Two builds at once: the second waits, or finds what the first did; nothing is there twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from database import dbt
from sandbox.warehouse import Warehouse, dbt_command
from tests.dbt import raw_tables as raw

AGGREGATES = ("int_consent_daily", "int_payload_daily")
UNGUARDED = "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()"
"""dbt without our launcher, and so without the lock that the launcher takes."""


@pytest.fixture(scope="module")
def built_small(new_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """One load, built."""
    made = new_warehouse()
    raw.create(made.url)
    raw.load(made.url, "1757000002.5", [raw.event("first")])
    made.build(["+int_consent_daily", "+int_payload_daily"])
    return made


def overlap(warehouse: Warehouse, round_: int, command: list[str], tmp_path: Path) -> list[str]:
    """Brings a load, starts the command twice at once, and returns what each printed."""
    chosen = [
        raw.event(f"{round_}-{number}", type="consent.given", parameters={"vendors": ["1"]})
        for number in range(200)
    ]
    raw.load(warehouse.url, f"{1757000003 + round_}.5", chosen)
    runs = []
    for number in range(2):
        variables = warehouse.environment() | dbt.environment(warehouse.address)
        folder = tmp_path / f"{round_}-{number}"
        variables |= {"DBT_TARGET_PATH": f"{folder}/target", "DBT_LOG_PATH": f"{folder}/logs"}
        runs.append(
            subprocess.Popen(
                [*command, "run", "--select", *AGGREGATES, "fct_events", "int_day_loads"],
                cwd=dbt.PROJECT,
                env=os.environ | variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    return [run.communicate(timeout=300)[0] for run in runs]


def assert_nothing_is_there_twice(warehouse: Warehouse) -> None:
    ((events,),) = warehouse.rows("select count(*) from consent_raw.events")
    stored = "select sum(event_row_count) from intermediate.int_consent_daily"
    assert warehouse.rows(stored) == [(events,)]
    payloads = (
        "select sum(event_row_count) from intermediate.int_payload_daily where item_type = 'event'"
    )
    assert warehouse.rows(payloads) == [(events - 1,)]  # all but the first are choices


@pytest.mark.slow
def test_a_second_dbt_waits_and_says_so(
    new_warehouse: Callable[..., Warehouse], built_small: Warehouse, tmp_path: Path
) -> None:
    warehouse = new_warehouse(built_small)
    said = overlap(warehouse, 1, dbt_command(), tmp_path)
    assert sum("another build works in" in text for text in said) == 1
    assert all("Completed successfully" in text for text in said)
    assert_nothing_is_there_twice(warehouse)


@pytest.mark.slow
def test_builds_that_do_not_know_each_other_double_nothing(
    new_warehouse: Callable[..., Warehouse], built_small: Warehouse, tmp_path: Path
) -> None:
    """Each aggregate locks itself, too: dbt may be called without our launcher."""
    warehouse = new_warehouse(built_small)
    for round_ in range(3):
        overlap(warehouse, round_, [sys.executable, "-c", UNGUARDED], tmp_path)
        warehouse.dbt("run", "--select", *AGGREGATES, "fct_events", "int_day_loads")
        assert_nothing_is_there_twice(warehouse)
