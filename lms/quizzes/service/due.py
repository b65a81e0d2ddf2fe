"""Which quizzes a person may take, and which wait for her."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from lms.courses.models import Course
from lms.db import Db
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.settings import QuizSettings, load_settings
from lms.quizzes.service.taking import best
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class OwnQuiz:
    """A quiz as it stands for one person: `left` attempts (None: no limit), the open attempt, the one that counts.

    `is_due`: it waits for her now. A pre-test does from the first day; a post-test once her pre-test is done and no
    session of the batch is still to come; a practice never, it may be taken when she likes.
    """

    quiz_id: int
    batch_id: int
    purpose: Purpose
    settings: QuizSettings
    course: Course
    left: int | None
    open_attempt: Attempt | None
    counted: Attempt | None
    is_due: bool

    @property
    def can_start(self) -> bool:
        return self.open_attempt is not None or self.left != 0


def due(db: Db, person_id: int, at: datetime) -> list[OwnQuiz]:
    """Return the tests that wait for this person, those already begun first, then pre-tests."""
    waiting = [one for one in own_quizzes(db, person_id, at) if one.is_due]
    return sorted(waiting, key=lambda one: (one.open_attempt is None, one.purpose is not Purpose.PRE, one.quiz_id))


def own_quizzes(db: Db, person_id: int, at: datetime) -> list[OwnQuiz]:
    """Return every quiz of the courses this person is now taught, with how it stands; three statements."""
    still_to_come = (
        select(LiveSession.id)
        .where(
            LiveSession.batch_id == Batch.id,
            LiveSession.status == "scheduled",
            LiveSession.ends_at > at,
            or_(LiveSession.course_id.is_(None), LiveSession.course_id == Quiz.course_id),
        )
        .exists()
    )
    rows = db.execute(
        select(Quiz, QuizVersion.settings, Course, Batch.id, still_to_come)
        .join(QuizVersion, and_(QuizVersion.quiz_id == Quiz.id, QuizVersion.number == Quiz.version))
        .join(Course, Course.id == Quiz.course_id)
        .join(ProgrammeCourse, ProgrammeCourse.course_id == Quiz.course_id)
        .join(Batch, Batch.programme_id == ProgrammeCourse.programme_id)
        .join(Enrolment, Enrolment.batch_id == Batch.id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.role == "trainee",
            Enrolment.starts_at <= at,
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
            Batch.archived_at.is_(None),
            Quiz.archived_at.is_(None),
        )
        .order_by(ProgrammeCourse.position, Course.id, Enrolment.starts_at.desc(), Enrolment.id.desc(), Quiz.id)
    ).all()
    attempts = _attempts(db, person_id)
    found: dict[int, OwnQuiz] = {}
    # Courses whose pre-test she has not done: their post-test does not wait for her yet.
    first_pre = {
        quiz.course_id
        for quiz, _, _, batch_id, _ in rows
        if quiz.purpose == Purpose.PRE and best(attempts[quiz.id, batch_id]) is None
    }
    for quiz, settings, course, batch_id, has_more in rows:
        # Somebody in two batches with one course takes it in the later one, as `taking.batch_of` says.
        if quiz.id in found:
            continue
        is_post_time = quiz.purpose == Purpose.POST and not has_more and quiz.course_id not in first_pre
        is_next = quiz.purpose == Purpose.PRE or is_post_time
        own = attempts[quiz.id, batch_id]
        found[quiz.id] = _stand(quiz, load_settings(settings), course, batch_id, own, is_next)
    courses = list(dict.fromkeys(one.course.id for one in found.values()))
    order = [Purpose.PRE, Purpose.PRACTICE, Purpose.POST]
    return sorted(found.values(), key=lambda one: (courses.index(one.course.id), order.index(one.purpose)))


def _stand(
    quiz: Quiz, settings: QuizSettings, course: Course, batch_id: int, attempts: Sequence[Attempt], is_next: bool
) -> OwnQuiz:
    counted = best(attempts)
    open_attempt = next((one for one in attempts if one.submitted_at is None), None)
    left = settings.attempts_left(len(attempts))
    # A test not passed waits on while there is an attempt left; one without a pass mark is done when it is done.
    is_open = counted is None or (counted.passed is False and left != 0)
    is_due = open_attempt is not None or (is_next and is_open)
    purpose = Purpose(quiz.purpose)
    return OwnQuiz(quiz.id, batch_id, purpose, settings, course, left, open_attempt, counted, is_due)


def _attempts(db: Db, person_id: int) -> dict[tuple[int, int], list[Attempt]]:
    found: dict[Any, list[Attempt]] = defaultdict(list)
    for attempt in db.scalars(select(Attempt).where(Attempt.person_id == person_id).order_by(Attempt.number)):
        found[attempt.quiz_id, attempt.batch_id].append(attempt)
    return found
