"""Which rows are a person's, as conditions in SQL on the raw events and on fct_events."""

from __future__ import annotations

from io import StringIO

from psycopg2 import sql

from pipelines.consent.names import EVENTS
from pipelines.consent.persons.identity import USER, Person, is_uuid, token_key
from pipelines.consent.persons.removal import Removal
from pipelines.consent.persons.row_filter import USER_COLUMN

BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())

_PERSON = "create temporary table person (key text not null, company text) on commit drop"
_TOKENS = "create temporary table token_texts (created text not null) on commit drop"
_TOKEN_TEXTS = """
select distinct parameters::jsonb ->> 'created' from {events} where parameters like '%created%'
"""

# What `user_key` and `company_key` do.
_USER_KEY = "btrim(replace({column}, '\"', ''), {blanks})"
_COMPANY_KEY = "btrim({column}, {blanks})"
# A UUID may be spelled without dashes or in braces in rows of an earlier version.
_COMPANY_UUID = "translate(btrim({column}, {blanks}), '{{}}-', '')"
_OF_COMPANY = "(person.company is null or {key} = person.company)"
_IS_USER = "exists (select from person where {key} = person.key and {of_company})"
# What `uuids_in` does; `position` leaves few texts to the slower pattern.
_NAMES_USER = """
exists (
    select from person
    where position(person.key in lower(events.parameters)) > 0
        and lower(events.parameters) ~ ('(?<![0-9a-z-])' || person.key || '(?![0-9a-z-])')
        and {of_company}
)
"""
_HAS_TOKEN = """
parameters like '%created%'
and parameters::jsonb ->> 'created' in (select created from token_texts)
and exists (select from person where {of_company})
"""
_MODEL_HAS_TOKEN = """
exists (
    select from person
    where date_trunc('milliseconds', copy.token_created_at) = person.key::timestamptz
        and {of_company}
)
"""


def rows_of(person: Person, removal: Removal) -> tuple[sql.Composable, dict[str, sql.Composable]]:
    """Returns a condition on the raw table, called `events`, and conditions on fct_events.

    Those on fct_events, called `copy`, are keyed by the column that they need. All of them read
    temporary tables, which are filled here and end with the transaction.
    """
    # By COPY: a statement with the id in it could end up in the server's log.
    removal.cursor.execute(_PERSON)
    spelled = person.company or ""
    spelled = spelled.replace("-", "") if is_uuid(spelled) else spelled
    company = "" if person.company is None else _quoted(spelled)
    removal.cursor.copy_expert(
        "copy person from stdin with (format csv)", StringIO(f"{_quoted(person.key)},{company}\n")
    )
    blanks = sql.Literal(BLANKS)

    def key(statement: str, column: str, wanted: str | None) -> sql.Composable:
        bare = sql.SQL(statement).format(column=sql.SQL(column), blanks=blanks)
        return sql.SQL("lower({})").format(bare) if wanted and is_uuid(wanted) else bare

    def of_company(column: str) -> sql.Composable:
        statement = _COMPANY_UUID if is_uuid(person.company or "") else _COMPANY_KEY
        return sql.SQL(_OF_COMPANY).format(key=key(statement, column, person.company))

    def is_user(column: str, company: str) -> sql.Composable:
        user = key(_USER_KEY, column, person.key)
        return sql.SQL(_IS_USER).format(key=user, of_company=of_company(company))

    if person.kind == USER:
        columns = "select attname from pg_attribute where attrelid = {raw}::regclass"
        has_users = (USER_COLUMN,) in removal.execute(
            columns, raw=sql.Literal(f'"{removal.dataset}"."{EVENTS}"')
        )
        found = [is_user("events.user_id", "events.apikey")] if has_users else [sql.SQL("false")]
        if is_uuid(person.key) and "{" not in person.key:
            found.append(sql.SQL(_NAMES_USER).format(of_company=of_company("events.apikey")))
        return sql.SQL(" or ").join(found), {"user_id": is_user("copy.user_id", "copy.company_id")}
    texts = [text for (text,) in removal.execute(_TOKEN_TEXTS) if text]
    own = "".join(f"{_quoted(text)}\n" for text in texts if token_key(text) == person.key)
    removal.cursor.execute(_TOKENS)
    removal.cursor.copy_expert("copy token_texts from stdin with (format csv)", StringIO(own))
    return (
        sql.SQL(_HAS_TOKEN).format(of_company=of_company("events.apikey")),
        {
            "token_created_at": sql.SQL(_MODEL_HAS_TOKEN).format(
                of_company=of_company("copy.company_id")
            )
        },
    )


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
