"""Which companies a company file lists, kept beside the companies themselves.

The content of a company file is its whole list: a company that the file listed before and lists no
longer is not listed, although its row stays in the raw table. *Refused:* deleting the row, since
then a file's counts would no longer say what became of its rows.
"""

from __future__ import annotations

from psycopg2 import sql

from pipelines.consent.loading.staged_table import StagedTable
from pipelines.consent.names import COMPANY_LISTS

_LOADING = """
(select path from {ledger}
where load_id = %(load_id)s and table_name = %(table)s and outcome = 'loading')
"""

_FORGET = "delete from {lists} where path in " + _LOADING

_NOTE = (
    "insert into {lists} (path, public_api_key) select distinct _source_file, {key} from {staged}"
    " where _dlt_load_id = %(load_id)s and _source_file in " + _LOADING
)


def note_lists(staged: StagedTable) -> None:
    """Replaces the lists of the files to merge by what is staged of them, in the transaction."""
    for statement in (_FORGET, _NOTE):
        staged.execute(statement, lists=sql.Identifier(staged.dataset, COMPANY_LISTS))
