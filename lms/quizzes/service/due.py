"""Which quizzes a person may take, and which wait for her."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from lms.courses.models import Course
from lms.db import Db, built_once
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.quizzes.models import Attempt, ExtraTime, Quiz, QuizSetting, QuizVersion
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.settings import QuizSettings, WindowState, window_state
from lms.quizzes.service.setting import settings_by_batch, settings_for
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class OwnQuiz:
    """A quiz as it stands for one person: `left` attempts (None: no limit), the open attempt, the one that counts.

    `is_due`: it is open and waits for her now. A pre-test does from the first day; a post-test once her pre-test is
    done and no session of the batch is still to come; a practice never, it may be taken when she likes.
    """

    quiz_id: int
    batch_id: int
    purpose: Purpose
    settings: QuizSettings
    course: Course
    left: int | None
    open_attempt: Attempt | None
    counted: Counted | None
    is_due: bool
    window: WindowState = WindowState.OPEN
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def can_start(self) -> bool:
        return self.open_attempt is not None or (self.left != 0 and self.window is WindowState.OPEN)


def due(db: Db, person_id: int, at: datetime) -> list[OwnQuiz]:
    """Return the tests that wait for this person, those already begun first, then pre-tests."""
    waiting = [one for one in own_quizzes(db, person_id, at) if one.is_due]
    return sorted(waiting, key=lambda one: (one.open_attempt is None, one.purpose is not Purpose.PRE, one.quiz_id))


def own_quizzes(db: Db, person_id: int, at: datetime) -> list[OwnQuiz]:
    """Return every quiz of the courses this person is now taught, with how it stands; five statements."""
    rows = db.execute(*_taught(person_id, at)).all()
    attempts, set_by = _attempts(db, person_id), settings_by_batch(db, {quiz.id for quiz, *_ in rows})
    extra = _extra_attempts(db, person_id)
    found: dict[int, OwnQuiz] = {}
    # Courses whose pre-test she has not done: their post-test does not wait for her yet.
    first_pre = {
        quiz.course_id
        for quiz, _, _, batch_id, _ in rows
        if quiz.purpose == Purpose.PRE and all(one.submitted_at is None for one in attempts[quiz.id, batch_id])
    }
    for quiz, settings, course, batch_id, has_more in rows:
        # Somebody in two batches with one course takes it in the later one, as `starting.batch_of` says.
        if quiz.id in found:
            continue
        is_post_time = quiz.purpose == Purpose.POST and not has_more and quiz.course_id not in first_pre
        is_next = quiz.purpose == Purpose.PRE or is_post_time
        key = (quiz.id, batch_id)
        setting = set_by.get(key)
        asked = _Asked(quiz, settings_for(settings, setting), course, batch_id, setting, extra.get(key, 0))
        found[quiz.id] = _stand(asked, attempts[key], is_next, at)
    courses = list(dict.fromkeys(one.course.id for one in found.values()))
    order = [Purpose.PRE, Purpose.PRACTICE, Purpose.POST]
    return sorted(found.values(), key=lambda one: (courses.index(one.course.id), order.index(one.purpose)))


@built_once
def _taught(person_id: Any, at: Any) -> Any:
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
    return (
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
    )


@dataclass(frozen=True)
class _Asked:
    quiz: Quiz
    settings: QuizSettings
    course: Course
    batch_id: int
    setting: QuizSetting | None
    extra_attempts: int


def _stand(asked: _Asked, attempts: Sequence[Attempt], is_next: bool, at: datetime) -> OwnQuiz:
    settings, setting = asked.settings, asked.setting
    opens_at, closes_at = (setting.opens_at, setting.closes_at) if setting else (None, None)
    counted = what_counts(attempts, settings.counts, settings.pass_mark)
    open_attempt = next((one for one in attempts if one.submitted_at is None), None)
    left = settings.attempts_left(len(attempts), asked.extra_attempts)
    window = window_state(opens_at, closes_at, at)
    # A test not passed waits on while there is an attempt left; one without a pass mark is done when it is done.
    is_open = window is WindowState.OPEN and (counted is None or (counted.passed is False and left != 0))
    return OwnQuiz(
        quiz_id=asked.quiz.id,
        batch_id=asked.batch_id,
        purpose=Purpose(asked.quiz.purpose),
        settings=settings.seen_at(closes_at, at),
        course=asked.course,
        left=left,
        open_attempt=open_attempt,
        counted=counted,
        is_due=open_attempt is not None or (is_next and is_open),
        window=window,
        opens_at=opens_at,
        closes_at=closes_at,
    )


def _extra_attempts(db: Db, person_id: int) -> dict[tuple[int, int], int]:
    return {(one.quiz_id, one.batch_id): one.attempts for one in db.scalars(*_extra(person_id))}


@built_once
def _extra(person_id: Any) -> Any:
    return select(ExtraTime).where(ExtraTime.person_id == person_id, ExtraTime.attempts > 0)


def _attempts(db: Db, person_id: int) -> dict[tuple[int, int], list[Attempt]]:
    found: dict[Any, list[Attempt]] = defaultdict(list)
    for attempt in db.scalars(*_tries(person_id)):
        found[attempt.quiz_id, attempt.batch_id].append(attempt)
    return found


@built_once
def _tries(person_id: Any) -> Any:
    return select(Attempt).where(Attempt.person_id == person_id).order_by(Attempt.number)
