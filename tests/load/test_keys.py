"""Keys are cleaned before the merge, so that one company or event is there once."""

from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.consent.checking.keys import cleaned
from tests.load.checking import through_csv, through_parquet
from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, event

UUID = "0a000000-0000-4000-8000-00000000000a"
SPELLINGS = [
    UUID,
    UUID.upper(),
    f" {UUID}\t",
    f"{{{UUID}}}",
    UUID.replace("-", ""),
    f"\u00a0{UUID}",
]


@pytest.mark.parametrize("key", SPELLINGS)
def test_key_of_a_company_that_is_a_uuid_has_one_spelling(tmp_path: Path, key: str) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(APIKEY=key)])
        assert row["apikey"] == UUID


@pytest.mark.parametrize("key", ["Acme", "ACME-1", UUID.upper() + "0", UUID[:-1] + "G", "{x}"])
def test_other_keys_keep_their_spelling(key: str) -> None:
    for name in ("APIKEY", "PUBLIC_API_KEY", "EVENT_ID", "USER_ID"):
        assert cleaned(name, pa.array([f" {key} ", None])).to_pylist() == [key, None]


def test_keys_of_events_and_users_become_lower_case(tmp_path: Path) -> None:
    for read in (through_csv, through_parquet):
        ((row,), _) = read(tmp_path, [event(UUID.upper(), USER_ID=UUID.upper().replace("-", ""))])
        assert (row["event_id"], row["user_id"]) == (UUID, UUID.replace("-", ""))


def test_two_spellings_are_one_company_and_one_event(loader: Loader) -> None:
    loader.input.companies(
        [
            COMPANY | {"PUBLIC_API_KEY": UUID, "HQ_COUNTRY": "France"},
            COMPANY | {"PUBLIC_API_KEY": UUID.upper() + " ", "HQ_COUNTRY": "Germany"},
        ]
    )
    rows = [event(f"e{n}", APIKEY=key) for n, key in enumerate(SPELLINGS)]
    loader.input.csv("a", [*rows, event(" e1 ", APIKEY=UUID), event("E1", APIKEY=UUID)])
    loader.load()
    assert loader.sql("select public_api_key, hq_country from companies") == [(UUID, "Germany")]
    assert loader.column("select distinct apikey from events") == [UUID]
    assert loader.ids() == ["E1", *(f"e{n}" for n in range(len(SPELLINGS)))]
