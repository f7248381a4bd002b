"""`make grant`: a role sees one company in every mart, whatever is built afterwards."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from dashboard import report
from database import address, company_access
from database.__main__ import main
from database.database_error import DatabaseError
from sandbox.warehouse import Warehouse
from tests.conftest import ROOT

OWN, OTHER = "9934a821-6f67-4936-8409-ff83c36ff601", "c3554666-ed23-46c5-8038-9d00385d6282"
MARTS = """
select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')
"""
ELSEWHERE = (
    "intermediate.int_consent_daily",
    "staging.stg_consent__events",
    "consent_raw.events",
    "consent_access.company_roles",
)


@pytest.fixture(scope="module")
def input_built(build: Callable[[Path], Warehouse]) -> Warehouse:
    return build(ROOT / "input")


@pytest.fixture
def warehouse(
    new_warehouse: Callable[..., Warehouse],
    input_built: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
) -> Warehouse:
    """A copy of the built input/, as the configured database."""
    made = new_warehouse(input_built)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def role() -> str:
    """A name that no other test gives a role: roles belong to the whole server."""
    return f'Shop "{secrets.token_hex(4)}"'


def quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'


def as_role(warehouse: Warehouse, role: str) -> Warehouse:
    """The database for those who log in as this role."""
    warehouse.execute(f"alter role {quoted(role)} login password 'secret'")
    return Warehouse(
        dataclasses.replace(warehouse.address, user=role, password="secret"), warehouse.folder
    )


def companies_by_mart(seen: Warehouse) -> dict[str, set[Any]]:
    """What whoever is logged in sees: mart -> companies; fails where one cannot be read."""
    marts = [name for (name,) in seen.rows(MARTS)]
    return {
        mart: {c for (c,) in seen.rows(f"select distinct company_id from marts.{mart}")}
        for mart in marts
    }


def sees_only(warehouse: Warehouse, role: str, company: str) -> None:
    seen = companies_by_mart(as_role(warehouse, role))
    assert len(seen) >= 25
    assert {mart: found for mart, found in seen.items() if found - {company}} == {}
    owner = companies_by_mart(warehouse)
    assert {m for m, found in owner.items() if company in found and m not in MAY_BE_EMPTY} == {
        m for m, found in seen.items() if found and m not in MAY_BE_EMPTY
    }
    assert all(len(found) > 1 for mart, found in owner.items() if mart.startswith("company_"))


MAY_BE_EMPTY = {"company_benchmarks", "delivery_coverage"}
"""Marts of which a company may see some rows only, or none."""


def test_a_role_sees_its_company_in_every_mart_and_nothing_else(
    warehouse: Warehouse, role: str
) -> None:
    done = company_access.grant(OWN, role)
    assert (done.company_id, done.can_log_in) == (OWN, False)
    assert done.mart_count == len(warehouse.rows(MARTS))
    sees_only(warehouse, role, OWN)
    seen = as_role(warehouse, role)
    for table in ELSEWHERE:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            seen.rows(f"select * from {table}")
    for statement in (
        "delete from marts.dim_companies",
        "set row_security = off; table marts.dim_companies",
    ):
        with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.ProgrammingError)):
            seen.execute(statement)


def test_others_see_what_they_saw(warehouse: Warehouse, role: str) -> None:
    """An analyst with rights on all marts, who is not a member of the role."""
    analyst = f"analyst_{secrets.token_hex(4)}"
    warehouse.execute(
        f"create role {analyst}",
        f"grant usage on schema marts to {analyst}",
        f"grant select on all tables in schema marts to {analyst}",
    )
    before = companies_by_mart(as_role(warehouse, analyst))
    company_access.grant(OWN, role)
    assert companies_by_mart(as_role(warehouse, analyst)) == before
    assert "all" in before["company_overview"]


def test_members_of_the_role_see_as_little(warehouse: Warehouse, role: str) -> None:
    company_access.grant(OWN, role)
    member = f"member_{secrets.token_hex(4)}"
    warehouse.execute(
        f"create role {member}", f'grant "{role.replace(chr(34), chr(34) * 2)}" to {member}'
    )
    sees_only(warehouse, member, OWN)


@pytest.mark.slow
def test_whatever_is_built_afterwards_is_restricted_too(warehouse: Warehouse, role: str) -> None:
    company_access.grant(OWN, role)
    warehouse.execute(
        "alter table marts.company_overview drop column hq_country cascade",  # made again
        "drop table marts.company_hours cascade",  # new
        "drop view marts.consent_daily cascade",
        "grant select on all tables in schema marts to public",  # what a careless user may do
        "alter default privileges in schema marts grant select on tables to public",
    )
    warehouse.dbt("run", "--full-refresh")
    sees_only(warehouse, role, OWN)
    options = MARTS.replace("relname", "distinct reloptions", 1) + " and relkind = 'v'"
    assert warehouse.rows(options) == [(["security_barrier=true"],)]


def test_benchmarks_have_three_others_behind_them(warehouse: Warehouse, role: str) -> None:
    company_access.grant(OWN, role)
    seen = as_role(warehouse, role).rows(
        "select metric, formula, count(*), min(company_count - is_reliable::int)"
        " from marts.company_benchmarks group by 1, 2"
    )
    assert seen and all(rows == 1 and others >= 3 for _, _, rows, others in seen)


def test_the_page_runs_as_such_a_role(
    warehouse: Warehouse, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = dict(warehouse.rows("select company_id, company_name from marts.dim_companies"))
    company_access.grant(OWN, role)
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", as_role(warehouse, role).url)
    assert report.write(tmp_path / "report.html") == 0
    written = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert names.pop(OWN) in written and OWN in written
    assert [name for name in names.values() if name in written] == []
    assert f"The database {role}" not in written and "lacks a right" not in written


def test_granted_twice_and_revoked(
    warehouse: Warehouse, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = dict(warehouse.rows("select company_id, company_name from marts.dim_companies"))[OWN]
    for company in (OWN, name, OWN.upper()):
        assert main_with("grant", "--company", company, "--role", role) == 0
    assert f"sees the company {name} ({OWN})" in capsys.readouterr().out
    assert main_with("grant", "--company", OTHER, "--role", role) == 1
    assert f"sees the company {OWN} already" in capsys.readouterr().err
    sees_only(warehouse, role, OWN)

    seen = as_role(warehouse, role)
    assert main_with("revoke", "--role", role) == 0
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        companies_by_mart(seen)
    warehouse.execute(f"grant usage on schema marts to {quoted(role)}")
    warehouse.execute("grant select on all tables in schema marts to public")
    assert set().union(*companies_by_mart(seen).values()) == set()  # not all companies
    assert main_with("revoke", "--role", role) == 1
    assert "sees no company" in capsys.readouterr().err
    assert main_with("grant", "--company", OTHER, "--role", role) == 0
    sees_only(warehouse, role, OTHER)


def main_with(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["database", *arguments])
        return main()


@pytest.mark.parametrize(
    ("company", "who", "said"),
    [
        ("nobody", "{role}", "There is no company 'nobody'"),
        ("all", "{role}", "There is no company 'all'"),
        (OWN, "postgres", "is a superuser"),
        (OWN, "{owner}", "who owns the marts"),
        (OWN, "pg_read_all_data", "may read"),
        (OWN, "public", "No role can have this name"),
        (OWN, "pg_mine", "No role can have this name"),
        (OWN, "{reader}", "may read intermediate.int_company_totals"),
    ],
)
def test_what_is_refused(
    warehouse: Warehouse,
    role: str,
    company: str,
    who: str,
    said: str,
) -> None:
    reader = f"reader_{secrets.token_hex(4)}"
    warehouse.execute(
        f"create role {reader}",
        f"grant usage on schema intermediate to {reader}",
        f"grant select on intermediate.int_company_totals to {reader}",
    )
    named = who.format(role=role, owner=warehouse.address.user, reader=reader)
    with pytest.raises(DatabaseError, match=said.replace("(", r"\(")):
        company_access.grant(company, named)
    rights = warehouse.rows(
        "select count(*) from information_schema.role_table_grants"
        f" where table_schema = 'marts' and grantee not in ('{warehouse.address.user}', 'PUBLIC')"
    )
    assert rights == [(0,)]
    assert warehouse.rows("select to_regclass('consent_access.company_roles')") == [(None,)]


def test_who_cannot_grant(warehouse: Warehouse, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = f"other_{secrets.token_hex(4)}"
    warehouse.execute(f"create role {other}", f"grant usage on schema marts to {other}",
                      f"grant select on all tables in schema marts to {other}")  # fmt: skip
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", as_role(warehouse, other).url)
    with pytest.raises(DatabaseError, match=f"Only {warehouse.address.user}, who owns the marts"):
        company_access.grant(OWN, role)
    with pytest.raises(DatabaseError, match="who owns the marts"):
        company_access.revoke(role)


def test_no_marts_yet(
    new_warehouse: Callable[[], Warehouse], monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    for name, value in new_warehouse().environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DatabaseError, match="There are no marts yet"):
        company_access.grant(OWN, role)


def test_a_build_in_the_way_is_waited_for(warehouse: Warehouse, role: str) -> None:
    """A build that does not know of the first grant would leave views without their filter."""
    with closing(address.connect(warehouse.address)) as build, build.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('consent build', 0))")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("database.session_lock.time.sleep", lambda _: build.rollback())
            company_access.grant(OWN, role)
    sees_only(warehouse, role, OWN)
