"""From rows that name somebody, a coming and a going to stays, with a problem for each row that cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lms.attendance.callfiles.moments import choose_order, read_length, read_written
from lms.attendance.callfiles.rows import Stay
from lms.kernel.errors import Problem

# Nobody sits in one call for longer; a row that says so has a wrong date.
LONGEST_STAY = timedelta(hours=24)
# The provider's own length and its two moments may differ by so much for rounding.
_ROUNDED = timedelta(seconds=60)


@dataclass(frozen=True)
class Draft:
    """One row of the file as written. `length` is given where coming and going are only the first and the last."""

    line: int
    name: str
    email: str
    came: str
    went: str
    length: str | None = None


def problem(line: int, code: str, /, **params: Any) -> Problem:
    """Return a problem about one line of the file."""
    return Problem.of(code, where=str(line), **params)


def read_stays(drafts: Sequence[Draft], near: date) -> tuple[tuple[Stay, ...], tuple[Problem, ...]]:
    """Return the stays and what is wrong with the other rows. The order of the dates' numbers is found from all
    of them, with the session's day to decide between two that are possible."""
    written = [(read_written(draft.came), read_written(draft.went)) for draft in drafts]
    order = choose_order([moment for pair in written for moment in pair if moment is not None], near)
    stays: list[Stay] = []
    problems: list[Problem] = []
    for draft, (came, went) in zip(drafts, written, strict=True):
        start = came.moment(order) if came is not None else None
        end = went.moment(order) if went is not None else None
        if not draft.name and not draft.email:
            problems.append(problem(draft.line, "call_row_nobody"))
        elif start is None or end is None:
            text = draft.came if start is None else draft.went
            problems.append(problem(draft.line, "call_row_time_unreadable", text=text[:40] or "–"))
        elif end < start:
            problems.append(problem(draft.line, "call_row_ends_before_start"))
        elif end - start > LONGEST_STAY:
            problems.append(problem(draft.line, "call_row_too_long"))
        else:
            found = _stay(draft, start, end)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                stays.append(found)
    return tuple(stays), tuple(problems)


def _stay(draft: Draft, start: datetime, end: datetime) -> Stay | Problem:
    """Return the stay. Where only the first and the last moment are known, never more than the length counted."""
    is_estimated = False
    if draft.length is not None:
        length = read_length(draft.length)
        if length is None:
            return problem(draft.line, "call_row_not_understood", text=draft.length[:40] or "–")
        is_estimated = end - start > length + _ROUNDED
        end = min(end, start + length) if is_estimated else end
    return Stay(draft.line, draft.name, draft.email.lower(), start, end, is_estimated)
