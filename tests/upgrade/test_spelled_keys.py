"""Keys of rows that an earlier version loaded are spelled as today's load spells them."""

from tests.load.conftest import Loader, loader  # noqa: F401
from tests.load.deliveries import COMPANY, event
from tests.load.soundness import assert_sound

COMPANY_ID = "0a000000-0000-4000-8000-00000000000a"
EVENT_ID = "e0000000-0000-4000-8000-00000000000a"


def test_keys_are_spelled_and_the_newest_of_two_stays(loader: Loader) -> None:  # noqa: F811
    loader.input.companies([COMPANY | {"PUBLIC_API_KEY": COMPANY_ID, "HQ_COUNTRY": "France"}])
    loader.input.csv("a", [event(EVENT_ID, APIKEY=COMPANY_ID, USER_ID="u"), event("E2")], day=1)
    loader.input.csv("b", [event("Other", APIKEY=COMPANY_ID, USER_ID="U")], day=2)
    loader.load()
    # As an earlier version left them.
    loader.sql("comment on table load_files is 'layout 5'")
    loader.sql("update events set apikey = upper(apikey) || ' ' where event_id = 'Other'")
    loader.sql(f"update events set user_id = upper('{EVENT_ID}') where event_id = 'Other'")
    loader.sql("create temporary table twin as select * from events where event_id = %s", EVENT_ID)
    newer = "_source_mtime = _source_mtime + interval '1 hour', consent = 'newer'"
    loader.sql(f"update twin set event_id = ' ' || upper(event_id), {newer}")
    loader.sql("insert into events select * from twin")
    loader.sql("create temporary table c as select * from companies")
    loader.sql("update c set public_api_key = upper(public_api_key), hq_country = 'Old'")
    loader.sql("update c set _source_mtime = _source_mtime - interval '1 hour'")
    loader.sql("insert into companies select * from c")
    loader.sql("update company_lists set public_api_key = upper(public_api_key)")
    loader.sql("truncate event_changes")

    loader.load()
    found = loader.sql("select event_id, apikey, user_id, consent from events order by 1")
    assert found == [
        ("E2", "company-1", None, "full opt-in"),
        ("Other", COMPANY_ID, EVENT_ID, "full opt-in"),
        (EVENT_ID, COMPANY_ID, "u", "newer"),
    ]
    assert loader.sql("select public_api_key, hq_country from companies") == [
        (COMPANY_ID, "France")
    ]
    assert loader.column("select public_api_key from company_lists") == [COMPANY_ID]
    assert loader.value("select count(distinct _dlt_load_id) from events") == 2
    assert_sound(loader)
    assert "0 files loaded" in loader.load().text
    assert loader.sql("select event_id, apikey, user_id, consent from events order by 1") == found
