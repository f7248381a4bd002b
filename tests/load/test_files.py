"""Which files of an input folder are read; nothing outside it ever is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.consent.discovery.input_folder import find
from pipelines.consent.errors import LoadError
from tests.load.deliveries import Folder, events


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "input")


def refusals(folder: Folder) -> dict[str, str | None]:
    return {file.path: file.refusal for file in find(folder.root)}


def test_files_are_found_in_order(folder: Folder) -> None:
    paths = ["Events/b.parquet", "a", "country_and_industry/c d.csv", "events/csv/2025/a.CSV.gz"]
    for path in paths:
        folder.write(path, b"x")
    assert refusals(folder) == dict.fromkeys(paths)


def test_folders_below_are_read_whatever_their_name(folder: Folder) -> None:
    folder.write("events/csv/2025/09/a.csv", b"x")
    folder.write("events/csv/v1.2/b.csv", b"x")
    assert list(refusals(folder)) == ["events/csv/2025/09/a.csv", "events/csv/v1.2/b.csv"]


def test_what_a_rule_leaves_out_is_found_with_the_rule(folder: Folder) -> None:
    hidden = [".DS_Store", "_SUCCESS", "_temporary", ".git", ".a.parquet.crc", "_committed_1"]
    checksums = ["a.csv.md5", "SHA256SUMS", "b.sha256", "checksums.txt", "c.crc"]
    for name in (*hidden, *checksums, "Thumbs.db"):
        inside = "/0/part-0.parquet" if name in ("_temporary", ".git") else ""
        folder.write(f"events/{name}{inside}", b"x")
    rules = {file.path.removeprefix("events/"): file.left_out for file in find(folder.root)}
    assert rules == {
        **dict.fromkeys(hidden, "its name begins with a dot or an underscore"),
        **dict.fromkeys(checksums, "a checksum"),
        "Thumbs.db": "a file of the operating system",
    }


def test_zero_bytes_are_refused(folder: Folder) -> None:
    folder.write("events/csv/a.csv", b"")
    assert refusals(folder) == {"events/csv/a.csv": "empty: zero bytes"}


def test_folder_named_like_a_file_is_its_parts(folder: Folder) -> None:
    folder.write("events/csv/b.parquet/part-0", b"x")
    assert list(refusals(folder)) == ["events/csv/b.parquet/part-0"]


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


def test_linked_folder_is_not_entered_but_refused(folder: Folder, tmp_path: Path) -> None:
    outside = Folder(tmp_path / "outside").csv("a", events("e1"))
    (folder.root / "events" / "more").symlink_to(outside.parent)
    (folder.root / "events" / "again").symlink_to("csv")
    assert refusals(folder) == {
        "events/again": "a link to a folder",
        "events/more": "a link out of the input folder",
    }


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


def test_unreadable_folder_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests; root reads everything."""
    folder.write("events/csv/a.csv", b"x")
    folder.write("closed/b.csv", b"x")
    entries = Path.iterdir

    def denied(path: Path) -> Iterator[Path]:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return entries(path)

    monkeypatch.setattr(Path, "iterdir", denied)
    assert refusals(folder) == {"events/csv/a.csv": None, "closed": "a folder that cannot be read"}


def test_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="is not a folder"):
        find(tmp_path / "none")
