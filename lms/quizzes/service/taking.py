"""Taking a quiz: each change is saved; an acknowledged answer is kept, whatever comes after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update

from lms.db import Db, built_once, insert_new
from lms.kernel.errors import Invalid, Problem
from lms.quizzes.models import Answer, AnswerFile, Attempt, LateAnswer, QuestionVersion, QuizItem
from lms.quizzes.rules.order import as_tokens, from_tokens
from lms.quizzes.rules.questions import AnyQuestion, FileAnswer
from lms.quizzes.rules.responses import Response, read_response
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service.moving import current_item
from lms.quizzes.service.submitting import submit_if_over

_ANSWER = Answer.metadata.tables[Answer.__tablename__]


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
    if attempt.submitted_at is None:
        _may_change(db, attempt, item_id, before)
    if submit_if_over(db, attempt, at=at) or attempt.submitted_at is not None:
        if stored == (before.response if before else None):
            return Saved("saved", before.seq if before else 0)
        return _keep_late(db, attempt, item_id, stored, seq=seq, device=device, age=age, at=at)
    if before is None:
        row = {"attempt_id": attempt.id, "item_id": item_id, "response": stored, "flagged": flagged, "seq": seq}
        insert_new(db, Answer, row | {"device": device, "saved_at": at}, ["attempt_id", "item_id"])
        return Saved("saved", seq)
    # The attempt is locked, but a rule this dear is said to the database, not trusted to a lock.
    if db.connection().execute(*_change(attempt.id, item_id, stored, flagged, seq, device, at)).rowcount:
        return Saved("saved", seq)
    shown = as_tokens(question, attempt.seed, before.response)
    return Saved("older", before.seq, shown, before.flagged, (at - before.saved_at).total_seconds())


@built_once
def _change(attempt: Any, item: Any, given: Any, is_flagged: Any, new_seq: Any, page: Any, at: Any) -> Any:
    return (
        update(_ANSWER)
        .where(_ANSWER.c.attempt_id == attempt, _ANSWER.c.item_id == item, _ANSWER.c.seq < new_seq)
        .values(response=given, flagged=is_flagged, seq=new_seq, device=page, saved_at=at)
    )


def _may_change(db: Db, attempt: Attempt, item_id: int, before: Any) -> None:
    """Raise Invalid for an answer that was checked already, or a question one has moved on from."""
    if before is not None and before.verdict is not None:
        raise Invalid(Problem.of("quiz_answer_settled"))
    if attempt.reached and item_id != current_item(db, attempt):
        raise Invalid(Problem.of("quiz_moved_on"))


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


def _asked(db: Db, attempt: Attempt, item_id: int) -> tuple[AnyQuestion, Any]:
    """Return the attempt's question and what is saved to it as a row, None where nothing is; one statement."""
    row = db.connection().execute(*_asked_and_saved(attempt.id, attempt.version_id, item_id)).one_or_none()
    if row is None or (attempt.drawn is not None and item_id not in attempt.drawn):
        raise Invalid(Problem.of("quiz_item_unknown"))
    return load_question(row.content), row if row.seq is not None else None


@built_once
def _asked_and_saved(attempt_id: Any, version_id: Any, item_id: Any) -> Any:
    # Columns and no entity: what this transaction has changed since must not come from the session's memory.
    saved = (Answer.response, Answer.flagged, Answer.seq, Answer.device, Answer.saved_at, Answer.verdict)
    return (
        select(QuestionVersion.content, *saved)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .outerjoin(Answer, and_(Answer.item_id == QuizItem.id, Answer.attempt_id == attempt_id))
        .where(QuizItem.id == item_id, QuizItem.quiz_version_id == version_id)
    )


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
