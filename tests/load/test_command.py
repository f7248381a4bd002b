"""The command as people type it: exit codes, places, two set-ups side by side."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from database import address
from database.address import Address
from database.embedded import server
from tests.conftest import CREDENTIALS, OTHER_SAMPLE, ROOT
from tests.load.deliveries import COMPANY, Folder, events

Command = Callable[..., CompletedProcess[str]]
SCRIPT = ROOT / "pipelines" / "consent_pipeline.py"


def count(database: Address) -> int:
    with address.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from consent_raw.events")
        return int(cursor.fetchone()[0])


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "in put's “100%”")
    made.csv("a", events("e1", "e2"))
    made.parquet("b", events("e3"))
    made.companies([COMPANY])
    return made


def test_load_from_another_folder_of_an_odd_relative_path(
    fresh_database: Address, command: Command, folder: Folder
) -> None:
    for said in ("3 files loaded", "0 files loaded, 3 unchanged"):
        done = command("python", SCRIPT, "--input", folder.root.name, cwd=folder.root.parent)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout and done.stderr == ""
    assert count(fresh_database) == 3


def test_refused_file_gives_1(fresh_database: Address, command: Command, folder: Folder) -> None:
    folder.write("events/csv/broken.csv", b"x")
    done = command("python", SCRIPT, "--input", folder.root)
    assert done.returncode == 1 and "Refused: events/csv/broken.csv" in done.stdout
    assert count(fresh_database) == 3


def test_missing_input_gives_2_in_one_sentence(
    fresh_database: Address, command: Command, tmp_path: Path
) -> None:
    done = command("python", SCRIPT, "--input", tmp_path / "none")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "is not a folder" in done.stderr


def test_unreachable_server_gives_2_in_one_sentence(command: Command, folder: Folder) -> None:
    env = {CREDENTIALS: "postgresql://someone:the-password@127.0.0.1:1/none"}
    done = command("python", SCRIPT, "--input", folder.root, env=env)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "127.0.0.1:1" in done.stderr and "the-password" not in done.stderr


@pytest.mark.slow  # two new servers
def test_two_homes_side_by_side(command: Command, folder: Folder, consent_home: Path) -> None:
    homes = [consent_home / "one", consent_home / "two"]
    try:
        for home, name in zip(homes, ("x", "y"), strict=True):
            folder.csv("a", events("e1", name))
            env = {"CONSENT_HOME": str(home), "CONSENT_PORT": ""}
            done = command("python", SCRIPT, "--input", folder.root, env=env)
            assert done.returncode == 0, done.stderr
        for home, name in zip(homes, ("x", "y"), strict=True):
            env = {"CONSENT_HOME": str(home), "CONSENT_PORT": ""}
            query = "select string_agg(event_id, ',' order by event_id) from consent_raw.events"
            done = command("python", "-m", "database", "psql", "-Atc", query, env=env)
            assert done.stdout.strip() == f"e1,e3,{name}"
    finally:
        for home in homes:
            server.stop(home)


def test_sample_of_real_deliveries_loads_whole_and_once(
    fresh_database: Address, command: Command, sample_input: Path
) -> None:
    files = sum(path.suffix in (".csv", ".parquet") for path in sample_input.rglob("*"))
    counts = []
    for said in (f"{files} files loaded", f"0 files loaded, {files} unchanged"):
        done = command("python", SCRIPT, "--input", sample_input)
        assert done.returncode == 0 and said in done.stdout, done.stderr
        counts.append(count(fresh_database))
    assert counts[0] == counts[1] > 0
    if not OTHER_SAMPLE:
        assert (files, counts[0]) == (11, 4758)
        with address.connect(fresh_database) as connection, connection.cursor() as cursor:
            cursor.execute("select count(*) from consent_raw.companies")
            assert cursor.fetchone() == (40,)


def test_load_does_without_pandas(
    fresh_database: Address, command: Command, folder: Folder
) -> None:
    program = (
        "import runpy, sys; sys.argv[0] = sys.argv[1]; del sys.argv[1]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as end: print('code', end.code, 'pandas', 'pandas' in sys.modules)\n"
        "import pyarrow; print(pyarrow.table({'a': [1]}).to_pandas().a.sum())"
    )
    done = command("python", "-c", program, SCRIPT, "--input", folder.root)
    assert "code 0 pandas False" in done.stdout, done.stdout + done.stderr
    assert done.stdout.endswith("\n1\n")
