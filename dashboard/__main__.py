"""`python -m dashboard [--port N] [--headless]`: serves the page until ctrl-C (make dashboard)."""

from __future__ import annotations

import argparse
import os
import runpy
import socket
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("page.py")


def main() -> int:
    """Serves the page on 127.0.0.1; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the page (else a free one)")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    options = parser.parse_args()
    port = options.port or _free_port()
    print(f"The dashboard is at http://127.0.0.1:{port}/ (ctrl-C ends it).", flush=True)
    _prepare()
    # marimo's command in this process: its sessions are threads, and find all modules imported.
    words = ["run", str(PAGE), "--host", "127.0.0.1", "--port", str(port), "--no-token"]
    sys.argv = ["marimo", "-q", *words, *(["--headless"] if options.headless else [])]
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)
    return 0


def _prepare() -> None:
    """No question to other machines; the slow imports before the first visitor, not with them."""
    os.environ["MARIMO_SKIP_UPDATE_CHECK"] = "1"
    from dashboard import session

    session.warm_up()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
