"""The database: one address for dlt, dbt and psql, and the embedded Postgres behind it.

`address.resolve()` returns the database that dlt's own configuration names, or else the embedded
server, started when needed. `python -m database --help` lists the commands.
"""

from database.database_error import DatabaseError

__all__ = ["DatabaseError"]
