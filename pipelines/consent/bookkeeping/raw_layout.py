"""The layout of the raw dataset: the tables that this version of the project expects in it.

Its number is in the comment on the ledger, which is made and dropped with the dataset. A dataset
without a number has layout 1. Raise LAYOUT with every change that an earlier version of the load
would undo or not understand, and write into `bring_up` what leads there from the layout before.
"""

from __future__ import annotations

from pipelines.consent.bookkeeping.ledger import Ledger
from pipelines.consent.errors import LoadError
from pipelines.consent.names import COMPANIES, COMPANY_LISTS, LEDGER

LAYOUT = 6

_FOUND = """
select coalesce(
    substring(obj_description(to_regclass(%(ledger)s), 'pg_class') from '^layout ([0-9]+)'), '1'
)::integer
"""

# Which companies each company file lists; the merge keeps it.
_CREATE_LISTS = """
create table if not exists {lists} (
    path text not null,
    public_api_key text not null,
    primary key (path, public_api_key)
)
"""

# Layout 3 knew a file's table from its folder, and refused much that is read today. Without a hash,
# a refused file is read again.
_TO_LAYOUT_4 = """
alter table {ledger} alter column table_name drop not null, alter column format drop not null;
alter table {ledger} add column if not exists assumptions text;
update {ledger} set content_hash = null
where is_current and outcome = 'refused'
"""

_TO_LAYOUT_5 = (
    "alter table {ledger} add column if not exists rows_decoded bigint not null default 0"
)

# Earlier loads neither need nor change it, so it needs no new layout.
_HAS_VERSION = """
select exists (
    select from pg_attribute
    where attrelid = to_regclass(%(ledger)s) and attname = 'version' and not attisdropped
)
"""

# Layout 1 did not note it: a company counts as listed by the file that it was last read from.
_FILL_LISTS = "insert into {lists} select _source_file, public_api_key from {companies}"


# Layout 2 knew neither erasure nor retention; a load of it would bring erased persons back.
_ADD_COUNTS = """
alter table {ledger} add column if not exists rows_erased bigint not null default 0,
    add column if not exists rows_expired bigint not null default 0
"""


def refuse_newer(ledger: Ledger) -> None:
    """Changes nothing.

    Raises:
        LoadError: a later version of the project has loaded into this database.
    """
    found = _layout(ledger)
    if found > LAYOUT:
        raise LoadError(
            f"{ledger.dataset} has layout {found}, which a later version of this project made; this"
            f" version knows layouts up to {LAYOUT}. Nothing was changed. Use the later version."
        )


def bring_up(ledger: Ledger) -> None:
    """Creates what today's layout has and the dataset lacks. Requires the lock and the ledger.

    The spelling of keys (`spelled_keys`), which is what layout 6 brought, is not done here.
    """
    if _missing(ledger, COMPANY_LISTS):
        knows_companies = not _missing(ledger, COMPANIES)
        ledger.execute(_CREATE_LISTS + (f"; {_FILL_LISTS}" if knows_companies else ""))
    if _layout(ledger) < 3:
        ledger.execute(_ADD_COUNTS)
    if _layout(ledger) < 4:
        ledger.execute(_TO_LAYOUT_4)
    if _layout(ledger) < 5:
        ledger.execute(_TO_LAYOUT_5)
    name = {"ledger": f'"{ledger.dataset}"."{LEDGER}"'}
    if not ledger.execute(_HAS_VERSION, name)[0][0]:
        ledger.execute("alter table {ledger} add column version text")


def is_current(ledger: Ledger) -> bool:
    """Whether the dataset has today's layout."""
    return _layout(ledger) == LAYOUT


def note_layout(ledger: Ledger) -> None:
    """Says that the dataset has today's layout."""
    ledger.execute(f"comment on table {{ledger}} is 'layout {LAYOUT}'")


def _layout(ledger: Ledger) -> int:
    return int(ledger.execute(_FOUND, {"ledger": f'"{ledger.dataset}"."{LEDGER}"'})[0][0])


def _missing(ledger: Ledger, table: str) -> bool:
    name = f'"{ledger.dataset}"."{table}"'
    return bool(ledger.execute("select to_regclass(%(name)s) is null", {"name": name})[0][0])
