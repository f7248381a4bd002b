"""dlt's Postgres destination with a merge of our own for tables hinted `x-newest-wins`.

dlt's `upsert` neither dedupes what it merges nor knows which version of a row is newer; and its
`delete-insert` rewrites every row, so that downstream models redo all of them. So the merge of
such tables is replaced, and only that: staging, load packages and state stay dlt's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg2
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import (
    FollowupJobRequest,
    HasFollowupJobs,
    LoadJob,
    RunnableLoadJob,
)
from dlt.common.destination.exceptions import DestinationTerminalException
from dlt.common.destination.typing import PreparedTableSchema
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob
from psycopg2 import sql

from pipelines.consent.errors import LoadError
from pipelines.consent.loading.copy_stream import copy_part
from pipelines.consent.loading.merge import Merge
from pipelines.consent.messages import is_data_error

NEWEST_WINS = "x-newest-wins"


class NewestWinsRequest(SqlMergeFollowupJob):
    """Asks for a merge; the statements are made when it runs (`NewestWinsJob`)."""

    @classmethod
    def generate_sql(
        cls, table_chain: Sequence[PreparedTableSchema], sql_client: SqlClientBase[object]
    ) -> list[str]:
        """A remark: the file of the job says what it is for."""
        return [f"-- newest wins: {table_chain[0]['name']}"]


class NewestWinsJob(SqlLoadJob):
    """Runs the merge of one table in one transaction."""

    def run(self) -> None:
        """Merges; errors that the data causes are terminal, others are tried again by dlt."""
        client = self._job_client
        merge = Merge(
            table=self.load_table_name,
            columns=list(client.schema.get_table_columns(self.load_table_name)),
            # Not sql_client.dataset_name: while a job runs, that is the staging dataset.
            dataset=client.config.normalize_dataset_name(client.schema),
            staging=client.config.normalize_staging_dataset_name(client.schema),
            load_id=self._load_id,
        )
        try:
            with client.sql_client.begin_transaction():
                merge.run(client.sql_client.native_connection)
        except (psycopg2.DataError, psycopg2.IntegrityError, psycopg2.ProgrammingError) as error:
            # The data is the cause: trying again would end the same way.
            raise DatabaseTerminalException(error) from error
        except LoadError as error:
            raise DestinationTerminalException(str(error)) from error


class BinaryCopyJob(RunnableLoadJob, HasFollowupJobs):
    """Copies a Parquet file in one transaction.

    dlt's own job, through ADBC, is slower to encode the rows, holds the whole file in memory,
    fails on a file without rows, and cannot say `freeze`.
    """

    _job_client: ConsentPostgresClient

    def run(self) -> None:
        """Copies; errors that the data causes are terminal, others are tried again by dlt."""
        client = self._job_client.sql_client
        table = sql.Identifier(client.dataset_name, self.load_table_name)
        try:
            with client.begin_transaction(), client.native_connection.cursor() as cursor:
                copy_part(cursor, table, Path(self._file_path), replace=self._is_all())
        except psycopg2.Error as error:
            if is_data_error(error):
                raise DatabaseTerminalException(error) from error
            raise

    def _is_all(self) -> bool:
        """Whether the file holds all that the package has for a staging table."""
        if not self._load_table.get(NEWEST_WINS):
            return False  # not staged: what was loaded before stays
        package = Path(self._file_path).parent.parent
        return len(list(package.glob(f"*/{self.load_table_name}.*.parquet"))) == 1


class ConsentPostgresClient(PostgresClient):
    """dlt's Postgres client; copying and the merges of hinted tables are ours."""

    def _create_merge_followup_jobs(
        self, table_chain: Sequence[PreparedTableSchema]
    ) -> list[FollowupJobRequest]:
        if table_chain[0].get(NEWEST_WINS):
            return [NewestWinsRequest.from_table_chain(table_chain, self.sql_client)]
        return super()._create_merge_followup_jobs(table_chain)

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """The job for a file of the package."""
        if table.get(NEWEST_WINS) and SqlLoadJob.is_sql_job(file_path):
            return NewestWinsJob(file_path)
        if file_path.endswith(".parquet"):
            return BinaryCopyJob(file_path)
        return super().create_load_job(table, file_path, load_id, restore)


class consent_postgres(postgres):  # dlt names them in lower case
    """Factory of the destination; configured as `destination.postgres`, like dlt's own."""

    @property
    def client_class(self) -> type[PostgresClient]:
        """The client that dlt makes for this destination."""
        return ConsentPostgresClient

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        # dlt's selector takes Parquet from the list where there is no ADBC driver; no need of one.
        capabilities.loader_file_format_selector = None  # type: ignore[assignment]
        return capabilities
