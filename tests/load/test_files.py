"""Which files of an input folder are read; nothing outside it ever is."""

import os
from pathlib import Path

import pytest

from pipelines.consent.discovery.input_folder import find, ignored
from pipelines.consent.errors import LoadError
from tests.load.deliveries import Folder, events


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "input")


def refusals(folder: Folder) -> dict[str, str | None]:
    return {file.path: file.refusal for file in find(folder.root)}


def test_files_of_the_layout_are_found_in_order(folder: Folder) -> None:
    for path in ("events/parquet/b.parquet", "events/csv/a.CSV", "country_and_industry/c d.csv"):
        folder.write(path, b"x")
    found = find(folder.root)
    assert [(f.path, f.table, f.format) for f in found] == [
        ("country_and_industry/c d.csv", "companies", "csv"),
        ("events/csv/a.CSV", "events", "csv"),
        ("events/parquet/b.parquet", "events", "parquet"),
    ]


def test_folders_below_are_read_whatever_their_name(folder: Folder) -> None:
    folder.write("events/csv/2025/09/a.csv", b"x")
    folder.write("events/csv/v1.2/b.csv", b"x")
    assert list(refusals(folder)) == ["events/csv/2025/09/a.csv", "events/csv/v1.2/b.csv"]


def test_other_names_are_reported_and_hidden_ones_are_not(folder: Folder) -> None:
    for name in ("a.csv.gz", "notes.txt", ".DS_Store", "b.parquet"):
        folder.write(f"events/csv/{name}", b"x")
    assert find(folder.root) == []
    assert ignored(folder.root) == [
        f"events/csv/{n}" for n in ("a.csv.gz", "b.parquet", "notes.txt")
    ]


def test_zero_bytes_and_a_folder_named_like_a_file_are_refused(folder: Folder) -> None:
    folder.write("events/csv/a.csv", b"")
    folder.write("events/csv/b.csv/c.csv", b"x")
    assert refusals(folder) == {
        "events/csv/a.csv": "empty: zero bytes",
        "events/csv/b.csv": "a folder named like a file",
    }


def test_links_out_of_the_folder_are_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(b"x")
    csv = folder.root / "events" / "csv"
    (csv / "a.csv").symlink_to(tmp_path / "secret.csv")
    (csv / "b.csv").symlink_to("../../../secret.csv")
    (csv / "d.csv").symlink_to(tmp_path)
    assert set(refusals(folder).values()) == {"a link out of the input folder"}


def test_links_that_lead_nowhere_are_refused(folder: Folder) -> None:
    csv = folder.root / "events" / "csv"
    (csv / "a.csv").symlink_to("nowhere.csv")
    (csv / "loop.csv").symlink_to("loop.csv")
    assert set(refusals(folder).values()) == {"a link that leads nowhere"}


def test_linked_folder_is_not_entered_but_reported(folder: Folder, tmp_path: Path) -> None:
    outside = Folder(tmp_path / "outside").csv("a", events("e1"))
    (folder.root / "events" / "csv" / "more").symlink_to(outside.parent)
    assert find(folder.root) == [] and ignored(folder.root) == ["events/csv/more"]


def test_whole_delivery_folder_that_is_a_link_is_refused(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.parquet").write_bytes(b"x")
    (folder.root / "events" / "parquet").symlink_to(tmp_path / "outside")
    assert refusals(folder) == {"events/parquet/a.parquet": "a link out of the input folder"}


def test_link_within_the_folder_is_a_file(folder: Folder) -> None:
    folder.write("events/csv/a.csv", b"x")
    (folder.root / "events" / "csv" / "b.csv").symlink_to("a.csv")
    assert refusals(folder) == {"events/csv/a.csv": None, "events/csv/b.csv": None}


def test_pipe_is_refused(folder: Folder) -> None:
    os.mkfifo(folder.root / "events" / "csv" / "a.csv")
    assert refusals(folder) == {"events/csv/a.csv": "not a regular file"}


def test_name_that_is_not_utf_8_can_still_be_told(folder: Folder) -> None:
    name = os.fsencode(folder.root / "events" / "csv") + b"/caf\xe9.csv"
    Path(os.fsdecode(name)).write_bytes(b"x")
    assert list(refusals(folder)) == ["events/csv/caf\\xe9.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_refused(folder: Folder) -> None:
    folder.write("events/csv/a.csv", b"x").chmod(0)
    assert refusals(folder) == {"events/csv/a.csv": "not readable by this user"}


def test_missing_folder_and_folder_without_a_delivery_are_said(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="is not a folder"):
        find(tmp_path / "none")
    with pytest.raises(LoadError, match="holds no delivery"):
        find(tmp_path)
