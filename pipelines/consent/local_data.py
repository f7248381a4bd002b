"""What a run leaves under CONSENT_HOME: no rows of a delivery, and nothing that others can read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dlt

from database.home import consent_home, keep_private


@contextmanager
def private_files() -> Iterator[None]:
    """Closes the home to others, and every file that is written meanwhile, by dlt too."""
    keep_private(consent_home())
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def remove_loaded_packages(pipeline: dlt.Pipeline) -> None:
    """Deletes the finished packages of this run and of earlier ones; dlt keeps them for ever.

    Refused: dlt's setting `delete_completed_jobs`. It spares the jobs of failed packages and
    everything that was finished before it was set, and a user's own configuration can change it.
    """
    for package in (Path(pipeline.working_dir) / "load" / "loaded").glob("*"):
        shutil.rmtree(package)


def remove_trace(pipeline: dlt.Pipeline) -> None:
    """Deletes dlt's record of the last step: after an error, it quotes the database's message.

    That message may contain values of a row.
    """
    (Path(pipeline.working_dir) / "trace.pickle").unlink(missing_ok=True)
