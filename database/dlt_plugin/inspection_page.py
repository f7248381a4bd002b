"""dlt's inspection page in marimo, without requests to other machines (see show_command.py).

`python -m database.dlt_plugin.inspection_page run FILE …` takes marimo's own arguments.
"""

import os
import runpy
from typing import Any

import marimo
from dlt._workspace.helpers.dashboard.utils import home


class Offline:
    """marimo for the page's header, without the logo, which is an image on dlt's site."""

    def __getattr__(self, name: str) -> Any:
        return getattr(marimo, name)

    def image(self, *_: Any, **__: Any) -> Any:
        """Return the name in place of the logo."""
        return marimo.md("**dlt**")


if __name__ == "__main__":
    home.mo = Offline()  # type: ignore[attr-defined, assignment]
    os.environ["MARIMO_SKIP_UPDATE_CHECK"] = "1"
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)
