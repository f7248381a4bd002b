"""Whether dlt's configuration can say anything about the database or datasets, without asking it.

Importing dlt takes a second, and most users configure nothing. So this looks where dlt looks: in
the environment, and in `secrets.toml` and `config.toml` of the project and of CONSENT_HOME. It may
say yes where dlt then finds nothing, never the other way round.
"""

import os
import sys
import tomllib

from database.home import PROJECT_ROOT, consent_home

# What dlt would take for a part of the address or of the datasets' names, without a section.
_BARE_NAMES = frozenset(
    (
        "CREDENTIALS DATABASE DRIVERNAME HOST PASSWORD PORT QUERY USERNAME DATASET_NAME"
        " DATASET_NAME_LAYOUT STAGING_DATASET_NAME_LAYOUT ENABLE_DATASET_NAME_NORMALIZATION NAMING"
    ).split()
)
_OF_THE_LOAD = frozenset(["data_writer", "extract", "load", "normalize", "runtime"])
"""Sections of a config.toml that have nothing to do with the database."""


def are_there() -> bool:
    """Whether it is worth asking dlt. Once it is imported, asking costs nothing."""
    return "dlt" in sys.modules or _in_environment() or _in_files()


def _in_environment() -> bool:
    # two underscores separate the sections of dlt's names; DLT_PROJECT_DIR names another folder
    return any(
        "__" in name.strip("_") or name in _BARE_NAMES or name.startswith("DLT_")
        for name in os.environ
    )


def _in_files() -> bool:
    for folder in (PROJECT_ROOT / ".dlt", consent_home() / "dlt"):
        if (folder / "secrets.toml").exists():
            return True
        try:
            found = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return True  # dlt says what is wrong with it
        if not found.keys() <= _OF_THE_LOAD:
            return True
    return False
