"""Which courses' banks whoever leads a session may draw from."""

from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.courses.models import Course
from lms.db import Db
from lms.pulses.service import asking
from lms.sessions.models import LiveSession


def banks_of(db: Db, session: LiveSession) -> list[int]:
    """Return the ids of the session's courses whose questions the asker may read with their solutions."""
    return [
        course_id
        for course_id in asking.courses_of(db, session)
        if guard.rights_on(db, Course, course_id, {Permission.QUIZ_EDIT})
    ]
