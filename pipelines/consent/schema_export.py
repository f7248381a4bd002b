"""The schema that dlt made of the deliveries, as a file that can be read, compared and tested.

`pipelines/schemas/consent.schema.yaml` belongs to the default database. With a `CONSENT_HOME`, the
file is in `$CONSENT_HOME/schemas/`, so that no run changes another's.
"""

from __future__ import annotations

import logging

import dlt
import yaml

from database.home import PROJECT_ROOT, consent_home
from pipelines.consent.names import SCHEMA_NAME

logger = logging.getLogger(__name__)

# What dlt adds that differs between two runs which made the same schema.
_PER_RUN = ("version", "version_hash", "previous_hashes", "imported_version_hash", "engine_version")

# Notes on single loads, and which of the resources that share a table came last.
_PER_LOAD = ("x-normalizer", "x-loader", "resource")


def export_schema(pipeline: dlt.Pipeline) -> None:
    """Writes tables, columns, hints and contract as YAML; the same schema gives the same file."""
    whole = pipeline.schemas[SCHEMA_NAME].to_dict(remove_defaults=True)
    content = {name: value for name, value in whole.items() if name not in _PER_RUN}
    text = yaml.safe_dump(_plain(content), sort_keys=True, allow_unicode=True)
    home = consent_home()
    is_default = home == PROJECT_ROOT / ".data"
    folder = PROJECT_ROOT / "pipelines" / "schemas" if is_default else home / "schemas"
    path = folder / f"{SCHEMA_NAME}.schema.yaml"
    try:
        if not path.exists() or path.read_text() != text:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    except OSError as error:
        logger.warning("the schema was not exported to %s (%s)", folder, error.strerror)


def _plain(value: object) -> object:
    """In plain types, without what differs between loads (`_PER_LOAD`)."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if k not in _PER_LOAD}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
