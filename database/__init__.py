"""The database side: one address for dlt, dbt and psql, and the embedded Postgres behind it.

`address.resolve()` -> Address (dlt's own configuration first, else the embedded server, started
when needed). Command line: `python -m database start|stop|status|url|psql|check`.
"""

from database.database_error import DatabaseError

__all__ = ["DatabaseError"]
