"""Deliveries in a bucket: read as from a folder, fetched only if new; faults lose nothing."""

import gzip
import io
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from random import Random

import pyarrow.parquet
import pytest

from database.home import PROJECT_ROOT
from pipelines import erase_person
from pipelines.consent.discovery import shared_blocks
from tests.load.conftest import Loader, Result
from tests.load.deliveries import (
    COMPANY,
    Row,
    csv_bytes,
    event,
    events,
    parquet_bytes,
    parquet_table,
)
from tests.load.s3_server import BUCKET, KEY, SECRET, Faults, Store, running

pytestmark = pytest.mark.slow  # the server takes 5 s to start

CREDENTIALS = "SOURCES__FILESYSTEM__CREDENTIALS__"


@pytest.fixture(scope="module")
def server() -> Iterator[Store]:
    with running() as store:
        yield store


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The server with three files in its bucket."""
    found = server.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    for item in found:
        server.client.delete_object(Bucket=BUCKET, Key=item["Key"])
    server.put("events/a.csv", csv_bytes(events("e1", "e2")))
    server.put("events/dt=2025-09-05/b.parquet", parquet_bytes(events("e3")))
    server.put("companies.csv", csv_bytes([COMPANY]))
    server.proxy.faults = Faults()
    server.proxy.requests.clear()
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "ENDPOINT_URL": f"http://127.0.0.1:{server.proxy.port}",
        "REGION_NAME": "us-east-1",
    }.items():
        monkeypatch.setenv(CREDENTIALS + name, value)
    return server


def load(loader: Loader, url: str, *options: str, code: int = 0) -> Result:
    result = loader.load_from(url, *options, code=code)
    assert SECRET not in result.text and KEY not in result.text
    return result


def test_a_bucket_is_read_as_a_folder_is(loader: Loader, store: Store) -> None:
    store.put("_SUCCESS", b"")
    store.put("_temporary/0/x.csv", b"")
    store.put("note.txt", b"not a delivery")
    text = load(loader, store.url, code=1).text
    assert "Left out: _SUCCESS" in text and "Left out: _temporary:" in text
    assert "Refused: note.txt: neither events nor companies" in text
    assert loader.ids() == ["e1", "e2", "e3"]
    assert loader.column("select dt from events where event_id = 'e3'") == ["2025-09-05"]
    versions = loader.column("select version from load_files where outcome = 'loaded'")
    assert len(versions) == 3 and all(versions)


def test_unchanged_objects_are_not_fetched(loader: Loader, store: Store) -> None:
    load(loader, store.url)
    store.put("events/a.csv", csv_bytes(events("e1", "e4")))
    store.proxy.requests.clear()
    assert "1 files loaded, 2 unchanged since" in load(loader, store.url).text
    assert {line.split("/")[-1] for line in store.proxy.reads} == {"a.csv"}
    store.proxy.requests.clear()
    assert "0 files loaded, 3 unchanged since" in load(loader, store.url).text
    assert store.proxy.reads == []
    assert len([line for line in store.proxy.requests if "list-type" in line]) == 1
    assert loader.ids() == ["e1", "e2", "e3", "e4"]


def test_check_reads_a_bucket(loader: Loader, store: Store) -> None:
    text = load(loader, store.url, "--check").text
    assert "3 files can be loaded (4 rows), 0 refused" in text


def test_each_block_is_fetched_once(
    loader: Loader, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_blocks, "BLOCK_BYTES", 1 << 20)
    content = csv_bytes(events(*(f"n{n}" for n in range(20_000))))
    store.put("events/a.csv", content)
    load(loader, store.url)
    blocks = -(-len(content) // (1 << 20))
    # The beginning is read before, to tell what the file is; it may be read by each of the threads.
    assert len([r for r in store.proxy.reads if r.endswith("a.csv")]) <= blocks + 3
    assert loader.value("select count(*) from events") == 20_001


def in_row_groups(rows: list[Row]) -> bytes:
    packed = io.BytesIO()
    pyarrow.parquet.write_table(parquet_table(rows), packed, row_group_size=300)
    return packed.getvalue()


@pytest.mark.parametrize("form", ["gzip", "UTF-16", "Parquet"])
def test_blocks_are_shared_however_the_file_is_read(
    loader: Loader, store: Store, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(shared_blocks, "BLOCK_BYTES", 1 << 16)
    numbers = Random(0)
    rows = [event(f"n{n}", PARAMETERS=f"[{numbers.getrandbits(900)}]") for n in range(10_000)]
    made = {
        "gzip": gzip.compress(csv_bytes(rows)),
        "UTF-16": csv_bytes(rows).decode().encode("utf-16"),
        "Parquet": in_row_groups(rows),
    }
    store.put("events/a.csv", made[form])
    load(loader, store.url)
    blocks = -(-len(made[form]) // (1 << 16))
    assert blocks > 10
    # The beginning is read before. Parquet is read by columns, so some blocks are fetched again.
    most = blocks * (2 if form == "Parquet" else 1) + 16
    assert len([r for r in store.proxy.reads if r.endswith("a.csv")]) <= most
    assert loader.value("select count(*) from events") == 10_001


def test_connection_that_is_cut_is_tried_again(loader: Loader, store: Store) -> None:
    store.put("events/big.csv", csv_bytes(events(*(f"f{n}" for n in range(2_000)))))
    store.proxy.faults = Faults(lambda r: r.endswith("big.csv"), cut_after=50_000, times=2)
    load(loader, store.url)
    assert loader.value("select count(*) from events") == 2_003


def test_object_that_cannot_be_read_is_refused_for_now(loader: Loader, store: Store) -> None:
    store.put("events/big.csv", csv_bytes(events(*(f"f{n}" for n in range(2_000)))))
    store.proxy.faults = Faults(
        lambda r: r.startswith("GET") and r.endswith("big.csv"), cut_after=50_000
    )
    text = load(loader, store.url, code=1).text
    assert "Refused: events/big.csv: cannot be read (" in text
    assert loader.ids() == ["e1", "e2", "e3"]
    store.proxy.faults = Faults()
    load(loader, store.url)
    assert loader.value("select count(*) from events") == 2_003


def test_object_that_vanishes_after_the_listing(loader: Loader, store: Store) -> None:
    store.proxy.faults = Faults(
        lambda r: r.endswith("a.csv"), before=lambda _: store.delete("events/a.csv")
    )
    text = load(loader, store.url, code=1).text
    assert "Refused: events/a.csv: cannot be read" in text and "no longer there" in text
    assert loader.ids() == ["e3"]
    load(loader, store.url)


def test_object_that_is_replaced_after_the_listing(loader: Loader, store: Store) -> None:
    new = csv_bytes(events("e8", "e9"))
    store.proxy.faults = Faults(
        lambda r: r.startswith("GET") and r.endswith("a.csv"),
        times=1,
        before=lambda _: store.put("events/a.csv", new),
    )
    text = load(loader, store.url, code=1).text
    assert "Refused: events/a.csv: it was written to while being read; run the load again" in text
    assert loader.ids() == ["e3"]
    load(loader, store.url)
    assert loader.ids() == ["e3", "e8", "e9"]


def test_server_that_goes_down_stops_the_run(loader: Loader, store: Store) -> None:
    """Not one refusal for each of many files, and the next run loads what is missing."""
    store.proxy.faults = Faults(lambda r: not r.startswith("GET") or "?" not in r, cut_after=0)
    text = load(loader, store.url, code=2).text
    assert "the store does not answer any more" in text and "Traceback" not in text
    store.proxy.faults = Faults()
    load(loader, store.url)
    assert loader.ids() == ["e1", "e2", "e3"]


@pytest.mark.parametrize("at", [2, 7])
def test_killed_while_it_reads(loader: Loader, store: Store, at: int) -> None:
    """At the first look, and while the rows are read."""
    numbers = Random(1)
    rows = [event(f"k{n}", PARAMETERS=f'["{numbers.getrandbits(4000)}"]') for n in range(10_000)]
    store.put("events/big.csv", csv_bytes(rows))
    requests = iter(range(1, 1_000))
    program = str(PROJECT_ROOT / "pipelines" / "consent_pipeline.py")
    with subprocess.Popen(
        [sys.executable, program, "--input", store.url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:

        def kill(_: str) -> None:
            if next(requests) == at:
                run.kill()

        store.proxy.faults = Faults(lambda r: r.startswith("GET") and "." in r, before=kill)
        assert run.wait() == -signal.SIGKILL
    store.proxy.faults = Faults()
    load(loader, store.url)
    assert loader.value("select count(*) from events") == 10_003
    assert "0 files loaded, 4 unchanged since" in load(loader, store.url).text


def test_slow_server(loader: Loader, store: Store) -> None:
    store.proxy.faults = Faults(lambda _: True, delay=0.2)
    load(loader, store.url)
    assert loader.ids() == ["e1", "e2", "e3"]


@pytest.mark.parametrize("status", ["403 Forbidden"])
def test_wrong_credentials_give_2_in_one_sentence(
    loader: Loader, store: Store, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(store.proxy, "answer", forbidden(status))
    text = load(loader, store.url, code=2).text
    assert "the store refuses these credentials" in text and text.count("\n") == 1


def forbidden(status: str) -> bytes:
    body = (
        "<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code>"
        f"<Message>The key {KEY} with {SECRET} is wrong</Message></Error>"
    )
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def test_empty_place_and_unreachable_server_give_2(
    loader: Loader, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "holds no objects" in load(loader, f"s3://{BUCKET}/none", code=2).text
    assert "holds no objects" in load(loader, "s3://no-such-bucket/in", code=2).text
    monkeypatch.setenv(CREDENTIALS + "ENDPOINT_URL", "http://127.0.0.1:1")
    text = load(loader, store.url, code=2).text
    assert "cannot be listed" in text and text.count("\n") == 1


def test_archive(loader: Loader, store: Store) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/events.csv", csv_bytes(events("z1")))
        archive.writestr("companies.csv", csv_bytes([COMPANY]))
        archive.writestr("x/events.parquet", parquet_bytes(events("z2")))
    path = loader.input.write("delivery.zip", packed.getvalue())
    store.put("delivery.zip", packed.getvalue())
    for url in (f"zip://{path}", f"zip://::{path}", f"zip://::{store.url}/delivery.zip"):
        load(loader, url)
        assert loader.ids() == ["z1", "z2"]
    assert "0 files loaded, 3 unchanged since" in load(loader, f"zip://{path}").text


def test_erasure_names_the_objects_that_hold_the_person(
    loader: Loader, store: Store, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [event("u1", USER_ID="someone-1"), event("u2", USER_ID="another")]
    store.put("events/u.csv.gz", gzip.compress(csv_bytes(rows)))
    store.put("_old/u.csv", csv_bytes(rows))
    store.put("note.txt", b"Someone-1 wrote this")
    store.put("other.txt", b"nobody did")
    load(loader, store.url, code=1)
    arguments = ["--user-id", "someone-1", "--input"]
    assert erase_person.main([*arguments, store.url]) == 0
    said = capfd.readouterr().out
    assert "Erased: 1 events" in said
    assert "Still holds the person: _old/u.csv (1 rows)" in said
    assert "Still holds the person: events/u.csv.gz (1 rows)" in said
    assert "Still holds the person: note.txt (unreadable, but holds the id)" in said
    assert said.count("Still holds") == 3 and loader.ids() == ["e1", "e2", "e3", "u2"]
    monkeypatch.setenv(CREDENTIALS + "ENDPOINT_URL", "http://127.0.0.1:1")
    assert erase_person.main([*arguments, store.url]) == 0
    said = capfd.readouterr().out
    assert "Not all input files were looked at: s3://deliveries/in cannot be listed" in said
