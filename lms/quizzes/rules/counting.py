"""Which of a person's attempts counts, and what it comes to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Protocol

from lms.quizzes.rules.settings import Counting


class Tried(Protocol):
    """An attempt, as far as counting goes."""

    id: int
    number: int
    percent: float | None
    passed: bool | None
    earned: float | None
    possible: float | None
    ungraded: int
    started_at: datetime
    submitted_at: datetime | None
    submitted_by: str | None


@dataclass(frozen=True)
class Counted:
    """What counts for a person: one attempt's result, or with averages that of all, told beside the last one's data."""

    id: int
    number: int
    percent: float
    passed: bool | None
    earned: float
    possible: float
    ungraded: int
    started_at: datetime
    submitted_at: datetime
    submitted_by: str


def what_counts(attempts: Iterable[Tried], counting: Counting, pass_mark: Decimal | None) -> Counted | None:
    """Return what counts of these attempts, None where none is submitted; of equally good ones the earlier."""
    submitted = [one for one in attempts if one.percent is not None and one.submitted_at is not None]
    if not submitted:
        return None
    match counting:
        case Counting.BEST:
            return _of(max(submitted, key=_share))
        case Counting.LAST:
            return _of(submitted[-1])
    last = _of(submitted[-1])
    share = sum((Fraction(str(_share(one))) for one in submitted), Fraction(0)) / len(submitted)
    ungraded = sum(one.ungraded for one in submitted)
    is_open = pass_mark is None or ungraded > 0
    passed = None if is_open else share * 100 >= Fraction(pass_mark or 0)
    percent = floor(share * 1000 + Fraction(1, 10**9)) / 10
    earned = float(share) * last.possible
    return Counted(**{**vars(last), "percent": percent, "passed": passed, "earned": earned, "ungraded": ungraded})


def _share(one: Tried) -> float:
    return (one.earned or 0.0) / (one.possible or 1.0)


def _of(one: Tried) -> Counted:
    return Counted(
        id=one.id,
        number=one.number,
        percent=one.percent or 0.0,
        passed=one.passed,
        earned=one.earned or 0.0,
        possible=one.possible or 0.0,
        ungraded=one.ungraded,
        started_at=one.started_at,
        submitted_at=one.submitted_at or one.started_at,
        submitted_by=one.submitted_by or "",
    )
