"""Closing an attempt: by her, or by us when the time is over though her browser is gone; scored exactly once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, Attempt, QuestionVersion, QuizItem
from lms.quizzes.rules.deadlines import ARRIVAL_GRACE, deadline, is_late
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import outages
from lms.quizzes.service.scoring import read_scored

SWEPT_AT_ONCE = 200


def ends_at(db: Db, attempt: Attempt, *, at: datetime) -> datetime | None:
    """Return when the attempt's time is over, what our outages took included; None is never."""
    if attempt.ends_at is None:
        return None
    known = outages.between(db, attempt.started_at, at)
    return deadline(attempt.started_at, attempt.ends_at - attempt.started_at, outages=known)


def submit(db: Db, attempt: Attempt, *, at: datetime) -> Attempt:
    """Score what is saved and close the attempt; submitting again changes nothing."""
    if attempt.submitted_at is None and not submit_if_over(db, attempt, at=at):
        close(db, attempt, submitted_at=at, submitted_by="person")
    return attempt


def submit_if_over(db: Db, attempt: Attempt, *, at: datetime) -> bool:
    """Submit for her what is saved if the time is over; return whether this call did."""
    # What outages give back only moves the end later, so they are asked for only when it has come.
    if attempt.submitted_at is not None or not is_late(at, attempt.ends_at):
        return False
    end = ends_at(db, attempt, at=at)
    if end is None or not is_late(at, end):
        return False
    close(db, attempt, submitted_at=end, submitted_by="time")
    return True


def submit_overdue(db: Db, *, at: datetime, quiz_id: int | None = None) -> int:
    """Submit open attempts whose time is over, though their browsers are gone; return how many.

    Runs in several processes at once: each takes rows that no other holds.
    """
    statement = (
        select(Attempt)
        .where(Attempt.submitted_at.is_(None), Attempt.ends_at < at - ARRIVAL_GRACE)
        .order_by(Attempt.ends_at)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    if quiz_id is not None:
        statement = statement.where(Attempt.quiz_id == quiz_id)
    return sum(submit_if_over(db, attempt, at=at) for attempt in db.scalars(statement).all())


def any_overdue(db: Db, *, at: datetime, quiz_id: int | None = None) -> bool:
    """Return whether an open attempt (of this quiz) has come to its end, outages left out of account."""
    waiting = select(Attempt.id).where(Attempt.submitted_at.is_(None), Attempt.ends_at < at - ARRIVAL_GRACE)
    if quiz_id is not None:
        waiting = waiting.where(Attempt.quiz_id == quiz_id)
    return db.scalar(waiting.limit(1)) is not None


def close(db: Db, attempt: Attempt, *, submitted_at: datetime, submitted_by: str) -> None:
    """Score the attempt as it stands and mark it submitted; also used to score it again."""
    answered = set(db.scalars(select(Answer.item_id).where(Answer.attempt_id == attempt.id)))
    # Unanswered is a result too: every question of a submitted attempt has its row.
    db.add_all(
        Answer(attempt_id=attempt.id, item_id=item_id, seq=0, saved_at=submitted_at)
        for item_id in item_ids(db, attempt)
        if item_id not in answered
    )
    db.flush()
    (scored,) = read_scored(db, [attempt])
    scored.store()
    attempt.submitted_at, attempt.submitted_by = submitted_at, submitted_by
    db.flush()


def item_ids(db: Db, attempt: Attempt) -> Sequence[int]:
    """Return the items this attempt asks."""
    if attempt.drawn is not None:
        return attempt.drawn
    return db.scalars(select(QuizItem.id).where(QuizItem.quiz_version_id == attempt.version_id)).all()


def questions_of(db: Db, version_id: int) -> Sequence[tuple[int, AnyQuestion]]:
    """Return item ids and questions of a version in their written order."""
    rows = db.execute(
        select(QuizItem.id, QuestionVersion.content)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .where(QuizItem.quiz_version_id == version_id)
        .order_by(QuizItem.position)
    )
    return [(item_id, load_question(content)) for item_id, content in rows]
