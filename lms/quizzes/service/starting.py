"""Beginning a quiz: in which batch, whether it may be begun now, and which questions are drawn."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, Forbidden, Invalid, Problem
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.quizzes.models import Attempt, ExtraTime, Question, QuestionVersion, Quiz, QuizItem, QuizSetting, QuizVersion
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.drawing import draw
from lms.quizzes.rules.settings import QuizSettings, WindowState, end_of, window_state
from lms.quizzes.rules.texts import comparable
from lms.quizzes.service.library import current_version
from lms.quizzes.service.setting import find_setting, settings_for
from lms.quizzes.service.submitting import submit_if_over


def batch_of(db: Db, quiz: Quiz, *, by: int, at: datetime) -> int:
    """Return the batch in which this person takes the quiz: the latest she is now a trainee of.

    Raises Forbidden("quiz_not_enrolled") where there is none.
    """
    batch_id = db.scalar(
        select(Enrolment.batch_id)
        .join(Batch, Batch.id == Enrolment.batch_id)
        .join(ProgrammeCourse, ProgrammeCourse.programme_id == Batch.programme_id)
        .where(
            ProgrammeCourse.course_id == quiz.course_id,
            Enrolment.person_id == by,
            Enrolment.role == "trainee",
            Enrolment.starts_at <= at,
            or_(Enrolment.ends_at.is_(None), Enrolment.ends_at > at),
            Batch.archived_at.is_(None),
        )
        .order_by(Enrolment.starts_at.desc(), Enrolment.id.desc())
        .limit(1)
    )
    if batch_id is None:
        raise Forbidden("quiz_not_enrolled")
    return batch_id


def start(db: Db, quiz: Quiz, *, by: int, at: datetime, code: str = "") -> Attempt:
    """Return the person's open attempt, begun now if there was none; calling again gives the same one.

    Raises Conflict where the quiz is archived, not open now, or no attempt is left; Invalid for a wrong code.
    """
    batch_id = batch_of(db, quiz, by=by, at=at)
    attempt = _open_attempt(db, quiz, batch_id, by)
    if attempt is not None and not submit_if_over(db, attempt, at=at):
        return attempt
    if quiz.archived_at is not None:
        raise Conflict("quiz_archived")
    version, setting = current_version(db, quiz), find_setting(db, quiz.id, batch_id)
    settings = settings_for(version.settings, setting)
    taken = db.scalar(
        select(func.count()).where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id, Attempt.person_id == by)
    )
    extra = db.scalars(
        select(ExtraTime).where(ExtraTime.quiz_id == quiz.id, ExtraTime.batch_id == batch_id, ExtraTime.person_id == by)
    ).one_or_none()
    if settings.attempts_left(taken or 0, extra.attempts if extra else 0) == 0:
        # What was counted may be the attempt that her other tap began a moment ago.
        return _found_open(db, quiz, batch_id, by)
    if setting is not None:
        _may_begin(setting, code, at)
    if db.scalar(select(QuizItem.id).where(QuizItem.quiz_version_id == version.id).limit(1)) is None:
        # It draws from a topic of the bank in which nothing has been written yet.
        raise Conflict("quiz_left_empty", quiz=quiz.key)
    more = timedelta(minutes=extra.minutes if extra else 0)
    seed = secrets.token_hex(12)
    row = {
        "quiz_id": quiz.id,
        "version_id": version.id,
        "batch_id": batch_id,
        "person_id": by,
        "number": (taken or 0) + 1,
        "seed": seed,
        "started_at": at,
        "ends_at": end_of(at, settings.limit, more, setting.closes_at if setting else None),
        "drawn": _drawn(db, version, settings, seed),
        "reached": 1 if settings.is_forward else 0,
        "ungraded": 0,
    }
    # Two taps at once both come here: one row is refused, by its number or for being the second open one.
    insert_new(db, Attempt, row, unique=[])
    return _found_open(db, quiz, batch_id, by)


def _may_begin(setting: QuizSetting, code: str, at: datetime) -> None:
    match window_state(setting.opens_at, setting.closes_at, at):
        case WindowState.EARLY:
            raise Conflict("quiz_not_open_yet", opens_at=setting.opens_at)
        case WindowState.CLOSED:
            raise Conflict("quiz_closed", closes_at=setting.closes_at)
    if setting.code and comparable(code) != comparable(setting.code):
        raise Invalid(Problem.of("quiz_code_wrong", field="code"))


def _drawn(db: Db, version: QuizVersion, settings: QuizSettings, seed: str) -> list[int] | None:
    """Return the items an attempt with this seed asks; None where it asks all."""
    if not settings.draws:
        return None
    rows = db.execute(
        select(QuizItem.id, Question.key)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuizItem.quiz_version_id == version.id)
        .order_by(QuizItem.position)
    ).all()
    # Rows have the `key` that lots are cast by.
    return [row.id for row in draw(rows, settings.sections, seed)]


@dataclass(frozen=True)
class Standing:
    """How a person stands with a quiz: her attempts, what counts of them, how many are left (None: no limit)."""

    attempts: Sequence[Attempt]
    counted: Counted | None
    left: int | None

    @property
    def open_attempt(self) -> Attempt | None:
        return next((one for one in self.attempts if one.submitted_at is None), None)


def standing(db: Db, quiz: Quiz, batch_id: int, person_id: int, settings: QuizSettings) -> Standing:
    """Return how the person stands with the quiz in this batch, by the batch's settings."""
    attempts = attempts_of(db, quiz, batch_id, person_id)
    extra = _extra(db, quiz.id, batch_id, person_id)
    left = settings.attempts_left(len(attempts), extra.attempts if extra else 0)
    return Standing(attempts, what_counts(attempts, settings.counts, settings.pass_mark), left)


def _extra(db: Db, quiz_id: int, batch_id: int, person_id: int) -> ExtraTime | None:
    return db.scalars(
        select(ExtraTime).where(
            ExtraTime.quiz_id == quiz_id, ExtraTime.batch_id == batch_id, ExtraTime.person_id == person_id
        )
    ).one_or_none()


def attempts_of(db: Db, quiz: Quiz, batch_id: int, person_id: int) -> Sequence[Attempt]:
    """Return the person's attempts in the batch, first to last."""
    return db.scalars(
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id, Attempt.person_id == person_id)
        .order_by(Attempt.number)
    ).all()


def _open_attempt(db: Db, quiz: Quiz, batch_id: int, person_id: int) -> Attempt | None:
    return db.scalars(
        select(Attempt)
        .where(
            Attempt.quiz_id == quiz.id,
            Attempt.batch_id == batch_id,
            Attempt.person_id == person_id,
            Attempt.submitted_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()


def _found_open(db: Db, quiz: Quiz, batch_id: int, person_id: int) -> Attempt:
    attempt = _open_attempt(db, quiz, batch_id, person_id)
    if attempt is None:
        raise Conflict("quiz_no_attempt_left")
    return attempt
