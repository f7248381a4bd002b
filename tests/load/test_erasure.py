"""Erasing a person: what goes, what keeps adding up, and what does not come back."""

import gzip
import json
import subprocess
import sys
import time
from contextlib import closing
from threading import Event, Thread

import pytest

from database import address
from database.session_lock import session_lock
from pipelines import erase_person
from tests.conftest import ROOT
from tests.load.conftest import Loader, Result
from tests.load.deliveries import Row, csv_bytes, event
from tests.load.persons import places_of
from tests.load.soundness import assert_sound

UUID = "8D9A3F52-0A0E-4C2E-9A65-7F6B1A0E4D11"
CREATED = "2025-09-05T01:14:29.602Z"


def of(user: str | None, event_id: str, **values: object) -> Row:
    """An event of a user."""
    row = event(event_id, **values)
    return {"EVENT_ID": event_id, "USER_ID": user} | row


def erase(loader: Loader, *arguments: str) -> Result:
    """Runs the command, on the loader's input folder."""
    loader._capture.readouterr()
    code = erase_person.main([*arguments, "--input", str(loader.input.root)])
    said = loader._capture.readouterr()
    return Result(code, said.out + said.err)


def counts(loader: Loader) -> list[tuple[object, ...]]:
    return loader.sql(
        "select path, rows_read, rows_new + rows_changed, rows_unchanged, rows_duplicate,"
        " rows_quarantined, rows_erased from load_files where is_current order by 1"
    )


def deliver(loader: Loader) -> None:
    """The person's rows among others: loaded, twice in a file, in two, rejected, malformed."""
    rows = [
        of(UUID, "e1"),
        of(UUID, "e1"),
        of(f"  {UUID.lower()} ", "e2", APIKEY="company-2"),
        of("other", "e3"),
        of("other", "e3"),
        of(None, "e4"),
        of(UUID, "e5", COUNT="0"),
        of("other", "e6", COUNT="0"),
    ]
    malformed = f"e7,{UUID},too,few\ne8,other,too,few\n".encode()
    loader.input.write("events/csv/a.csv", csv_bytes(rows) + malformed, day=0)
    loader.input.csv("b", [of(UUID, "e1", COUNT="11"), of("other", "e9")], day=1)
    loader.input.parquet("c", [of(f'"{UUID}"', "e10"), of("other", "e11")], day=2)


def test_a_person_goes_from_every_place_and_files_add_up(loader: Loader) -> None:
    deliver(loader)
    loader.load()
    assert places_of(loader.sql, UUID)
    result = erase(loader, "--user-id", f" {UUID.title()} ")
    assert result.code == 0, result.text
    assert places_of(loader.sql, UUID) == []
    assert UUID.lower() not in result.text.lower()
    assert loader.ids() == ["e11", "e3", "e4", "e9"]
    assert [row[1] for row in loader.quarantine()] == [8, 10]
    wanted = [
        ("events/csv/a.csv", 10, 2, 0, 1, 2, 5),
        ("events/csv/b.csv", 2, 1, 0, 0, 0, 1),
        ("events/parquet/c.parquet", 2, 1, 0, 0, 0, 1),
    ]
    assert counts(loader) == wanted
    assert_sound(loader)
    assert loader.sql("select event_rows, quarantine_rows from consent_erasure.log") == [(3, 2)]
    assert loader.value("select erased_by = current_user from consent_erasure.log")

    # nothing brings the person back, and the counts of a new load are those of the corrected one
    for arguments in [], ["--full-refresh"]:
        loader.input.csv("d", [of(UUID.lower(), "e20"), of("other", "e21")], day=3)
        loader.load(*arguments)
        assert places_of(loader.sql, UUID) == []
        assert_sound(loader)
    assert [row for row in counts(loader) if "d.csv" not in str(row[0])] == wanted


def test_the_files_that_hold_the_person_are_named(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(loader)
    loader.input.write("events/csv/broken.csv", f'EVENT_ID,"USER"ID\n1,{UUID}\n'.encode())
    loader.input.csv(f"of-{UUID.lower()}", [of("other", "e30")])
    left_out = gzip.compress(csv_bytes([of(UUID, "e31"), of("other", "e32")]))
    loader.input.write("events/_temporary/0/part.gz", left_out)
    assert loader.run().code == 1
    said = erase(loader, "--user-id", UUID).text
    for sentence in (
        "a.csv (5 rows)",
        "b.csv (1 rows)",
        "c.parquet (1 rows)",
        "events/_temporary/0/part.gz (1 rows)",
        "broken.csv (unreadable, but holds the id)",
        "the id is in its name",
        "The input files are yours",
    ):
        assert sentence in said
    log = loader.input.root / "logs" / "dbt.log"
    log.parent.mkdir()
    log.write_text(f"| 1 | {UUID.lower()} |")
    monkeypatch.setenv("DBT_LOG_PATH", str(log.parent))
    assert f"A file of dbt holds the id, delete it: {log}" in erase(loader, "--user-id", UUID).text
    missing = erase_person.main(["--user-id", UUID, "--input", str(loader.input.root / "none")])
    assert missing == 0
    assert "Not all input files were looked at" in loader._capture.readouterr().out


def test_nobody_is_found_and_nothing_changes(loader: Loader) -> None:
    loader.input.csv("a", [of(UUID, "e1")])
    loader.load()
    result = erase(loader, "--user-id", UUID[:-1])
    assert result.code == 1
    assert "Nobody was found" in result.text
    assert loader.value("select count(*) from consent_erasure.persons") == 0
    assert erase(loader, "--user-id", UUID).code == 0
    again = erase(loader, "--user-id", UUID)
    assert (again.code, "erased before" in again.text) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--user-id", " "], "the user id is blank"),
        (["--token", "yesterday"], "a token is named by its time"),
        (["--user-id", "x", "--company", ""], "the company is blank"),
        (["--user-id", "x"], "nothing is loaded"),
    ],
)
def test_what_cannot_be_done_is_said(loader: Loader, arguments: list[str], sentence: str) -> None:
    result = erase(loader, *arguments)
    assert result.code == 2
    assert sentence in result.text


def test_an_id_of_several_companies(loader: Loader) -> None:
    rows = [of("u", "e1"), of("u", "e2", APIKEY="company-2"), of("U", "e3"), of("uu", "e4")]
    loader.input.csv("a", rows)
    loader.load()
    assert erase(loader, "--user-id", "u", "--company", "company-3").code == 1
    erase(loader, "--user-id", "u", "--company", " company-1 ")
    assert loader.ids() == ["e2", "e3", "e4"]
    loader.load("--full-refresh")
    assert loader.ids() == ["e2", "e3", "e4"]
    assert "(company-2: 1)" in erase(loader, "--user-id", "u").text
    loader.load("--full-refresh")
    assert loader.ids() == ["e3", "e4"]  # an id that is not a UUID keeps its case


def token(created: str) -> str:
    return json.dumps({"action": "click", "created": created}, indent=1)


def test_a_token_is_a_person_of_its_company(loader: Loader) -> None:
    rows = [
        event("e1", PARAMETERS=token(CREATED)),
        event("e2", PARAMETERS=token("2025-09-05 03:14:29.602000+02:00")),
        event("e3", PARAMETERS=token("2025-09-05T01:14:29.603Z")),
        event("e4", PARAMETERS=token(CREATED), APIKEY="company-2"),
        event("e5", PARAMETERS=token(CREATED), COUNT="0"),
        event("e6", PARAMETERS=token(CREATED) + "}"),
    ]
    loader.input.csv("a", rows)
    loader.load()
    refused = erase(loader, "--token", CREATED)
    assert refused.code == 2
    assert "2 companies have one of this moment: company-1, company-2" in refused.text
    assert len(loader.ids()) == 4

    for arguments in [], ["--full-refresh"]:
        result = erase(loader, "--token", "2025-09-05 01:14:29.602", "--company", "company-1")
        assert result.code == 0
        loader.load(*arguments)
        assert loader.ids() == ["e3", "e4"]
        assert loader.quarantine() == []
        assert counts(loader) == [("events/csv/a.csv", 6, 2, 0, 0, 0, 4)]


def test_a_payload_that_names_the_user_id_goes_too(loader: Loader) -> None:
    rows = [
        of("other", "e1", PARAMETERS=json.dumps({"referrer": {"user": UUID.lower()}})),
        of("other", "e2", PARAMETERS=json.dumps({"link": f"/profile/{UUID}?from=mail"})),
        of("other", "e3", PARAMETERS=json.dumps({"longer": f"a{UUID}"})),
        of("other", "e4", PARAMETERS=json.dumps({"user": UUID}), COUNT="0"),
        of("other", "e5", PARAMETERS=json.dumps({"user": UUID}), APIKEY="company-2"),
        of("other", "e6"),
    ]
    loader.input.csv("a", rows)
    loader.load()
    for arguments in [], ["--full-refresh"]:
        assert erase(loader, "--user-id", UUID, "--company", "company-1").code == 0
        loader.load(*arguments)
        assert loader.ids() == ["e3", "e5", "e6"]
        assert loader.quarantine() == []
        assert counts(loader) == [("events/csv/a.csv", 6, 3, 0, 0, 0, 3)]


def test_the_ledger_forgets_an_id_that_a_reason_quotes(loader: Loader) -> None:
    loader.input.csv("a", [of("someone", "e1")])
    header = csv_bytes([event("e2")]).replace(b"APIKEY,", b"APIKEY,someone,someone,")
    loader.input.write("events/csv/b.csv", header)
    assert "named twice or reserved: someone" in loader.run().text
    erase(loader, "--user-id", "someone")
    assert places_of(loader.sql, "someone") == []
    assert loader.value("select reason from load_files where reason <> ''").endswith(": (erased)")


def test_rows_of_models_go_wherever_they_are(loader: Loader) -> None:
    """Also what is not in the raw table any more, such as before the build after a full refresh."""
    loader.input.csv("a", [of("u", "e1"), of("v", "e2")])
    loader.load()
    for schema, prefix in (("marts", ""), ("dev_marts", "dev_")):
        loader.sql(f"create schema {schema}")
        loader.sql(f"create schema {prefix}intermediate")
        loader.sql(
            f"create table {schema}.fct_events (event_id, user_id, company_id, token_created_at)"
            " as values ('e1', 'u', 'company-1', timestamptz '2025-09-05 01:00Z'),"
            " ('old', ' u', 'company-1', '2025-09-05 02:00Z'),"
            " ('other', 'u', 'company-2', '2025-09-05 01:00Z'),"
            " ('e2', 'v', 'company-1', '2025-09-05 03:00Z')"
        )
        loader.sql(
            f"create table {prefix}intermediate.int_pairs (event_id, next_event_id)"
            " as values ('e2', 'e1'), ('e1', 'e2'), ('e2', 'e2')"
        )
        loader.sql(
            f"create table {schema}.consent_tokens as select distinct company_id, token_created_at"
            f" from {schema}.fct_events"
        )
    loader.sql("create schema x_dbt_test__audit")
    loader.sql("create table x_dbt_test__audit.failures as select 'u' as user_id")
    loader.sql("create table public.of_somebody_else as select 'e1' as event_id, 'u' as user_id")

    assert "12 rows of models" in erase(loader, "--user-id", "u", "--company", "company-1").text
    for prefix in ("", "dev_"):
        assert loader.column(f"select event_id from {prefix}marts.fct_events") == ["other", "e2"]
        assert loader.sql(f"select * from {prefix}intermediate.int_pairs") == [("e2", "e2")]
        tokens = f"select date_part('hour', token_created_at at time zone 'UTC') from {prefix}marts.consent_tokens"  # noqa: E501
        assert sorted(loader.column(tokens)) == [1, 3]  # of company-2, and of v
    assert loader.value("select count(*) from x_dbt_test__audit.failures") == 0
    assert loader.value("select count(*) from public.of_somebody_else") == 1


@pytest.mark.parametrize("name", ["consent load of consent_raw", "consent build"])
def test_an_erasure_waits_for_loads_and_builds(
    loader: Loader, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    loader.input.csv("a", [of("u", "e1")])
    loader.load()
    loader.sql("create schema marts")
    loader.sql("create table marts.fct_events as select 'e1' as event_id")
    is_waiting = Event()

    def hold() -> None:
        with session_lock(loader.address, name, ""):
            is_held.set()
            while "waiting for it to end" not in caplog.text and not is_over.wait(0.05):
                pass
            is_waiting.set()

    is_held, is_over = Event(), Event()
    holder = Thread(target=hold)
    holder.start()
    is_held.wait(20)
    assert erase(loader, "--user-id", "u").code == 0
    assert is_waiting.is_set()
    is_over.set()
    holder.join()


def test_an_erasure_is_all_or_nothing(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(loader)
    loader.load()
    before = loader.sql("select * from events order by event_id"), counts(loader)

    def stop(*_: object, **__: object) -> None:
        raise OSError("stopped")

    monkeypatch.setattr("pipelines.consent.persons.register.note", stop)
    assert erase(loader, "--user-id", UUID).code == 2
    assert (loader.sql("select * from events order by event_id"), counts(loader)) == before


@pytest.mark.slow
def test_an_erasure_that_is_killed_halfway_has_removed_nothing(loader: Loader) -> None:
    deliver(loader)
    loader.load()
    before = loader.sql("select * from events order by event_id"), counts(loader)
    command = [sys.executable, "-m", "pipelines.erase_person", "--user-id", UUID]
    own = "select count(*) from pg_stat_activity where datname = current_database() and"
    waits = f"{own} wait_event_type = 'Lock' and query like 'update%rows_erased%'"
    works = f"{own} state <> 'idle' and pid <> pg_backend_pid()"
    with closing(address.connect(loader.address)) as other, other.cursor() as cursor:
        # The ledger is updated last: by then the events are deleted.
        cursor.execute("lock table consent_raw.load_files in share mode")
        process = subprocess.Popen([*command, "--input", str(loader.input.root)], cwd=ROOT)
        deadline = time.monotonic() + 60
        while not loader.value(waits):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.wait()
    while loader.value(works):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (loader.sql("select * from events order by event_id"), counts(loader)) == before
    assert loader.value("select count(*) from consent_erasure.persons") == 0

    assert erase(loader, "--user-id", UUID).code == 0
    assert places_of(loader.sql, UUID) == []
    loader.load()
    assert_sound(loader)


def test_a_user_without_the_right_is_told_the_statement(loader: Loader) -> None:
    loader.input.csv("a", [of("u", "e1")])
    loader.load()
    user = loader.address.user
    loader.sql(f"revoke create on database {loader.address.database} from {user}")
    result = erase(loader, "--user-id", "u")
    assert result.code == 2
    assert f'CREATE SCHEMA IF NOT EXISTS consent_erasure AUTHORIZATION "{user}"' in result.text
    assert loader.ids() == ["e1"]
