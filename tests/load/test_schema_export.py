"""The exported schema: the committed file is what loading input/ gives."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.load.conftest import Loader
from tests.load.deliveries import Folder, events

COMMITTED = ROOT / "pipelines" / "schemas" / "consent.schema.yaml"


def exported(tmp_path: Path) -> str:
    return (tmp_path / "home" / "schemas" / "consent.schema.yaml").read_text()


def test_committed_schema_is_that_of_the_input(loader: Loader, tmp_path: Path) -> None:
    if not (ROOT / "input" / "events" / "csv").is_dir():
        pytest.skip("no input/ here: make input")
    loader.input = Folder(ROOT / "input")
    loader.load()
    assert exported(tmp_path) == COMMITTED.read_text()


def test_export_is_the_same_in_whatever_order_files_arrive(loader: Loader, tmp_path: Path) -> None:
    loader.input.parquet("a", events("e1"))
    loader.load()
    loader.input.csv("b", events("e2", USER_ID="u"))
    loader.load()
    later = exported(tmp_path)
    loader.load("--full-refresh")
    assert exported(tmp_path) == later


def test_key_contract_and_added_columns_are_in_it(loader: Loader, tmp_path: Path) -> None:
    loader.input.csv("a", events("e1", USER_ID="u"))
    loader.load()
    tables = yaml.safe_load(exported(tmp_path))["tables"]
    assert tables["events"]["columns"]["event_id"]["primary_key"]
    assert tables["events"]["schema_contract"]["data_type"] == "freeze"
    assert tables["events"]["columns"]["user_id"]["data_type"] == "text"
    assert set(tables) >= {"events", "companies", "events_quarantine"}
