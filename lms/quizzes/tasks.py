"""The quizzes' own job: handing in what was saved when the time is over, though the client is gone."""

from datetime import datetime

from lms.db import reading, writing
from lms.outbox.jobs import every
from lms.quizzes.service import submitting


@every(30, name="submit_overdue_attempts")
def submit_overdue_attempts(at: datetime) -> int:
    """Submit attempts whose time is over; return how many. Only opens a writer when there is something to do."""
    with reading() as db:
        if not submitting.any_overdue(db, at=at):
            return 0
    with writing() as db:
        return submitting.submit_overdue(db, at=at)
