"""The register of erased persons: a schema beside the raw dataset, which --full-refresh keeps.

It holds no id, only salted hashes, by which a file that is read again does not bring a person back,
and a log: when, how many rows, by whom.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from typing import Any

import psycopg2.errors

from pipelines.consent.checking.keys import company_key
from pipelines.consent.errors import LoadError
from pipelines.consent.persons.identity import Person

SCHEMA = "consent_erasure"

_EXISTS = f"select to_regclass('{SCHEMA}.persons') is not null"
_HAS_SCHEMA = f"select to_regnamespace('{SCHEMA}') is not null"
_DDL = f"""
create table if not exists {SCHEMA}.salt (salt bytea not null);
create table if not exists {SCHEMA}.persons (
    kind text not null,
    hash bytea not null,
    company_id text not null,
    erased_at timestamp with time zone not null default now(),
    primary key (kind, hash, company_id)
);
create table if not exists {SCHEMA}.log (
    erased_at timestamp with time zone not null default now(),
    erased_by text not null default session_user,
    kind text not null,
    company_id text not null,
    event_rows bigint not null,
    quarantine_rows bigint not null,
    model_rows bigint not null
);
"""
_LOG = f"""
insert into {SCHEMA}.log (kind, company_id, event_rows, quarantine_rows, model_rows)
values (%s, %s, %s, %s, %s)
"""
_ANY_COMPANY = ""


class Erased:
    """Some erased persons, known by their hashes."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._companies: dict[tuple[str, bytes], set[str]] = {}
        self.kinds: set[str] = set()

    def hash_of(self, kind: str, key: str) -> bytes:
        """The salted hash of an id."""
        return hmac.digest(self._salt, f"{kind}:{key}".encode(), hashlib.sha256)

    def add(self, kind: str, hashed: bytes, company: str) -> None:
        """Adds a person, of one company or, if that is empty, of all."""
        self._companies.setdefault((kind, hashed), set()).add(company)
        self.kinds.add(kind)

    def add_person(self, person: Person) -> None:
        """Adds a person by id."""
        self.add(person.kind, self.hash_of(person.kind, person.key), person.company or _ANY_COMPANY)

    def companies(self, kind: str, key: str) -> set[str]:
        """The companies in which an id is erased; with the empty text, in all."""
        return self._companies.get((kind, self.hash_of(kind, key)), set())

    def covers(self, person: Person) -> bool:
        """Whether a person is erased already."""
        return self.holds(person.kind, person.key, {person.company or _ANY_COMPANY})

    def holds(self, kind: str, key: str, companies: Collection[str]) -> bool:
        """Whether an id is erased in one of these companies."""
        erased = self.companies(kind, key)
        return _ANY_COMPANY in erased or not erased.isdisjoint(companies)


def read(connection: Any) -> Erased | None:
    """All erased persons, None if nobody was ever erased in this database."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_EXISTS)
        if not cursor.fetchone()[0]:
            return None
        erased = Erased(_salt(cursor))
        cursor.execute(f"select kind, hash, company_id from {SCHEMA}.persons")
        for kind, hashed, company in cursor:
            erased.add(kind, bytes(hashed), company_key(company))
        return erased if erased.kinds else None


def ensure(connection: Any) -> Erased:
    """Creates the register where it is missing; returns it without anybody in it.

    Raises:
        LoadError: the database user has no right to.
    """
    try:
        return _ensured(connection)
    except psycopg2.errors.InsufficientPrivilege:
        user = connection.info.user
        raise LoadError(
            f"the database user {user} cannot write to the schema {SCHEMA}; have an administrator"
            f' run: CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION "{user}"'
        ) from None


def _ensured(connection: Any) -> Erased:
    with connection, connection.cursor() as cursor:
        cursor.execute(_HAS_SCHEMA)
        if not cursor.fetchone()[0]:  # `if not exists` would ask for the right to create it
            cursor.execute(f"create schema {SCHEMA}")
        cursor.execute(_DDL)
        return Erased(_salt(cursor))


def note(
    cursor: Any, person: Person, erased: Erased, *, events: int, quarantined: int, copies: int
) -> None:
    """Enters a person, and the rows that left the raw table, the quarantine and the models."""
    company = person.company or _ANY_COMPANY
    cursor.execute(
        f"insert into {SCHEMA}.persons (kind, hash, company_id) values (%s, %s, %s)"
        " on conflict do nothing",
        (person.kind, erased.hash_of(person.kind, person.key), company),
    )
    cursor.execute(_LOG, (person.kind, company, events, quarantined, copies))


def _salt(cursor: Any) -> bytes:
    cursor.execute(f"select salt from {SCHEMA}.salt")
    if (row := cursor.fetchone()) is not None:
        return bytes(row[0])
    made = secrets.token_bytes(32)
    cursor.execute(f"insert into {SCHEMA}.salt values (%s)", (made,))
    return made
