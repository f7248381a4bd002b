"""What else `--input` names: servers, memory, and addresses that nothing can open."""

import functools
import http.server
import threading
from pathlib import Path

import fsspec  # type: ignore[import-untyped]
import pytest

from pipelines.consent.input_place import shown
from tests.load import sftp_server
from tests.load.conftest import Loader
from tests.load.deliveries import COMPANY, csv_bytes, events, parquet_bytes

CREDENTIALS = "SOURCES__FILESYSTEM__CREDENTIALS__"


@pytest.mark.slow
def test_sftp(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    loader.input.csv("a b", events("w1"))
    loader.input.write("companies.csv", csv_bytes([COMPANY]))
    loader.input.write("dt=2025-09-05/c.parquet", parquet_bytes(events("w2")))
    long = loader.input.csv("long", events(*(f"x{n}" for n in range(5_000))))
    with sftp_server.running(loader.input.root) as port:
        for name, value in {
            "SFTP_PORT": str(port),
            "SFTP_USERNAME": sftp_server.USER,
            "SFTP_PASSWORD": sftp_server.PASSWORD,
            "SFTP_LOOK_FOR_KEYS": "false",
            "SFTP_ALLOW_AGENT": "false",
        }.items():
            monkeypatch.setenv(CREDENTIALS + name, value)
        url = "sftp://127.0.0.1/"
        loader.load_from(url.replace("sftp", "ssh"), "--check")
        loader.load_from(url.replace("//", f"//{sftp_server.USER}@"))
        assert loader.value("select count(*) from events") == 5_002
        assert "0 files loaded, 4 unchanged since" in loader.load_from(url).text
        long.write_bytes(csv_bytes(events("y1")))
        assert "1 files loaded, 3 unchanged since" in loader.load_from(url).text
        assert "holds no objects" in loader.load_from(f"{url}none", code=2).text
        monkeypatch.setenv(CREDENTIALS + "SFTP_PASSWORD", "a-wrong-word")
        text = loader.load_from(url, code=2).text
        assert "refuses these credentials" in text and text.count("\n") == 1
        assert "a-wrong-word" not in text


class Pages(http.server.SimpleHTTPRequestHandler):
    """Lists folders as a web server does, and gives files as a whole: it knows no ranges."""

    def log_message(self, *_: object) -> None:
        pass


class WebServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """The load hangs up when it has read enough."""


@pytest.mark.slow
def test_web_server(loader: Loader, tmp_path: Path) -> None:
    loader.input.csv("a b", events("w1"))
    loader.input.write("companies.csv", csv_bytes([COMPANY]))
    loader.input.write("events/c.parquet", parquet_bytes(events("w2")))
    loader.input.csv("long", events(*(f"x{n}" for n in range(30_000))))
    handler = functools.partial(Pages, directory=loader.input.root)
    with WebServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        loader.load_from(f"{url}/events/csv/long.csv")
        loader.load_from(url)
        assert loader.value("select count(*) from events") == 30_002
        assert "0 files loaded, 4 unchanged since" in loader.load_from(url).text
        assert "holds no objects" in loader.load_from(f"{url}/none.csv", code=2).text
        server.shutdown()


def test_memory(loader: Loader) -> None:
    """One of the stores that fsspec brings itself."""
    memory = fsspec.filesystem("memory")
    memory.pipe("/delivery/a.csv", csv_bytes(events("m1")))
    loader.load_from("memory://delivery")
    assert loader.ids() == ["m1"]
    assert "0 files loaded, 1 unchanged since" in loader.load_from("memory://delivery").text
    assert "holds no objects" in loader.load_from("memory://none", code=2).text


def test_missing_client_is_a_sentence(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pipelines.consent.input_place.get_filesystem_class", lambda _: __import__("no_such_client")
    )
    for url, extra in (("s3://b/x", "s3"), ("gs://b/x", "gcs"), ("sftp://h/x", "sftp")):
        text = loader.load_from(url, code=2).text
        assert f"pip install -e '.[{extra}]'" in text and text.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://127.0.0.1:1/x.csv", "holds no objects, or does not answer"),
        ("zip:///none.zip", "cannot be opened"),
        (f"zip://{__file__}", "cannot be opened"),
        ("sftp://127.0.0.1:1/x", "sftp_port"),
        ("abfss://c@a.dfs.core.windows.net/x", "pip install -e '.[azure]'"),
    ],
)
def test_place_that_cannot_be_opened_is_a_sentence(loader: Loader, url: str, said: str) -> None:
    text = loader.load_from(url, "--check", code=2).text
    assert said in text and text.count("\n") == 1


def test_unknown_protocol_is_a_sentence(loader: Loader) -> None:
    assert "nosuch:// is not a protocol" in loader.load_from("nosuch://b/x", code=2).text


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://me:secret@host:80/a/b?sig=secret", "https://host:80/a/b"),
        ("sftp://me@host/a", "sftp://host/a"),
        ("zip://x::https://me:secret@host/a.zip?sig=secret", "zip://x::https://host/a.zip"),
        ("s3://bucket/a@b", "s3://bucket/a@b"),
    ],
)
def test_no_secret_is_shown(url: str, name: str) -> None:
    assert shown(url) == name
