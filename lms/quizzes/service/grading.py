"""The queue of answers that somebody must read, and giving them their points."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, NotFound
from lms.outbox import service as outbox
from lms.quizzes.models import Answer, Attempt, Grading, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.quizzes.rules.grading import read_grading
from lms.quizzes.rules.questions import FeedbackPolicy, Graded
from lms.quizzes.rules.scoring import Verdict
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import LANGUAGES
from lms.quizzes.service.scoring import read_scored


@dataclass(frozen=True)
class Readable:
    """An answer to be read: where it is, whose, and whether it has its points already."""

    attempt: Attempt
    item_id: int
    is_graded: bool

    @property
    def address(self) -> str:
        return f"{self.attempt.id}-{self.item_id}"


def queue(db: Db, quiz: Quiz, batch_id: int) -> list[Readable]:
    """Return the answers that somebody must read, question by question, each in an order that tells nobody's name.

    Graded ones stay in their places, so that a grader can go back.
    """
    rows = db.execute(
        select(Attempt, Answer.item_id, Grading.attempt_id, QuizItem.position, QuestionVersion.question_id)
        .join(Answer, Answer.attempt_id == Attempt.id)
        .join(QuizItem, QuizItem.id == Answer.item_id)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .outerjoin(Grading, (Grading.attempt_id == Attempt.id) & (Grading.item_id == Answer.item_id))
        .options(joinedload(Attempt.person, innerjoin=True))
        .where(
            Attempt.quiz_id == quiz.id,
            Attempt.batch_id == batch_id,
            Attempt.submitted_at.is_not(None),
            (Answer.verdict == Verdict.UNGRADED.value) | Grading.attempt_id.is_not(None),
        )
    ).all()
    # The same question stays together over all versions, at the place of its first.
    places: dict[int, int] = {}
    for _, _, _, position, question_id in rows:
        places[question_id] = min(position, places.get(question_id, position))
    ordered = sorted(rows, key=lambda row: (places[row[4]], row[4], sha256(row[0].seed.encode()).digest()))
    return [Readable(attempt, item_id, graded is not None) for attempt, item_id, graded, _, _ in ordered]


def count_waiting(db: Db, quiz_id: int, batch_id: int) -> int:
    """Return how many answers wait to be read."""
    return (
        db.scalar(
            select(func.coalesce(func.sum(Attempt.ungraded), 0)).where(
                Attempt.quiz_id == quiz_id, Attempt.batch_id == batch_id
            )
        )
        or 0
    )


def grade(
    db: Db, attempt: Attempt, item_id: int, sent: Mapping[str, Any], comment: str, *, by: int, at: datetime
) -> Grading:
    """Give an answer its points and score the attempt again; a second grading takes the first one's place, on record.

    `attempt` must be locked. `sent` holds a level by criterion, or "points". Whoever's result becomes complete, or
    changes afterwards, is told. Raises NotFound for what nobody need read, Conflict while the attempt is open,
    Invalid for levels missing or points out of range.
    """
    row = db.execute(
        select(QuestionVersion.content, Answer.response)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .join(Answer, Answer.item_id == QuizItem.id)
        .where(Answer.attempt_id == attempt.id, QuizItem.id == item_id)
    ).one_or_none()
    question = load_question(row.content) if row is not None else None
    if row is None or not isinstance(question, Graded) or row.response is None:
        raise NotFound()
    if attempt.submitted_at is None:
        raise Conflict("quiz_still_open")
    given, points = read_grading(question, sent)
    grading = db.get(Grading, (attempt.id, item_id))
    before = {"given": grading.given, "earned": grading.earned, "comment": grading.comment} if grading else None
    if grading is None:
        grading = Grading(attempt_id=attempt.id, item_id=item_id)
        db.add(grading)
    grading.given, grading.earned, grading.comment = given, round(float(points), 4), comment
    grading.graded_by, grading.graded_at = by, at
    record_act(
        db, "quiz:graded", "attempt", attempt.id, by=by, at=at,
        item_id=item_id, given=given, earned=grading.earned, before=before,
    )  # fmt: skip
    db.flush()
    was = (attempt.ungraded, attempt.percent)
    (scored,) = read_scored(db, [attempt])
    scored.store()
    db.flush()
    if attempt.ungraded == 0 and was != (0, attempt.percent):
        _tell(db, attempt, at=at)
    return grading


def _tell(db: Db, attempt: Attempt, *, at: datetime) -> None:
    stored = db.scalars(select(QuizVersion.settings).where(QuizVersion.id == attempt.version_id)).one()
    settings = load_settings(stored)
    if settings.feedback is FeedbackPolicy.NONE:
        return
    title = {language: settings.title.read(language)[0] for language in LANGUAGES}
    params = {"title": title, "percent": attempt.percent}
    key = f"graded:{attempt.id}:{at.isoformat()}"
    outbox.tell(db, attempt.person_id, "quiz_graded", params, key, f"/attempts/{attempt.id}/review", at=at)
