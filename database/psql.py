"""psql on the project's database: from the wheel, from the machine, or a small substitute."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from database import address
from database.database_error import DatabaseError
from database.embedded import binaries


def run(found: address.Address, arguments: Sequence[str]) -> int:
    """Run psql with `arguments`; return its exit code."""
    program = _program()
    if program is None:
        return _run_without_psql(found, arguments)
    target = {"host": found.host, "port": str(found.port), "user": found.user}
    target |= {"dbname": found.database, **found.options}
    escaped = {k: v.replace("\\", "\\\\").replace("'", "\\'") for k, v in target.items()}
    connection = " ".join(f"{key}='{value}'" for key, value in escaped.items())
    # The password goes through the environment, since everybody can read a command line.
    env = {**os.environ, "PGPASSWORD": found.password}
    return subprocess.run([program, connection, *arguments], env=env).returncode


def _program() -> str | None:
    try:
        own = binaries.folder() / "psql"
    except DatabaseError:
        own = None
    return str(own) if own and own.exists() else shutil.which("psql")


def _run_without_psql(found: address.Address, arguments: Sequence[str]) -> int:
    """Run `-c SQL`, or one statement per line of standard input, and print the rows."""
    import psycopg2

    with_c = len(arguments) == 2 and arguments[0] == "-c"
    lines = [arguments[1]] if with_c else (line for line in sys.stdin if line.strip())
    connection = address.connect(found)
    connection.autocommit = True
    for line in lines:
        try:
            with connection.cursor() as cursor:
                cursor.execute(line)
                for row in cursor.fetchall() if cursor.description else []:
                    print(*("" if value is None else value for value in row), sep=" | ")
        except psycopg2.Error as error:
            print(str(error).strip(), file=sys.stderr)
            if with_c:
                return 1
    return 0
