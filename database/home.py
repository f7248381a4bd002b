"""Where things live: the project, and CONSENT_HOME, the folder of all local data."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def consent_home() -> Path:
    """Return CONSENT_HOME (default `.data`) as an absolute path, relative to the project."""
    return (PROJECT_ROOT / Path(os.environ.get("CONSENT_HOME") or ".data").expanduser()).resolve()
