"""Disks that are full or cannot be written to, for dlt's working folder and for Postgres."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from database import address
from database.embedded import server
from tests.conftest import CREDENTIALS
from tests.faults.rounds import SCRIPT, Rounds
from tests.load.conftest import Loader, use_own_folders
from tests.load.deliveries import event

Mount = Callable[[Path, str], None]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Mounts a small disk of memory on a folder; skips the test where that is not allowed."""
    mounted: list[Path] = []

    def do(folder: Path, options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("this user may not mount a disk")
        mounted.append(folder)

    yield do
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def payloads(loader: Loader, megabytes: int) -> None:
    rows = [event(f"e{i}", PARAMETERS=f'["{"x" * 5000}{i}"]') for i in range(megabytes * 200)]
    loader.input.csv("large", rows, day=5)


def test_full_disk_of_the_working_folder(loader: Loader, tmp_path: Path, mount: Mount) -> None:
    mount(tmp_path / "home" / "dlt", "size=2m")
    payloads(loader, 8)
    for _ in range(2):
        result = loader.run()
        assert result.code == 2, result.text
        assert "The load stopped: the disk is full" in result.text
    subprocess.run(["umount", "--lazy", str(tmp_path / "home" / "dlt")], check=True)
    loader.load()
    assert loader.value("select count(*) from events") == 1600


def test_working_folder_that_is_read_only(loader: Loader, tmp_path: Path, mount: Mount) -> None:
    mount(tmp_path / "home" / "dlt", "size=2m,ro")
    loader.input.csv("a", [event("e1")])
    result = loader.run()
    assert result.code == 2 and "The load stopped: the disk can only be read" in result.text
    subprocess.run(["umount", "--lazy", str(tmp_path / "home" / "dlt")], check=True)
    loader.load()


@pytest.mark.parametrize("limit", [1, 1_000, 20_000, 100_000, 1_000_000])
def test_files_that_cannot_grow(loader: Loader, limit: int) -> None:
    """5 limits on the size of any file that the load writes: it stops at another place each."""
    rounds = Rounds(loader, seed=41)
    rounds.deliver(files=6)
    payloads(loader, 2)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--input", str(loader.input.root)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 2) and "Traceback" not in done.stdout + done.stderr, done.stderr
    (loader.input.root / "events/csv/large.csv").unlink()
    loader.run()
    rounds.deliver()
    loader.load()
    loader.sql("delete from events where _source_file like '%large.csv'")
    rows = loader.sql("select event_id, consent from events")
    assert {r[:2] for r in rounds.reference.rows()} >= set(rows)


@pytest.fixture
def small_server(
    consent_home: Path,
    tmp_path: Path,
    mount: Mount,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Loader]:
    """A loader whose embedded server has a disk of 200 MB."""
    home = consent_home / "small"
    mount(home, "size=200m,mode=711")
    monkeypatch.setenv("CONSENT_HOME", str(home))
    monkeypatch.setenv("CONSENT_PORT", "")
    monkeypatch.delenv(CREDENTIALS, raising=False)
    use_own_folders()
    made = Loader(address.embedded(), tmp_path / "input", capfd, caplog)
    yield made
    made.connection.close()
    server.stop(home)
    monkeypatch.undo()
    use_own_folders()


def test_full_disk_of_the_database(small_server: Loader, consent_home: Path) -> None:
    """6 rounds with less and less room; each then goes on once there is room again."""
    rounds = Rounds(small_server, seed=42, rows=300)
    rounds.deliver(files=6)
    rounds.heal_and_check()
    ballast = consent_home / "small" / "ballast"
    for kilobytes in (4000, 2000, 1000, 500, 200, 0):
        rounds.deliver()
        with ballast.open("wb", buffering=0) as file:
            with suppress(OSError):
                while file.write(b"\0" * 65536):
                    pass
            file.truncate(max(0, ballast.stat().st_size - kilobytes * 1000))
        result = small_server.run()
        assert result.code in (0, 2) and "Traceback" not in result.text
        if result.code == 2:
            assert "The load stopped: " in result.text
        ballast.unlink()
        small_server.run()  # where Postgres went down over it, this starts it again
        small_server.connection = address.connect(address.embedded())
        small_server.connection.autocommit = True
        rounds.heal_and_check()
