"""The embedded Postgres: programs from a wheel, one cluster per CONSENT_HOME, started when needed.

`server.start()` -> Server(host, port, user, password, database). Everything else here serves it.
"""
