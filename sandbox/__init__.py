"""A database to try something in: the load and the models run on it, mostly in this process.

Tests, `proof/` and `benchmarks/` use it. `Warehouse` is one database with what was loaded and
built in it; `servers` starts the Postgres that the tests run on.
"""
