"""An instructor's part: the sessions of this week, drafts not published, and quiz results to look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from lms.courses.models import Course, Module, ModuleDraft, Revision
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.quizzes.models import Attempt, LateAnswer, Quiz, QuizVersion
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.settings import QuizSettings, load_settings
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.service.listing import SessionCard, between, cards

WEEK = timedelta(days=7)
SHOWN = 6


@dataclass(frozen=True)
class Draft:
    """A module text somebody began and has not published; `is_new`: nothing of it is published yet."""

    course: Course
    key: str
    language: str
    title: str
    saved_at: datetime
    is_new: bool


@dataclass(frozen=True)
class Results:
    """How a quiz goes in one batch: how many have submitted, and how many late answers wait to be decided about."""

    quiz_id: int
    purpose: Purpose
    settings: QuizSettings
    batch_id: int
    batch: str
    submitted: int
    late: int
    latest_at: datetime


@dataclass(frozen=True)
class Teaching:
    """What an instructor's part shows."""

    week: tuple[SessionCard, ...]
    drafts: tuple[Draft, ...]
    results: tuple[Results, ...]

    @property
    def waiting(self) -> int:
        return len(self.drafts) + sum(one.late for one in self.results)


def read_teaching(
    db: Db, person_id: int, *, drafts: ColumnElement[bool], results: ColumnElement[bool], at: datetime
) -> Teaching:
    """Return an instructor's part. Four statements.

    `drafts` is a condition on Course (may edit it), `results` one on Attempt (may read its result).
    """
    return Teaching(
        week=tuple(_week(db, person_id, at)),
        drafts=tuple(_drafts(db, drafts)),
        results=tuple(_results(db, results)),
    )


def _week(db: Db, person_id: int, at: datetime) -> list[SessionCard]:
    teaches = select(SessionInstructor.session_id).where(SessionInstructor.person_id == person_id)
    return cards(db, between(Interval(at, at + WEEK)).where(LiveSession.id.in_(teaches)), at=at)


def _drafts(db: Db, may_edit: ColumnElement[bool]) -> list[Draft]:
    published = (
        select(Revision.id)
        .where(
            Revision.module_id == ModuleDraft.module_id,
            Revision.language == ModuleDraft.language,
            Revision.is_current.is_(True),
        )
        .exists()
    )
    rows = db.execute(
        select(Course, Module.key, ModuleDraft.language, ModuleDraft.title, ModuleDraft.saved_at, published)
        .join(Module, Module.id == ModuleDraft.module_id)
        .join(Course, Course.id == Module.course_id)
        .where(may_edit, Module.archived_at.is_(None), Course.archived_at.is_(None))
        .order_by(ModuleDraft.saved_at.desc(), ModuleDraft.id.desc())
        .limit(SHOWN)
    )
    return [
        Draft(course, key, language, title, saved_at, not is_published)
        for course, key, language, title, saved_at, is_published in rows
    ]


def _results(db: Db, may_read: ColumnElement[bool]) -> list[Results]:
    waiting = (
        select(func.count(LateAnswer.id))
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .where(Attempt.quiz_id == Quiz.id, Attempt.batch_id == Batch.id, LateAnswer.decision.is_(None))
        .scalar_subquery()
    )
    latest = func.max(Attempt.submitted_at)
    rows = db.execute(
        select(
            Quiz.id,
            Quiz.purpose,
            QuizVersion.settings,
            Batch.id.label("batch_id"),
            Batch.name.label("batch"),
            func.count(Attempt.person_id.distinct()).label("submitted"),
            waiting.label("late"),
            latest.label("latest_at"),
        )
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .join(QuizVersion, and_(QuizVersion.quiz_id == Quiz.id, QuizVersion.number == Quiz.version))
        .join(Batch, Batch.id == Attempt.batch_id)
        .where(may_read, Attempt.submitted_at.is_not(None), Batch.archived_at.is_(None))
        .group_by(Quiz.id, Quiz.purpose, QuizVersion.id, Batch.id, Batch.name)
        .order_by(latest.desc())
        .limit(SHOWN)
    )
    return [
        Results(
            quiz_id=row.id,
            purpose=Purpose(row.purpose),
            settings=load_settings(row.settings),
            batch_id=row.batch_id,
            batch=row.batch,
            submitted=row.submitted,
            late=row.late,
            latest_at=row.latest_at,
        )
        for row in rows
    ]
