"""What the load overrides or reaches into of dlt is as it expects; a new dlt fails here first.

The hooks are listed in pipelines/consent/loading/destination.py, which says what each is for.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.configuration.specs.pluggable_run_context import RunContextBase
from dlt.common.destination.client import (
    DestinationClientDwhConfiguration,
    HasFollowupJobs,
    RunnableLoadJob,
)
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.schema.utils import dlt_load_id_column
from dlt.common.storages.load_package import (
    PackageStorage,
    ParsedLoadJobFileName,
    load_package_state,
)
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
from dlt.destinations.job_client_impl import SqlLoadJob
from dlt.destinations.sql_client import SqlClientBase
from dlt.destinations.sql_jobs import SqlMergeFollowupJob

from pipelines.consent.loading import destination
from pipelines.consent.persons.row_rules import RowRules
from pipelines.consent.source import consent_source
from tests.load.conftest import Loader
from tests.load.deliveries import events

SIGNATURES: list[tuple[Callable[..., Any], list[str]]] = [
    (PostgresClient.create_load_job, ["self", "table", "file_path", "load_id", "restore"]),
    (PostgresClient._create_merge_followup_jobs, ["self", "table_chain"]),
    (PostgresClient.__init__, ["self", "schema", "config", "capabilities"]),
    (PostgresClient.create_dataset_names, ["schema", "config"]),
    (Psycopg2SqlClient.open_connection, ["self"]),
    (postgres._raw_capabilities, ["self"]),
    (postgres.capabilities, ["self", "config", "naming"]),
    (SqlMergeFollowupJob.generate_sql, ["table_chain", "sql_client"]),
    (SqlMergeFollowupJob.from_table_chain, ["table_chain", "sql_client"]),
    (SqlLoadJob.is_sql_job, ["file_path"]),
    (SqlLoadJob.run, ["self"]),
    (RunnableLoadJob.__init__, ["self", "file_path"]),
    (SqlClientBase.begin_transaction, ["self"]),
    (DestinationClientDwhConfiguration.normalize_dataset_name, ["self", "schema"]),
    (DestinationClientDwhConfiguration.normalize_staging_dataset_name, ["self", "schema"]),
    (dlt.mark.with_file_import, ["file_path", "file_format", "items_count", "hints"]),
    (dlt.mark.with_table_name, ["item", "table_name"]),
    (load_package_state, []),
    (dlt.Pipeline.list_normalized_load_packages, ["self"]),
    (dlt.Pipeline.drop, ["self", "pipeline_name"]),
    (dlt.Pipeline.sync_schema, ["self", "schema_name"]),
    (RunContextBase.get_data_entity, ["self", "entity"]),
    (NamingConvention().normalize_identifier, ["identifier"]),
]
# Options that we name in a call.
OPTIONS: list[tuple[Callable[..., Any], set[str]]] = [
    (dlt.Pipeline.extract, {"loader_file_format", "max_parallel_items", "workers"}),
    (dlt.Pipeline.load, {"workers"}),
    (dlt.Schema.to_dict, {"remove_defaults"}),
    (dlt.resource, {"section", "columns", "schema_contract", "file_format", "parallelized"}),
    (dlt.source, {"name", "section", "schema_contract"}),
]


def changed(function: Callable[..., Any]) -> str:
    return (
        f"dlt {dlt.__version__} has another {function.__qualname__}{inspect.signature(function)}:"
        " adapt the load, see pipelines/consent/loading/destination.py"
    )


def named(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("function", "names"), SIGNATURES, ids=named)
def test_signature_is_the_one_that_we_call_or_override(
    function: Callable[..., Any], names: list[str]
) -> None:
    assert list(inspect.signature(function).parameters) == names, changed(function)


@pytest.mark.parametrize(("function", "names"), OPTIONS, ids=named)
def test_options_that_we_name_exist(function: Callable[..., Any], names: set[str]) -> None:
    assert names <= set(inspect.signature(function).parameters), changed(function)


def test_our_classes_override_methods_that_exist() -> None:
    for ours, theirs in [
        (destination.ConsentPostgresClient, PostgresClient),
        (destination.consent_postgres, postgres),
        (destination.NewestWinsRequest, SqlMergeFollowupJob),
        (destination.NewestWinsJob, SqlLoadJob),
    ]:
        for name, value in vars(ours).items():
            if callable(value) or isinstance(value, property | classmethod):
                assert hasattr(theirs, name), f"dlt's {theirs.__name__} has no {name} any more"


def test_a_job_knows_what_ours_read() -> None:
    job = destination.BinaryCopyJob("/package/started_jobs/events.abc.0.parquet")
    assert isinstance(job, HasFollowupJobs) and job._file_path.endswith(".parquet")
    for name in ("_job_client", "_load_id", "_load_table"):
        assert hasattr(job, name), f"dlt's jobs have no {name} any more: the loader set it"
    assert isinstance(vars(RunnableLoadJob)["load_table_name"], property)
    assert {"_load_id", "_load_table"} <= set(RunnableLoadJob.set_run_vars.__code__.co_names)


def test_files_of_a_package_are_named_by_table_and_lie_in_folders_of_states() -> None:
    name = ParsedLoadJobFileName("events", "abc", 0, "parquet").file_name()
    assert name == "events.abc.0.parquet", "the copy counts a table's files by this name"
    folders = (PackageStorage.NEW_JOBS_FOLDER, PackageStorage.STARTED_JOBS_FOLDER)
    assert folders == ("new_jobs", "started_jobs")


def test_merge_jobs_are_files_of_sql_and_parquet_is_ours() -> None:
    assert SqlLoadJob.is_sql_job("/package/started_jobs/events.abc.0.sql")
    assert not SqlLoadJob.is_sql_job("/package/started_jobs/events.abc.0.parquet")
    capabilities = destination.consent_postgres()._raw_capabilities()
    assert "parquet" in capabilities.supported_loader_file_formats
    assert destination.consent_postgres().client_class is destination.ConsentPostgresClient
    assert capabilities.loader_file_format_selector is None


def test_errors_keep_their_cause() -> None:
    error = DatabaseException(ValueError("cause"))
    assert isinstance(error.dbapi_exception, ValueError), "the message comes from the cause"
    assert isinstance(error, dlt.common.exceptions.DltException)


def test_load_id_is_a_column_of_text() -> None:
    column = dlt_load_id_column()
    assert (column["name"], column["data_type"], column["nullable"]) == (
        "_dlt_load_id",
        "text",
        False,
    )


def test_configuration_is_looked_for_under_the_name_of_the_source(tmp_path: Path) -> None:
    """Not under the module's: `sources.consent.…` has to work wherever the source lives."""
    source = consent_source([], tmp_path, RowRules())
    assert (source.name, source.section) == ("consent", "consent")
    assert {resource.section for resource in source.resources.values()} == {"consent"}


def test_tables_of_dlt_have_the_columns_that_recovery_writes(loader: Loader) -> None:
    loader.input.csv("a", events("e1"))
    loader.load()
    for table, columns in {
        "_dlt_loads": {"load_id", "schema_name", "status", "inserted_at"},
        "_dlt_version": {"version", "version_hash"},
    }.items():
        found = loader.column(
            "select attname::text from pg_attribute where attrelid = %s::regclass and attnum > 0",
            table,
        )
        assert columns <= set(found), f"dlt's table {table} has other columns: {sorted(found)}"
    assert loader.value("select min(status) from _dlt_loads") == 0
