"""`dlt pipeline NAME show`: dlt's own inspection page, without dlthub.

Since dlt 1.27 the command first requires dlthub, a package under a vendor's licence. The page
itself is part of dlt (Apache) and works without it. All other operations stay dlt's own.
"""

import argparse
import contextlib
import subprocess
import sys

from dlt._workspace.cli.commands import PipelineCommand as DltPipelineCommand
from dlt._workspace.cli.compose import get_existing_subparsers_action

from database.datasets import PIPELINE_NAME


class PipelineCommand(DltPipelineCommand):
    """dlt's `pipeline` command with our `show` and the page's flags."""

    def configure_parser(self, pipe_cmd: argparse.ArgumentParser) -> None:
        """Add --port, --host and --headless, which dlt's page has but its command hides."""
        super().configure_parser(pipe_cmd)
        operations = get_existing_subparsers_action(pipe_cmd)
        show = operations.choices["show"] if operations else pipe_cmd
        show.add_argument("--port", type=int, help="Port of the page (default: a free one)")
        show.add_argument("--host", help="Address the page listens on (default: 127.0.0.1)")
        show.add_argument("--headless", action="store_true", help="Do not open a browser")

    def execute(self, args: argparse.Namespace) -> None:
        """Run `show` here and leave everything else to dlt."""
        if args.operation != "show":
            super().execute(args)
            return
        open_page(args.pipeline_name, args.pipelines_dir, args)


def open_page(name: str | None, pipelines_dir: str | None, args: argparse.Namespace) -> None:
    """Serve the page until ctrl-C."""
    from dlt._workspace.helpers.dashboard.runner import run_dashboard_command

    _, *options = run_dashboard_command(
        name or PIPELINE_NAME,
        edit=args.edit,
        pipelines_dir=pipelines_dir,  # type: ignore[arg-type]  # dlt's hint lacks None
        port=args.port,
        host=args.host or "127.0.0.1",
        headless=args.headless,
    )
    # Not the program `marimo`, which is only found in an activated environment.
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run([sys.executable, "-m", "database.dlt_plugin.inspection_page", *options])
