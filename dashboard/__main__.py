"""`python -m dashboard [--port N] [--headless]`: serves the page until ctrl-C (make dashboard)."""

from __future__ import annotations

import argparse
import os
import runpy
import socket
import sys
from pathlib import Path

APP = Path(__file__).parent / "page" / "marimo_app.py"


def main() -> int:
    """Serves the page on 127.0.0.1; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the page (else a free one)")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    options = parser.parse_args()
    port = options.port or _free_port()
    print(f"The dashboard is at http://127.0.0.1:{port}/ (ctrl-C ends it).", flush=True)
    os.environ["MARIMO_SKIP_UPDATE_CHECK"] = "1"  # the page asks no other machine for anything
    # Imported here, so that --help is fast. The slow imports and the first view are made before
    # the first visitor, not with them.
    from dashboard.page import page_sections

    page_sections.warm_up()
    # marimo's command runs in this process: its sessions are threads, which find the imported
    # modules and the cache. A subprocess would start cold.
    command = ["run", str(APP), "--host", "127.0.0.1", "--port", str(port), "--no-token"]
    sys.argv = ["marimo", "-q", *command, *(["--headless"] if options.headless else [])]
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
