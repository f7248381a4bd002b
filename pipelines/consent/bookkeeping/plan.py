"""What a run has to do: the files found, compared with the ledger.

A file with a known size, mtime, ctime and version (a store's etag) is not opened. Otherwise, if its
path is known with this size, it is hashed; a known content is not parsed. Other files are hashed
while they are parsed. A time stamp alone never decides that a file is skipped: a checkout or an
unzip sets it to anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.consent.bookkeeping.ledger import LEFT_OUT, Known, Ledger
from pipelines.consent.discovery.file_kind import recognise
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import SourceFile, content_hash
from pipelines.consent.errors import FileRefusedError


@dataclass
class Plan:
    """The files of a run, each in one list.

    `rejected_before` are those of the `unchanged` ones of which no row could be loaded.
    Two lists are of files that are missing. `vanished`: their rows remain. `lost`: their rows went
    with a dropped table, so the files must be delivered again.
    """

    to_load: list[SourceFile] = field(default_factory=list)
    unchanged: list[FoundFile] = field(default_factory=list)
    rejected_before: list[FoundFile] = field(default_factory=list)
    left_out: list[FoundFile] = field(default_factory=list)
    left_out_now: list[SourceFile] = field(default_factory=list)
    refused_now: list[SourceFile] = field(default_factory=list)
    refused_before: list[tuple[FoundFile, str]] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def keep(self, found: FoundFile, known: Known) -> None:
        """Leaves a file as the ledger has it: loaded or refused."""
        if known.outcome == "refused":
            self.refused_before.append((found, known.reason or ""))
        else:
            self.unchanged.append(found)
            if known.is_rejected_whole:
                self.rejected_before.append(found)


def make_plan(
    files: list[FoundFile], ledger: Ledger, progress: Callable[[FoundFile], None]
) -> Plan:
    """Sorts the files of a delivery by what has to be done with them.

    Args:
        progress: is called with each file before it is opened.
    """
    known = ledger.known()
    plan = Plan()
    for path, outcome in ledger.note_vanished({found.path for found in files}).items():
        if outcome != LEFT_OUT:
            (plan.lost if outcome == "interrupted" else plan.vanished).append(path)
    for found in files:
        before = known.get(found.path)
        if found.left_out is not None:
            plan.left_out.append(found)
            if before is None or (before.outcome, before.reason) != (LEFT_OUT, found.left_out):
                plan.left_out_now.append(SourceFile(found, None, time.time_ns()))
        elif found.refusal is None and before is not None and before.is_settled(found):
            plan.keep(found, before)
        else:
            progress(found)
            _add_opened(plan, ledger, found, before)
    return plan


def _add_opened(plan: Plan, ledger: Ledger, found: FoundFile, before: Known | None) -> None:
    """Adds a file whose stamp is new, by its content."""
    # A refused file may have no time stamp, nor has an object of some servers.
    seen_ns = found.mtime_ns if found.refusal is None and found.is_dated else time.time_ns()
    file = SourceFile(
        found, None, before.first_mtime_ns if before else seen_ns, refusal=found.refusal
    )
    try:
        if file.refusal is None and before is not None and before.stamp[0] == found.size:
            file.content_hash = content_hash(found)
        if file.refusal is None and not (before and before.is_done_with(file.content_hash)):
            file.kind = recognise(found)
    except OSError as error:
        file.refuse_for_now(f"cannot be read ({error.strerror})")
    except FileRefusedError as error:
        _refuse(file, error)
    if file.refusal is not None:
        if before is None or not before.is_refused_like(file):
            plan.refused_now.append(file)
        else:
            plan.keep(found, before)
    elif before is not None and before.is_done_with(file.content_hash):
        ledger.touch(found)
        plan.keep(found, before)
    else:
        plan.to_load.append(file)


def _refuse(file: SourceFile, error: FileRefusedError) -> None:
    """Refuses a file for what it is; its hash tells the next run that it is the same content."""
    try:
        file.content_hash = file.content_hash or content_hash(file.found)
    except OSError:
        error.for_now = True
    file.refuse(error)
