"""Names of the schemas: the raw dataset's, as dlt's configuration gives it, and the models'."""

DEFAULT_TARGET = "analytics"
"""The schema of dbt's target that leaves the names of the layers as they are."""
