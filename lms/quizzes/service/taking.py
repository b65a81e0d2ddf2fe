"""Taking a quiz: begin and save each change; an acknowledged answer is kept, whatever comes after."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, Forbidden, Invalid, Problem
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.quizzes.models import Answer, AnswerFile, Attempt, ExtraTime, LateAnswer, QuestionVersion, Quiz, QuizItem
from lms.quizzes.rules.deadlines import deadline
from lms.quizzes.rules.order import as_tokens, from_tokens
from lms.quizzes.rules.questions import AnyQuestion, FileAnswer
from lms.quizzes.rules.responses import Response, read_response
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service.library import current_version
from lms.quizzes.service.submitting import submit_if_over


@dataclass(frozen=True)
class Saved:
    """What became of a save. `seq` is the number the server holds for this answer now.

    `status`: "saved"; "older" (a later change, perhaps of another device, is already here: `response`, `flagged` and
    `age`, seconds since it was saved, tell it); "late" (kept for the instructor, not scored).
    """

    status: str
    seq: int
    response: Any = None
    flagged: bool = False
    age: float = 0.0


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


def start(db: Db, quiz: Quiz, *, by: int, at: datetime) -> Attempt:
    """Return the person's open attempt, begun now if there was none; calling again gives the same one.

    Raises Conflict where the quiz is archived or no attempt is left.
    """
    batch_id = batch_of(db, quiz, by=by, at=at)
    attempt = _open_attempt(db, quiz, batch_id, by)
    if attempt is not None and not submit_if_over(db, attempt, at=at):
        return attempt
    if quiz.archived_at is not None:
        raise Conflict("quiz_archived")
    version = current_version(db, quiz)
    settings = load_settings(version.settings)
    taken = db.scalar(
        select(func.count()).where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id, Attempt.person_id == by)
    )
    if settings.attempts_left(taken or 0) == 0:
        # What was counted may be the attempt that her other tap began a moment ago.
        return _found_open(db, quiz, batch_id, by)
    extra = db.scalar(
        select(ExtraTime.minutes).where(
            ExtraTime.quiz_id == quiz.id, ExtraTime.batch_id == batch_id, ExtraTime.person_id == by
        )
    )
    row = {
        "quiz_id": quiz.id,
        "version_id": version.id,
        "batch_id": batch_id,
        "person_id": by,
        "number": (taken or 0) + 1,
        "seed": secrets.token_hex(12),
        "started_at": at,
        "ends_at": deadline(at, settings.limit, timedelta(minutes=extra or 0)),
    }
    # Two taps at once both come here: one row is refused, by its number or for being the second open one.
    insert_new(db, Attempt, row, unique=[])
    return _found_open(db, quiz, batch_id, by)


def save_answer(
    db: Db,
    attempt: Attempt,
    item_id: int,
    given: Any,
    *,
    seq: int,
    device: str,
    at: datetime,
    flagged: bool = False,
    age: float = 0.0,
) -> Saved:
    """Keep a response unless a later one is here; returns what the server holds afterwards.

    `given` names choices by the tokens of this attempt's page. `attempt` must be locked, so that nothing can be saved
    beside its submission. Once the attempt is over the response is kept as late; an answer that was saved in time and
    is only sent again stays saved. `age` is how many seconds ago she made the change by her own device. Raises
    Invalid where the value does not belong to the question, or the item not to the attempt.
    """
    question, before = _asked(db, attempt, item_id)
    response = read_response(question, from_tokens(question, attempt.seed, given))
    if isinstance(question, FileAnswer) and response is not None:
        _check_file(db, attempt, item_id, str(response))
    stored = _as_stored(response)
    if before is not None and before.seq == seq and before.device == device and before.response == stored:
        return Saved("saved", seq)
    if submit_if_over(db, attempt, at=at) or attempt.submitted_at is not None:
        if stored == (before.response if before else None):
            return Saved("saved", before.seq if before else 0)
        return _keep_late(db, attempt, item_id, stored, seq=seq, device=device, age=age, at=at)
    if before is None:
        row = {"attempt_id": attempt.id, "item_id": item_id, "response": stored, "flagged": flagged, "seq": seq}
        db.add(Answer(**row, device=device, saved_at=at))
        db.flush()
        return Saved("saved", seq)
    # The attempt is locked, but a rule this dear is said to the database, not trusted to a lock.
    changed = db.execute(
        update(Answer)
        .where(Answer.attempt_id == attempt.id, Answer.item_id == item_id, Answer.seq < seq)
        .values(response=stored, flagged=flagged, seq=seq, device=device, saved_at=at)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        return Saved("saved", seq)
    shown = as_tokens(question, attempt.seed, before.response)
    return Saved("older", before.seq, shown, before.flagged, (at - before.saved_at).total_seconds())


def save_form(db: Db, attempt: Attempt, given: Mapping[int, Any], *, at: datetime) -> None:
    """Save what a form without script sent, by item id; only what differs from what is saved counts as a change.

    Raises Invalid with every response that does not belong to its question.
    """
    before = {one.item_id: one for one in db.scalars(select(Answer).where(Answer.attempt_id == attempt.id))}
    problems: list[Problem] = []
    for item_id, value in given.items():
        try:
            question, _ = _asked(db, attempt, item_id)
            response = read_response(question, from_tokens(question, attempt.seed, value))
        except Invalid as refused:
            problems += refused.problems
            continue
        saved = before.get(item_id)
        if _as_stored(response) == (saved.response if saved else None):
            continue
        seq, flagged = (saved.seq + 1, saved.flagged) if saved else (1, False)
        save_answer(db, attempt, item_id, value, seq=seq, device="form", at=at, flagged=flagged)
    if problems:
        raise Invalid(problems)


def attempts_of(db: Db, quiz: Quiz, batch_id: int, person_id: int) -> Sequence[Attempt]:
    """Return the person's attempts in the batch, first to last."""
    return db.scalars(
        select(Attempt)
        .where(Attempt.quiz_id == quiz.id, Attempt.batch_id == batch_id, Attempt.person_id == person_id)
        .order_by(Attempt.number)
    ).all()


def best(attempts: Iterable[Attempt]) -> Attempt | None:
    """Return the submitted attempt that counts: the highest, the earlier of equals."""
    submitted = [attempt for attempt in attempts if attempt.percent is not None]
    return max(submitted, key=lambda one: (one.earned or 0.0) / (one.possible or 1.0), default=None)


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


def _asked(db: Db, attempt: Attempt, item_id: int) -> tuple[AnyQuestion, Answer | None]:
    """Return the attempt's question and the answer saved to it, in one statement."""
    row = db.execute(
        select(QuestionVersion.content, Answer)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .outerjoin(Answer, and_(Answer.item_id == QuizItem.id, Answer.attempt_id == attempt.id))
        .where(QuizItem.id == item_id, QuizItem.quiz_version_id == attempt.version_id)
    ).one_or_none()
    if row is None:
        raise Invalid(Problem.of("quiz_item_unknown"))
    content, answer = row
    return load_question(content), answer


def _check_file(db: Db, attempt: Attempt, item_id: int, number: str) -> None:
    """Raise Invalid unless the response names a file that was handed in for this very answer."""
    handed_in = select(AnswerFile.id).where(
        AnswerFile.id == int(number), AnswerFile.attempt_id == attempt.id, AnswerFile.item_id == item_id
    )
    if db.scalar(handed_in) is None:
        raise Invalid(Problem.of("quiz_response_unknown"))


def _keep_late(
    db: Db, attempt: Attempt, item_id: int, stored: Any, *, seq: int, device: str, age: float, at: datetime
) -> Saved:
    row = {
        "attempt_id": attempt.id,
        "item_id": item_id,
        "response": stored,
        "seq": seq,
        "device": device,
        "arrived_at": at,
        "claimed_age": int(min(max(age, 0.0), 10_000_000.0)),
    }
    insert_new(db, LateAnswer, row, ["attempt_id", "item_id", "device", "seq"])
    return Saved("late", seq)


def _as_stored(response: Response) -> Any:
    return list(response) if isinstance(response, tuple) else response
