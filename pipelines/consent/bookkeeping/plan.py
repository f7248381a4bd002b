"""What a run has to do: the files found, held against the ledger.

A file whose size, mtime and ctime are the known ones is not opened. Otherwise, where the path is
known, it is hashed; a known hash is not parsed. A path that is new is hashed while it is parsed. A
time stamp alone never decides that a file is skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.consent.bookkeeping.ledger import Known, Ledger
from pipelines.consent.discovery.input_folder import FoundFile
from pipelines.consent.discovery.source_file import Delivery
from pipelines.consent.reading.integrity import content_hash


@dataclass
class Plan:
    """The files of a run, each in one list.

    `vanished` and `lost` are not there: of those, the rows stay; of these, they went with a table
    that was dropped, so that the file is needed again.
    """

    to_load: list[Delivery] = field(default_factory=list)
    unchanged: list[FoundFile] = field(default_factory=list)
    refused_now: list[Delivery] = field(default_factory=list)
    refused_before: list[tuple[FoundFile, str]] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def make_plan(
    files: list[FoundFile], ledger: Ledger, progress: Callable[[FoundFile], None]
) -> Plan:
    """Sorts the files of a delivery by what has to be done with them.

    Args:
        progress: told of each file before it is opened.
    """
    known = ledger.known()
    plan = Plan()
    for path, outcome in ledger.note_vanished({file.path for file in files}).items():
        (plan.lost if outcome == "interrupted" else plan.vanished).append(path)
    for file in files:
        before = known.get(file.path)
        if file.refusal is None and before is not None and before.is_settled(file.stamp):
            _keep(plan, file, before)
            continue
        progress(file)
        _open(plan, ledger, file, before)
    return plan


def _keep(plan: Plan, file: FoundFile, before: Known) -> None:
    if before.outcome == "refused":
        plan.refused_before.append((file, before.reason or ""))
    else:
        plan.unchanged.append(file)


def _open(plan: Plan, ledger: Ledger, file: FoundFile, before: Known | None) -> None:
    seen = file.mtime_ns if file.refusal is None else time.time_ns()
    first_mtime_ns = before.first_mtime_ns if before else seen
    delivery = Delivery(file, None, first_mtime_ns, refusal=file.refusal)
    if delivery.refusal is None and before is not None:
        _hash(delivery)
    if delivery.refusal is not None:
        if before is None or not before.is_refused_like(delivery):
            plan.refused_now.append(delivery)
        else:
            _keep(plan, file, before)
    elif before is not None and before.is_done_with(delivery.content_hash):
        ledger.touch(file)
        _keep(plan, file, before)
    else:
        plan.to_load.append(delivery)


def _hash(delivery: Delivery) -> None:
    try:
        delivery.content_hash = content_hash(delivery.file.absolute)
    except OSError as error:
        delivery.refuse_for_now(f"cannot be read ({error.strerror})")
