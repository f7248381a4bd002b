"""`make export FORMAT=parquet|csv|xlsx OUTPUT=DIR`: marts -> one file each, and a data dictionary.

One snapshot of the database is read row by row, so an export takes little memory, and a build that
runs meanwhile does not show. The files replace earlier ones together, at the end.
"""
