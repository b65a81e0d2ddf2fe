"""What the instructor may grant: an answer that came too late, and more time for one person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.programmes.models import Enrolment
from lms.quizzes.models import Answer, Attempt, ExtraTime, LateAnswer, Quiz
from lms.quizzes.service.submitting import close

MOST_MINUTES = 1440


def late_answers(db: Db, attempt: Attempt) -> Sequence[LateAnswer]:
    """Return what arrived late for the attempt, first to last."""
    return db.scalars(
        select(LateAnswer).where(LateAnswer.attempt_id == attempt.id).order_by(LateAnswer.arrived_at, LateAnswer.id)
    ).all()


def accept_late(db: Db, attempt: Attempt, late_id: int, *, by: int, at: datetime) -> Attempt:
    """Put a late answer in the place of what was saved and score the attempt again; twice is once.

    What stood there is kept with the decision. Raises Conflict where it was declined or the attempt is still open.
    """
    late = _undecided(db, attempt, late_id, wanted="accepted")
    if late is None:
        return attempt
    answer = db.get(Answer, (attempt.id, late.item_id))
    if answer is None:
        answer = Answer(attempt_id=attempt.id, item_id=late.item_id, seq=0, saved_at=at)
        db.add(answer)
    late.replaced = {"response": answer.response, "earned": answer.earned, "percent": attempt.percent}
    answer.response, answer.seq, answer.device = late.response, max(answer.seq, late.seq) + 1, "late"
    answer.saved_at = late.arrived_at
    db.flush()
    close(db, attempt, submitted_at=attempt.submitted_at or at, submitted_by=attempt.submitted_by or "time")
    _decide(db, late, "accepted", by=by, at=at)
    return attempt


def decline_late(db: Db, attempt: Attempt, late_id: int, *, by: int, at: datetime) -> Attempt:
    """Leave the attempt as it was scored; the late answer stays on record. Twice is once."""
    late = _undecided(db, attempt, late_id, wanted="declined")
    if late is not None:
        _decide(db, late, "declined", by=by, at=at)
    return attempt


def give_extra_time(
    db: Db,
    quiz: Quiz,
    batch_id: int,
    person_id: int,
    minutes: int,
    reason: str,
    *,
    by: int,
    at: datetime,
    attempts: int = 0,
) -> ExtraTime:
    """Let one person take longer or try again; an attempt under way gets it at once. New numbers replace old ones.

    Raises Invalid for minutes out of 0 to 1440 or nothing given at all, NotFound where the person is no trainee of
    the batch.
    """
    if not 0 <= minutes <= MOST_MINUTES or minutes + attempts == 0:
        raise Invalid(Problem.of("quiz_extra_range", field="minutes", most=MOST_MINUTES))
    enrolled = select(Enrolment.id).where(
        Enrolment.batch_id == batch_id, Enrolment.person_id == person_id, Enrolment.role == "trainee"
    )
    if db.scalar(enrolled.limit(1)) is None:
        raise NotFound()
    extra = db.scalars(
        select(ExtraTime).where(
            ExtraTime.quiz_id == quiz.id, ExtraTime.batch_id == batch_id, ExtraTime.person_id == person_id
        )
    ).one_or_none()
    before, attempts_before = (extra.minutes, extra.attempts) if extra else (0, 0)
    if extra is None:
        extra = ExtraTime(quiz_id=quiz.id, batch_id=batch_id, person_id=person_id)
        db.add(extra)
    extra.minutes, extra.attempts, extra.reason, extra.given_by, extra.given_at = minutes, attempts, reason, by, at
    attempt = db.scalars(
        select(Attempt)
        .where(
            Attempt.quiz_id == quiz.id,
            Attempt.batch_id == batch_id,
            Attempt.person_id == person_id,
            Attempt.submitted_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if attempt is not None and attempt.ends_at is not None:
        attempt.ends_at += timedelta(minutes=minutes - before)
    record_act(
        db, "quiz:extra_time", "quiz", quiz.id, by=by, at=at, note=reason,
        person_id=person_id, batch_id=batch_id, minutes=minutes, before=before,
        attempts=attempts, attempts_before=attempts_before,
    )  # fmt: skip
    db.flush()
    return extra


def _undecided(db: Db, attempt: Attempt, late_id: int, *, wanted: str) -> LateAnswer | None:
    """Return the late answer if it still waits, None where it was already decided as wanted."""
    late = db.scalars(
        select(LateAnswer).where(LateAnswer.id == late_id, LateAnswer.attempt_id == attempt.id).with_for_update()
    ).one_or_none()
    if late is None:
        raise NotFound()
    if late.decision == wanted:
        return None
    if late.decision is not None or attempt.submitted_at is None:
        raise Conflict("quiz_late_decided" if late.decision else "quiz_still_open")
    return late


def _decide(db: Db, late: LateAnswer, decision: str, *, by: int, at: datetime) -> None:
    late.decision, late.decided_by, late.decided_at = decision, by, at
    record_act(
        db, f"quiz:late_{decision}", "attempt", late.attempt_id, by=by, at=at, late=late.id, replaced=late.replaced
    )
    db.flush()
