"""dbt's macros without dbt: for tests that compare their SQL with the same formula in Python."""

from typing import Any

import jinja2

from tests.conftest import ROOT


def macros(file: str) -> Any:
    """The macros of a file as functions that give SQL; of dbt, they may only use `return`."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["return"] = lambda value: value
    [path] = (ROOT / "dbt_project" / "macros").rglob(file)
    return environment.from_string(path.read_text()).module
