"""How many lesson hours somebody taught, by evidence."""

from lms.attendance.rules.judgement import Judgement, Status
from lms.sessions.rules import LESSON_HOUR


def hours_taught(verdict: Judgement, worth: float) -> float:
    """Return the lesson hours (JP) a session gives its instructor: all of them to who was there for the minimum,
    else the whole hours she was there."""
    if verdict.status is Status.ATTENDED:
        return worth
    return min(worth, float(verdict.attended // LESSON_HOUR))
