"""Load and build on other servers than the embedded 18, in clusters that the test makes.

These are the PostgreSQL that Debian installs, which is 15 in Debian 12 (`.ci/run` installs it), and
16 from the wheel pgserver. GitHub's workflow has 14 and 17.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from database import company_access
from database.address import Address
from database.embedded import binaries
from sandbox.warehouse import Warehouse
from tests.conftest import ROOT, free_port
from tests.dbt.compare_marts import Renames, Table, compare, read_marts

DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
WHEEL = importlib.util.find_spec("pgserver")  # not imported: it makes folders and locks
OF_A_RUN = {"_dlt_load_id", "loaded_at", "reported_at", "previous_reported_at"}
"""Columns that no two loads have alike."""


def programs_of(name: str) -> Path:
    if name == "Debian":
        if not DEBIANS:
            pytest.skip("no PostgreSQL of Debian: apt-get install postgresql")
        return DEBIANS[0]  # the oldest
    if WHEEL is None or WHEEL.origin is None:
        pytest.skip("the wheel pgserver does not exist for this Python or machine")
    return Path(WHEEL.origin).parent / "pginstall" / "bin"


@pytest.fixture(
    params=[
        pytest.param("Debian", marks=pytest.mark.slow),
        pytest.param("16", marks=pytest.mark.campaign),
    ]
)
def other_server(request: pytest.FixtureRequest) -> Iterator[Address]:
    """A server with its default settings, in a zone far from UTC."""
    programs = programs_of(request.param)
    home = Path(tempfile.mkdtemp(prefix="consent-server-"))
    home.chmod(0o711)
    data, port = home / "data", free_port()
    data.mkdir(mode=0o700)
    user = binaries.account(data)
    user.own(data)
    binaries.admit(user, data, programs / "postgres")

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs / program, "-D", str(data), *arguments],
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland"},
            capture_output=True,
            text=True,
            user=user.uid,
            group=user.gid,
            extra_groups=None if user.uid is None else [],
        )
        assert done.returncode == 0, done.stdout + done.stderr

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run("initdb", "-U", "postgres", "--auth=trust")
    run("pg_ctl", "start", "--wait", "--log", str(data / "log"), "--options", options)
    try:
        yield Address("127.0.0.1", port, "postgres", "unused", "postgres", is_embedded=False)
    finally:
        run("pg_ctl", "stop", "--wait", "--mode", "immediate")
        shutil.rmtree(home)


def marts_of(warehouse: Warehouse) -> dict[str, Table]:
    """All marts, without what differs between any two loads of the same delivery."""
    return {name: without(table, OF_A_RUN) for name, table in read_marts(warehouse.url).items()}


def without(table: Table, names: set[str]) -> Table:
    kept = [place for place, name in enumerate(table.columns) if name not in names]
    columns = tuple(table.columns[place] for place in kept)
    rows = [tuple(row[place] for place in kept) for row in table.rows]
    return replace(table, columns=columns, floats=table.floats - names, rows=rows)


def test_marts_are_those_of_the_embedded_server(
    other_server: Address,
    build: Callable[[Path], Warehouse],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = Warehouse.create(other_server, tmp_path)
    theirs.load(ROOT / "input")
    theirs.dbt("build")  # with all tests of the data and of the code
    [(version, zone)] = theirs.rows(
        "select current_setting('server_version_num')::int / 10000, current_setting('timezone')"
    )
    assert version < 18 and zone == "Pacific/Auckland"
    found = compare(marts_of(build(ROOT / "input")), marts_of(theirs), Renames())
    assert {mart: what for mart, what in found.items() if what} == {}

    # a role that sees one company
    for name, value in theirs.environment().items():
        monkeypatch.setenv(name, value)
    [[own], *_] = theirs.rows("select company_id from marts.dim_companies where has_events")
    company_access.grant(own, "shop")
    theirs.dbt("run")
    theirs.execute("alter role shop login")
    seen = Warehouse(replace(theirs.address, user="shop"), tmp_path)
    marts = seen.rows(
        "select relname from pg_class where relkind in ('r', 'v')"
        " and relnamespace = 'marts'::regnamespace"
    )
    companies = [seen.rows(f"select distinct company_id from marts.{mart}") for (mart,) in marts]
    assert {rows[0][0] for rows in companies if rows} == {own}
    assert max(map(len, companies)) == 1
