"""Lets a role of the database see one company: `python -m database grant|revoke`.

Row-level security holds for the tables of the marts. A view runs with its owner's rights, so it is
wrapped into a filter, which works on every version of the server. `company_access.sql` has the
rules, as a function in the schema `consent_access`; every build calls it again for what it makes
(dbt_project/macros/engine/company_access.sql), in the transaction that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from database import datasets
from database.address import Address, checked, connect, failure
from database.database_error import DatabaseError
from database.session_lock import session_lock

RULES = Path(__file__).with_suffix(".sql")
REFERENCE = ["countries", "iab_purposes", "iab_vendors"]
"""Tables of `staging` without rows of companies."""

_ROLE = """
select rolsuper, rolbypassrls, pg_has_role(oid, %(owner)s, 'member'), rolcanlogin
from pg_roles where rolname = %(role)s
"""
_READABLE_ELSEWHERE = """
select min(format('%%I.%%I', nspname, relname))
from pg_class
join pg_namespace on relnamespace = pg_namespace.oid
where nspname = any(%(schemas)s) and relkind in ('r', 'v', 'm', 'p', 'f')
    and not relname = any(%(reference)s)
    and has_schema_privilege(%(role)s, nspname, 'usage')
    and has_table_privilege(%(role)s, pg_class.oid, 'select')
"""
_OTHER_COMPANY = """
select role::text, company_id from {access}.company_roles
where company_id <> %(company)s and pg_has_role(%(role)s, role::oid, 'member')
"""
_SEE = """
delete from {access}.company_roles where role::oid not in (select oid from pg_roles);
insert into {access}.company_roles values (%(quoted)s::regrole, %(company)s)
on conflict (role) do update set company_id = excluded.company_id;
"""
_SEE_NONE = """
update {access}.company_roles set company_id = null
where role = to_regrole(%(quoted)s) and company_id is not null
"""
_MARTS = """
select pg_class.oid from pg_class
where relnamespace = to_regnamespace(%(marts)s) and relkind in ('r', 'v') order by relname
"""


@dataclass(frozen=True)
class Granted:
    """What a grant did: the company, how many marts the role sees it in, whether it can log in."""

    company_id: str
    company_name: str
    mart_count: int
    can_log_in: bool


def grant(company: str, role: str) -> Granted:
    """Let a role see one company, named by its key or its name; create the role if it is missing.

    Raises DatabaseError, in one sentence, where nothing was done.
    """
    with _builds_excluded() as work:
        company_id, company_name = work.company(company)
        can_log_in = work.role_that_sees_no_more(role)
        work.run(RULES.read_text(encoding="utf-8"))
        values = {"role": role, "quoted": work.quoted(role), "company": company_id}
        for other, theirs in work.run(_OTHER_COMPANY, values):
            raise DatabaseError(
                f"The role {role} sees the company {theirs} already (as {other}), and a role sees "
                f"one: make revoke ROLE={other}, or take another role."
            )
        work.run(_SEE, values)
        schemas = f"{work.names['marts']}, {work.names['staging']}"
        work.run(f"grant usage on schema {schemas} to {values['quoted']}")
        marts = [oid for (oid,) in work.run(_MARTS, work.names)]
        work.run("select {access}.restrict(mart) from unnest(%(marts)s) as marts (mart)",
                 {"marts": marts})  # fmt: skip
        work.run("select {access}.restrict(to_regclass('{staging}.countries'))")
    return Granted(company_id, company_name, len(marts), can_log_in)


def revoke(role: str) -> None:
    """Let a role see no company any more; raise DatabaseError where it sees none."""
    with _builds_excluded() as work:
        values = {"quoted": work.quoted(role)}
        [[is_there]] = work.run("select to_regclass('{access}.company_roles') is not null")
        if not is_there or not work.run(_SEE_NONE + " returning 1", values):
            raise DatabaseError(f"The role {role} sees no company.")
        for schema in (work.names["marts"], work.names["staging"]):
            work.run(f"revoke all on all tables in schema {schema} from {values['quoted']}")
            work.run(f"revoke all on schema {schema} from {values['quoted']}")


class _Work:
    """One transaction of the marts' owner, with the names of the schemas filled in."""

    def __init__(self, address: Address, cursor: Any) -> None:
        self._address = address
        self._cursor = cursor
        self.names = {
            name: self.quoted(datasets.layer(schema))
            for name, schema in (
                ("marts", "marts"), ("staging", "staging"), ("access", "consent_access")
            )
        }  # fmt: skip
        found = self.run(
            "select tableowner, quote_ident(tableowner), pg_has_role(tableowner, 'usage')"
            " from pg_tables where schemaname = %(schema)s and tablename = 'dim_companies'",
            {"schema": datasets.layer("marts")},
        )
        if not found:
            raise DatabaseError("There are no marts yet: make run loads input/ and builds them.")
        [(self._owner, owner, may)] = found
        if not may:
            raise DatabaseError(f"Only {self._owner}, who owns the marts, can do this.")
        self.names |= {"owner": owner, "owner_name": self._owner.replace("'", "''")}

    def run(self, query: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Run statements; return the rows of the last."""
        for name, text in self.names.items() if hasattr(self, "names") else ():
            query = query.replace(f"{{{name}}}", text)
        self._cursor.execute(query, values)
        return list(self._cursor.fetchall()) if self._cursor.description else []

    def quoted(self, name: str) -> str:
        """Return a name as SQL writes it."""
        self._cursor.execute("select quote_ident(%s)", (name,))
        return str(self._cursor.fetchone()[0])

    def company(self, given: str) -> tuple[str, str]:
        """Return the key and the name of a company that is named by either."""
        found = self.run(
            "select company_id, company_name from {marts}.dim_companies"
            " where %(given)s in (company_id, company_name) or lower(%(given)s) = company_id",
            {"given": given.strip()},
        )
        if len(found) != 1:
            raise DatabaseError(
                f"There is no company {given!r}: it is a key or a name in marts.dim_companies."
            )
        [(company_id, company_name)] = found
        return company_id, company_name

    def _create(self, role: str) -> None:
        [[may_create]] = self.run(
            "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"
        )
        if not may_create:
            how = (
                "make db-stop stops the embedded server, which was started by an earlier version; "
                "the next start gives the right to create it"
                if self._address.is_embedded
                else "let an administrator create it (CREATE ROLE … LOGIN PASSWORD '…')"
            )
            raise DatabaseError(f"There is no role {role}: {how}.")
        self.run(f"create role {self.quoted(role)}")

    def role_that_sees_no_more(self, role: str) -> bool:
        """Create a missing role; return whether the role can log in.

        Raises DatabaseError where row-level security would not hold for it.
        """
        values = {"role": role, "owner": self._owner}
        if not self.run(_ROLE, values):
            self._create(role)
        [(is_superuser, bypasses, is_owner, can_log_in)] = self.run(_ROLE, values)
        for holds, why in (
            (is_superuser, "is a superuser"),
            (bypasses, "has BYPASSRLS"),
            (is_owner, f"is {self._owner} or a member of it, who owns the marts"),
        ):
            if holds:
                raise DatabaseError(
                    f"The role {role} {why}, so row-level security does not hold for it: take a "
                    "role without further rights."
                )
        raw = datasets.configured()
        schemas = [datasets.layer("staging"), datasets.layer("intermediate"), raw.raw, raw.staging]
        readable = {"role": role, "schemas": schemas, "reference": REFERENCE}
        [[other]] = self.run(_READABLE_ELSEWHERE, readable)
        if other:
            raise DatabaseError(
                f"The role {role} may read {other}, which has rows of every company: revoke that "
                "first, also where it comes from another role or from PUBLIC."
            )
        return bool(can_log_in)


@contextmanager
def _builds_excluded() -> Iterator[_Work]:
    """One transaction while no build works; errors of the server become a sentence."""
    import psycopg2

    address = checked(to_write=True)
    target = "" if datasets.target() == datasets.DEFAULT_TARGET else f" {datasets.target()}"
    waiting = f"a build works in {address.place}: waiting for it to end"
    with session_lock(address, f"consent build{target}", waiting):
        try:
            with closing(connect(address)) as connection, connection, connection.cursor() as cursor:
                yield _Work(address, cursor)
        except psycopg2.errors.ReservedName:
            raise DatabaseError("No role can have this name: Postgres keeps it.") from None
        except psycopg2.Error as error:
            raise failure(address, error) from None
