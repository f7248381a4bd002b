"""Names of the schemas: the raw dataset's, as dlt's configuration gives it, and the models'.

dlt's settings `dataset_name`, `dataset_name_layout` and `staging_dataset_name_layout` hold. dbt's
target says whether the models' schemas have a prefix; CONSENT_SCHEMA sets that of our profile.
"""

import os
import re
from dataclasses import dataclass

from database import address, dlt_settings
from database.database_error import DatabaseError

PIPELINE_NAME = "consent_pipeline"
DEFAULT_DATASET = "consent_raw"
_DLT_SCHEMA = "consent"  # of the pipeline's source, by which dlt looks up its naming convention

LAYERS = ("staging", "intermediate", "marts")
DEFAULT_TARGET = "analytics"
"""The schema of dbt's target that leaves the names of the layers as they are."""


@dataclass(frozen=True)
class Datasets:
    """The two schemas of the load."""

    given: str
    """The dataset's name before dlt applies a layout to it; what dlt.pipeline takes."""
    raw: str
    staging: str


def configured() -> Datasets:
    """Return the names in dlt's configuration.

    Raises DatabaseError where the load or the models could not work with them.
    """
    if not dlt_settings.are_there():
        return Datasets(DEFAULT_DATASET, DEFAULT_DATASET, f"{DEFAULT_DATASET}_staging")
    # Imported late, like dlt in address.py.
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.configuration.resolve import resolve_configuration
    from dlt.common.schema import Schema
    from dlt.pipeline.configuration import PipelineConfiguration

    try:
        pipeline = resolve_configuration(
            PipelineConfiguration(pipeline_name=PIPELINE_NAME),
            sections=("pipelines", PIPELINE_NAME),
        )
        naming = Schema(_DLT_SCHEMA)
    except (ConfigurationException, ImportError, ValueError) as error:
        raise DatabaseError(
            f"dlt's settings of the pipeline or of the schema cannot be read: {error}"
        ) from None
    if naming.naming.name() != "snake_case":
        raise DatabaseError(
            "The models need dlt's naming convention snake_case, not "
            f"{naming.naming.name()}: leave [schema] naming (SCHEMA__NAMING) out."
        )
    given = pipeline.dataset_name or DEFAULT_DATASET
    destination = address.destination_configuration()
    destination._bind_dataset_name((pipeline.dataset_name_layout or "%s") % given)
    found = Datasets(
        given,
        destination.normalize_dataset_name(naming),
        destination.normalize_staging_dataset_name(naming),
    )
    if found.raw == found.staging or {found.raw, found.staging} & set(LAYERS):
        raise DatabaseError(
            f"The raw dataset {found.raw!r} and dlt's staging dataset {found.staging!r} must be "
            f"two schemas, and none of {', '.join(LAYERS)}: change dataset_name or "
            "staging_dataset_name_layout in dlt's configuration."
        )
    return found


def target() -> str:
    """Return the schema of our profile's target."""
    return os.environ.get("CONSENT_SCHEMA") or DEFAULT_TARGET


def layer(name: str) -> str:
    """Return the schema that a layer of the models has in our profile's target."""
    return name if target() == DEFAULT_TARGET else f"{target()}_{name}"


def in_target(query: str) -> str:
    """Return a query on `marts.…` or `staging.…` as a query on the target's schemas."""
    return re.sub(rf"\b({'|'.join(LAYERS)})\.", lambda found: f'"{layer(found[1])}".', query)
