"""Nothing of a delivery stays under CONSENT_HOME, and nobody else can read what does."""

import os
import stat
from pathlib import Path

from database.home import consent_home, keep_private
from tests.load.conftest import Loader
from tests.load.deliveries import event

PAYLOAD = "payload-that-nobody-keeps"
USER = "8d9a3f52-0a0e-4c2e-9a65-7f6b1a0e4d11"


def deliver(loader: Loader, name: str, *ids: str) -> None:
    """Adds a file of events with the payload and the user id that are searched for."""
    rows = [event(i, PARAMETERS=f'{{"action": "{PAYLOAD}"}}', USER_ID=USER) for i in ids]
    loader.input.csv(name, rows)
    loader.input.parquet(f"{name}-2", [row | {"EVENT_ID": row["EVENT_ID"] + "p"} for row in rows])


def files(home: Path) -> list[Path]:
    """All files below a home but those of the server's cluster."""
    cluster = home / "postgres"
    return [p for p in home.rglob("*") if p.is_file() and cluster not in p.parents]


def holders(home: Path) -> list[str]:
    """The files that hold the payload or the user id."""
    return [
        str(path.relative_to(home))
        for path in files(home)
        if any(text.encode() in path.read_bytes() for text in (PAYLOAD, USER))
    ]


def open_to_others(home: Path) -> list[str]:
    """Files and folders of a home, itself included, that the group or others may use."""
    return [
        f"{path.relative_to(home)} {stat.filemode(path.stat().st_mode)}"
        for path in (home, *home.rglob("*"))
        if path.stat().st_mode & 0o077
    ]


def test_no_row_stays_after_a_load(loader: Loader) -> None:
    for name, ids in (("a", "12"), ("b", "34")):
        deliver(loader, name, *ids)
        loader.load()
        assert holders(consent_home()) == []
    assert files(consent_home())  # the search looked at something
    assert loader.value("select count(*) from events") == 8


def test_no_other_user_reads_what_a_load_writes(loader: Loader) -> None:
    deliver(loader, "a", "1")
    before = os.umask(0o022)
    try:
        loader.load()
    finally:
        assert os.umask(before) == 0o022
    assert open_to_others(consent_home()) == []


def test_what_an_earlier_version_kept_is_removed_and_the_rest_closed(loader: Loader) -> None:
    deliver(loader, "a", "1")
    loader.load()
    home = consent_home()
    package = home / "dlt/pipelines/consent_pipeline/load/loaded/1764000000.123/completed_jobs"
    package.mkdir(parents=True)
    (package / "events.1.0.parquet").write_text(PAYLOAD)
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert holders(home)
    loader.load()  # with nothing new
    assert holders(home) == []
    assert open_to_others(home) == []


def test_no_row_stays_where_a_load_stops(loader: Loader) -> None:
    deliver(loader, "a", "1")
    loader.load()
    # The message of the server then quotes the row, as any message of a constraint does.
    loader.sql("alter table events add constraint no check (event_id not like '2%')")
    deliver(loader, "b", "2")
    result = loader.run()
    assert result.code == 1, result.text
    assert holders(consent_home()) == []


def test_a_home_that_holds_other_things_keeps_them_as_they_are(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("mine")
    note.chmod(0o644)
    tmp_path.chmod(0o755)
    keep_private(tmp_path)
    assert stat.S_IMODE(note.stat().st_mode) == 0o644
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
