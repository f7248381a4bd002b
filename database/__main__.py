"""`python -m database start|stop|status|url|psql|check|run|grant|revoke`, from the command line."""

import argparse
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from database import address, company_access, dbt, psql
from database.database_error import DatabaseError
from database.embedded import server


def main() -> int:
    """Run one command; return 0, or 1 with one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m database", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "start", help="start the embedded server, unless another database is configured"
    )
    commands.add_parser("stop", help="stop the embedded server")
    commands.add_parser("status", help="say whether the server runs, and where")
    commands.add_parser("url", help="print the database's address, password included")
    commands.add_parser("check", help="connect once")
    commands.add_parser("psql", help="open psql; further arguments go to psql", add_help=False)
    commands.add_parser(
        "run", help="run a program that reads dbt's profile, such as sqlfluff", add_help=False
    )
    commands.add_parser("grant", help="let a role see one company", add_help=False)
    commands.add_parser("revoke", help="let a role see no company", add_help=False)
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command not in ("psql", "run", "grant", "revoke"):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return COMMANDS[arguments.command](rest)
    except DatabaseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _start(_: list[str]) -> int:
    found = address.checked()
    print(f"Postgres {'runs' if found.is_embedded else 'answers'} at {found.place}.")
    return 0


def _stop(_: list[str]) -> int:
    print("Postgres stopped." if server.stop() else "No embedded Postgres was running.")
    return 0


def _status(_: list[str]) -> int:
    found = address.configured()
    if found is not None:
        address.check(found)
        print(f"dlt's configuration names {found.place}, which answers.")
        return 0
    running = server.status()
    if running is None:
        print("The embedded Postgres is not running (it starts when needed).")
        return 3
    print(f"The embedded Postgres runs: {address.embedded().place}, process {running.pid}.")
    return 0


def _url(_: list[str]) -> int:
    print(address.resolve().url)
    return 0


def _psql(rest: list[str]) -> int:
    found = address.checked()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is psql's
    return psql.run(found, rest)


def _run(rest: list[str]) -> int:
    if not rest:
        raise DatabaseError("No program given (example: python -m database run sqlfluff lint …).")
    program = Path(sys.executable).parent / rest[0]
    environment = {**os.environ, **dbt.environment(address.checked())}
    return subprocess.run([str(program), *rest[1:]], env=environment).returncode


def _grant(rest: list[str]) -> int:
    options = _options("grant", rest, ("company", "role"))
    done = company_access.grant(options.company, options.role)
    print(
        f"The role {options.role} sees the company {done.company_name} ({done.company_id}) in "
        f"{done.mart_count} marts, and no other."
    )
    if not done.can_log_in:
        print("It cannot log in: ALTER ROLE … LOGIN PASSWORD '…' lets it.")
    return 0


def _revoke(rest: list[str]) -> int:
    options = _options("revoke", rest, ("role",))
    company_access.revoke(options.role)
    print(f"The role {options.role} sees no company any more.")
    return 0


def _options(command: str, rest: list[str], names: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m database {command}")
    for name in names:
        parser.add_argument(f"--{name}", required=True, type=_given)
    return parser.parse_args(rest)


def _given(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


COMMANDS = {
    "start": _start,
    "stop": _stop,
    "status": _status,
    "url": _url,
    "check": _start,
    "run": _run,
    "psql": _psql,
    "grant": _grant,
    "revoke": _revoke,
}

if __name__ == "__main__":
    sys.exit(main())
