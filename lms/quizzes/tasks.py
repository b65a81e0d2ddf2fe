"""Jobs of quizzes: submitting attempts whose time is over while nobody looks."""

from datetime import datetime

from lms.db import reading, writing
from lms.outbox.jobs import every
from lms.quizzes.service import submitting


@every(10)
def submit_overdue(at: datetime) -> None:
    """Submit what is saved of attempts whose time is over; a round without any only reads."""
    with reading() as db:
        if not submitting.any_overdue(db, at=at):
            return
    # One full round at a time, so that a whole class ending together does not hold the database.
    full = submitting.SWEPT_AT_ONCE
    while full == submitting.SWEPT_AT_ONCE:
        with writing() as db:
            full = submitting.submit_overdue(db, at=at)
