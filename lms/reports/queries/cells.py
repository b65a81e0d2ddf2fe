"""What a mark says in a report: its cell, and how sure it is."""

from datetime import datetime
from typing import Any

from lms.attendance.models import Mark
from lms.attendance.rules.judgement import Excuse, Status
from lms.reports.rules import Cell

MARK_COLUMNS = (Mark.status, Mark.excuse, Mark.late, Mark.left_early, Mark.attended_seconds, Mark.counted_seconds)

# Looked up half a million times for one file; calling the enum takes ten times as long.
_STATUSES = {status.value: status for status in Status}
_EXCUSES: dict[str | None, Excuse | None] = {excuse.value: excuse for excuse in Excuse} | {None: None}


def cell_of(row: Any) -> Cell:
    """Return the cell of a mark, or of a row of `MARK_COLUMNS` (all null: expected, not judged)."""
    if row.status is None:
        return Cell()
    return Cell(
        status=_STATUSES[row.status],
        excuse=_EXCUSES[row.excuse],
        late=row.late,
        left_early=row.left_early,
        attended=row.attended_seconds,
        counted=row.counted_seconds,
    )


def state_of(is_signed: bool, has_marks: bool, starts_at: datetime, ends_at: datetime, at: datetime) -> str:
    """Return how sure what is shown is: final, provisional, closing (over, no marks yet), running or planned."""
    if is_signed:
        return "final"
    if has_marks:
        return "provisional"
    if ends_at <= at:
        return "closing"
    return "running" if starts_at <= at else "planned"
