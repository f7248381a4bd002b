"""dlt's Postgres destination, with a copy of our own and, for some tables, a merge of our own.

dlt's `upsert` neither dedupes what it merges nor knows which version of a row is newer; its
`delete-insert` rewrites every row, so that downstream models redo all of them. So the merge of
tables hinted `x-newest-wins` is replaced, and so is the job that copies Parquet files. Staging,
load packages and state stay dlt's.

What we override or reach into, here and elsewhere, and what tests/load/test_dlt_hooks.py checks
before anything else fails:

- `PostgresClient.create_load_job` and `_create_merge_followup_jobs`: which job runs (overridden)
- `postgres.client_class`, `capabilities` and `_raw_capabilities`: which client, which file format
  (overridden)
- `PostgresClient.__init__`, `create_dataset_names`, `sql_client`, and `Psycopg2SqlClient`'s
  `open_connection`, `_reset_connection`, `credentials`: how a session begins (overridden)
- `SqlMergeFollowupJob.generate_sql` (overridden), `from_table_chain`, `SqlLoadJob.is_sql_job`
- `_job_client`, `_file_path`, `_load_id`, `_load_table`, `load_table_name`: what a job knows
- `sql_client.begin_transaction`, `native_connection`: our statements in dlt's transactions
- `config.normalize_dataset_name`, `normalize_staging_dataset_name`: the two schemas
- `*/<table>.*.parquet` in a package's folder: how many files a table has
- `dlt.mark.with_file_import`, `load_package_state()["load_id"]` (package_files)
- `Pipeline.list_normalized_load_packages`, `has_pending_data`, `drop`, `sync_destination`,
  `sync_schema`, `working_dir`; `DltException`, `client_exception` (packages, recovery, messages)
- the tables `_dlt_loads`, `_dlt_version`, their columns, and `Schema.to_dict` (recovery, export)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema import Schema
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.postgres.configuration import PostgresClientConfiguration
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob
from psycopg2 import sql

from database.address import connect, of_credentials, without_timeouts
from pipelines.consent.errors import LoadError
from pipelines.consent.loading.copy_stream import copy_file
from pipelines.consent.loading.merge import merge
from pipelines.consent.loading.staged_table import StagedTable
from pipelines.consent.messages import is_data_error

NEWEST_WINS = "x-newest-wins"


class NewestWinsRequest(SqlMergeFollowupJob):
    """Asks for a merge; the statements are made when it runs (`NewestWinsJob`)."""

    @classmethod
    def generate_sql(
        cls, table_chain: Sequence[PreparedTableSchema], sql_client: SqlClientBase[object]
    ) -> list[str]:
        """A comment, for whoever opens the job's file."""
        return [f"-- newest wins: {table_chain[0]['name']}"]


class NewestWinsJob(SqlLoadJob):
    """Runs the merge of one table in one transaction."""

    def run(self) -> None:
        """Merges; errors that the data causes are terminal, others are tried again by dlt."""
        client = self._job_client
        database = client.sql_client
        try:
            with database.begin_transaction(), database.native_connection.cursor() as cursor:
                merge(
                    StagedTable(
                        cursor,
                        table=self.load_table_name,
                        columns=list(client.schema.get_table_columns(self.load_table_name)),
                        # Not sql_client.dataset_name: while a job runs, it is the staging dataset.
                        dataset=client.config.normalize_dataset_name(client.schema),
                        staging=client.config.normalize_staging_dataset_name(client.schema),
                        load_id=self._load_id,
                    )
                )
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
        file = Path(self._file_path)
        # The only file that the package has for a staging table may replace what is in it. The
        # quarantine is not staged: its earlier rows stay.
        siblings = file.parent.parent.glob(f"*/{self.load_table_name}.*.parquet")
        is_only = bool(self._load_table.get(NEWEST_WINS)) and len(list(siblings)) == 1
        try:
            with client.begin_transaction(), client.native_connection.cursor() as cursor:
                copy_file(cursor, table, file, replace=is_only)
        except psycopg2.Error as error:
            if is_data_error(error):
                raise DatabaseTerminalException(error) from error
            raise


class PatientSqlClient(Psycopg2SqlClient):
    """dlt's connection, opened like all others of the project.

    So it waits for a server that recovers, explains why it cannot connect, and sends no setting in
    the start-up packet, which PgBouncer may refuse: the search path and the switched-off timeouts
    are statements, run again after each reset.
    """

    def open_connection(self) -> Any:
        """Connects and prepares the session."""
        address = of_credentials(self.credentials)
        assert address is not None  # dlt has resolved it
        self._conn = connect(address)
        self._reset_connection()
        return self._conn

    def _reset_connection(self) -> None:
        super()._reset_connection()
        without_timeouts(self._conn)
        with self._conn.cursor() as cursor:
            path = sql.SQL("set search_path = {}, public").format(sql.Identifier(self.dataset_name))
            cursor.execute(path)


class ConsentPostgresClient(PostgresClient):
    """dlt's Postgres client; copying and the merges of hinted tables are ours."""

    def __init__(
        self,
        schema: Schema,
        config: PostgresClientConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)
        names = self.create_dataset_names(schema, config)
        self.sql_client = PatientSqlClient(*names, config.credentials, capabilities)

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

    def capabilities(
        self,
        config: PostgresClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        """What the destination can do.

        Nothing here depends on `config`. Without one, dlt would resolve it forty times in a run.
        """
        return super().capabilities(config or self.spec(), naming)

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        # Without an ADBC driver, dlt's selector drops Parquet. We copy without that driver.
        capabilities.loader_file_format_selector = None  # type: ignore[assignment]
        return capabilities
