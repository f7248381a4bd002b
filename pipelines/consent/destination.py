"""dlt's Postgres destination with a merge of our own for tables hinted `x-newest-wins`.

dlt's `upsert` neither dedupes what it merges nor knows which version of a row is newer; and its
`delete-insert` rewrites every row, so that downstream models redo all of them. So the merge of
such tables is replaced, and only that: staging, load packages and state stay dlt's.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg2
import pyarrow as pa
import pyarrow.parquet
from adbc_driver_manager import Error as AdbcError
from dlt.common.destination.client import FollowupJobRequest, LoadJob
from dlt.common.destination.exceptions import DestinationTerminalException
from dlt.common.destination.typing import PreparedTableSchema
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob

from pipelines.consent.errors import LoadError
from pipelines.consent.failures import is_data_error
from pipelines.consent.merge import Merge

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


class StreamingCopyJob(PostgresParquetCopyJob):
    """Copies a Parquet file, one row group after the other.

    dlt's own job holds the whole file in memory, and fails on a file without rows.
    """

    def run(self) -> None:
        """Copies; errors that the data causes are terminal, others are tried again by dlt."""
        try:
            self._copy()
        except AdbcError as error:
            if is_data_error(error):
                raise DatabaseTerminalException(error) from error
            raise

    def _copy(self) -> None:
        """Copies in one transaction."""
        with (
            pyarrow.parquet.ParquetFile(self._file_path, pre_buffer=True) as file,
            self._connect() as connection,
            connection.cursor() as cursor,
        ):
            # In this thread alone: there is another job for the other core.
            numbers = range(file.num_row_groups)
            groups = (file.read_row_group(number, use_threads=False) for number in numbers)
            batches = (batch for group in groups for batch in group.to_batches())
            reader = pa.RecordBatchReader.from_batches(file.schema_arrow, batches)
            _, schema_name = self._set_catalog_and_schema()
            cursor.adbc_ingest(self.load_table_name, reader, "append", db_schema_name=schema_name)
            connection.commit()


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
            return StreamingCopyJob(file_path)
        return super().create_load_job(table, file_path, load_id, restore)


class consent_postgres(postgres):  # dlt names them in lower case
    """Factory of the destination; configured as `destination.postgres`, like dlt's own."""

    @property
    def client_class(self) -> type[PostgresClient]:
        """The client that dlt makes for this destination."""
        return ConsentPostgresClient
