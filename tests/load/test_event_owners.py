"""An EVENT_ID belongs to the company that had it first."""

import json

from pipelines.consent.names import OTHER_COMPANY
from tests.load.conftest import Loader
from tests.load.deliveries import event, events

OWNERS = "select event_id, apikey from events order by 1"
FOREIGN = (
    "select _source_file, _source_row, event_id, apikey, detail from events_quarantine"
    f" where reason = '{OTHER_COMPANY}' order by 1, 2"
)


def test_the_company_that_had_it_first_keeps_it(loader: Loader) -> None:
    """Within a load, between loads, and in one file; said in the report, and rows add up."""
    loader.input.csv("a", events("e1", "e2", APIKEY="A"), day=1)
    loader.input.csv("b", [*events("e1", "e2", APIKEY="B"), event("e3", APIKEY="B")], day=1)
    said = loader.load().text
    assert f"Rejected: events/csv/b.csv: {OTHER_COMPANY}, in 2 rows, the first one 1" in said
    assert loader.sql(OWNERS) == [("e1", "A"), ("e2", "A"), ("e3", "B")]

    loader.input.parquet("c", [event("e3", APIKEY="A"), event("e4", APIKEY="A")], day=0)
    loader.input.csv("d", [event("e5", APIKEY="D"), event("e5", APIKEY="E")])
    loader.load()
    assert loader.sql(OWNERS) == [(f"e{n}", company) for n, company in enumerate("AABAD", 1)]
    assert loader.sql(FOREIGN) == [
        ("events/csv/b.csv", 1, "e1", "B", "it is an event of A"),
        ("events/csv/b.csv", 2, "e2", "B", "it is an event of A"),
        ("events/csv/d.csv", 2, "e5", "E", "it is an event of D"),
        ("events/parquet/c.parquet", 1, "e3", "A", "it is an event of B"),
    ]
    counts = "select rows_read, rows_new, rows_quarantined from load_files order by path"
    assert loader.sql(counts) == [(2, 2, 0), (3, 1, 2), (2, 1, 1), (2, 1, 1)]
    raw = json.loads(loader.sql("select raw_row from events_quarantine")[0][0])
    assert raw["APIKEY"] == "B" and raw["DOMAIN"] == "example.org"


def test_a_file_of_such_rows_only_has_to_be_delivered_again(loader: Loader) -> None:
    loader.input.csv("a", events("e1", APIKEY="A"), day=1)
    loader.load()
    loader.input.csv("b", events("e1", APIKEY="B"), day=2)
    loader.load(code=1)
    assert "every row was rejected" in loader.load(code=1).text
    loader.input.csv("a", events("e1", "e2", APIKEY="A"), day=1)
    loader.load(code=1)
    assert len(loader.sql(FOREIGN)) == 1
    loader.input.csv("b", events("e1", APIKEY="A", CONSENT="opt-out"), day=2)
    loader.load()
    assert loader.sql(FOREIGN) == []
    assert loader.sql("select event_id, consent from events order by 1") == [
        ("e1", "opt-out"),
        ("e2", "full opt-in"),
    ]


def test_its_own_path_may_give_an_event_to_another_company(loader: Loader) -> None:
    """A path that held the wrong company is corrected, as it may correct all other values."""
    loader.input.csv("a", events("e1", "e2", APIKEY="A"))
    loader.load()
    loader.input.csv("a", [event("e1", APIKEY="B"), *(event("e2", APIKEY=k) for k in "BA")])
    loader.load()
    assert loader.sql(OWNERS) == [("e1", "B"), ("e2", "A")]
    assert [row[1] for row in loader.sql(FOREIGN)] == [2]
