"""The schema that dlt made of the deliveries, as a file that can be read, compared and tested.

`pipelines/schemas/consent.schema.yaml` is that of the default database; one with a `CONSENT_HOME`
of its own gets its own, in `$CONSENT_HOME/schemas/`, so that no run changes another's.
"""

from __future__ import annotations

from pathlib import Path

import dlt
import yaml

from pipelines.consent.names import SCHEMA_NAME

# What dlt adds that differs between two runs which made the same schema.
_PER_RUN = ("version", "version_hash", "previous_hashes", "imported_version_hash", "engine_version")

# Notes on single loads, and which of the resources that share a table came last.
_PER_LOAD = ("x-normalizer", "x-loader", "resource")


def schema_text(schema: dlt.Schema) -> str:
    """A schema's tables, columns, hints and contract as YAML, the same for the same schema."""
    whole = schema.to_dict(remove_defaults=True)
    content = {name: value for name, value in whole.items() if name not in _PER_RUN}
    return yaml.safe_dump(_plain(content), sort_keys=True, allow_unicode=True)


def export_schema(pipeline: dlt.Pipeline, folder: Path) -> Path:
    """Writes the schema where it differs from what the file says; returns the file."""
    path = folder / f"{SCHEMA_NAME}.schema.yaml"
    text = schema_text(pipeline.schemas[SCHEMA_NAME])
    if not path.exists() or path.read_text() != text:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return path


def _plain(value: object) -> object:
    """In plain types, without what differs between loads (`_PER_LOAD`)."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if k not in _PER_LOAD}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
