"""`python -m dashboard [--port N] [--headless]`: serves the page until ctrl-C (make dashboard)."""

from __future__ import annotations

import argparse
import secrets
import socket
import sys
import threading
import webbrowser


def main() -> int:
    """Serves the page on 127.0.0.1; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the page (else a free one)")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    options = parser.parse_args()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", options.port))
    except (OSError, OverflowError) as error:
        print(f"Port {options.port} cannot be used: {error}.", file=sys.stderr)
        return 1
    listening.listen()  # from here on a browser waits for the first view
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(16)
    address = f"http://127.0.0.1:{port}/?token={token}"
    print(f"The dashboard is at {address} (ctrl-C ends it).", flush=True)
    # Imported here, so that --help is fast.
    import uvicorn

    from dashboard.page import assets, page_sections, server

    # The first view and the bundled script are made before the first visitor comes.
    bundling = threading.Thread(target=assets.script)
    bundling.start()
    page_sections.warm_up()
    bundling.join()
    if not options.headless:
        webbrowser.open(address)
    config = uvicorn.Config(
        server.application(token, port), log_level="warning", timeout_graceful_shutdown=1
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
