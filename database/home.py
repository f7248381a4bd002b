"""Where things live: the project, and CONSENT_HOME, the folder of everything kept locally."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]


def consent_home() -> Path:
    """Return the absolute folder CONSENT_HOME (default `.data`), relative to the project."""
    return (PROJECT_ROOT / Path(os.environ.get("CONSENT_HOME") or ".data").expanduser()).resolve()
