"""Files as answers: taken into the store first, named by a row, and then saved like any other answer."""

from datetime import datetime

from sqlalchemy import func, select

from lms.courses.files import Stored
from lms.courses.kinds import safe_filename
from lms.db import Db, insert_new
from lms.kernel.errors import Invalid, NotFound, Problem
from lms.quizzes.models import AnswerFile, Attempt, QuestionVersion, QuizItem
from lms.quizzes.rules.questions import FileAnswer
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service import taking

# Whoever changes her mind may; whoever fills the disk may not.
MOST_FILES = 20


def file_question(db: Db, attempt: Attempt, item_id: int) -> FileAnswer:
    """Return the question of this attempt that asks for a file. Raises NotFound for any other."""
    content = db.scalar(
        select(QuestionVersion.content)
        .join(QuizItem, QuizItem.question_version_id == QuestionVersion.id)
        .where(QuizItem.id == item_id, QuizItem.quiz_version_id == attempt.version_id)
    )
    question = load_question(content) if content is not None else None
    if not isinstance(question, FileAnswer):
        raise NotFound()
    return question


def hand_in(
    db: Db, attempt: Attempt, item_id: int, stored: Stored, name: str, *, seq: int, device: str, at: datetime
) -> tuple[AnswerFile, taking.Saved]:
    """Keep a file that lies in the store as the answer to this question; the same file again is the same row.

    As `taking.save_answer` otherwise: the attempt must be locked, and what comes after the time is kept as late.
    Raises Invalid for a kind the question does not take, or too many files.
    """
    question = file_question(db, attempt, item_id)
    if question.kinds and stored.kind.value not in question.kinds:
        raise Invalid(Problem.of("quiz_file_kind", field="file"))
    values = {
        "attempt_id": attempt.id,
        "item_id": item_id,
        "sha256": stored.sha256,
        "size": stored.size,
        "name": safe_filename(name, stored.kind)[:200],
        "media_type": stored.kind.value,
        "added_at": at,
    }
    mine = (AnswerFile.attempt_id == attempt.id, AnswerFile.item_id == item_id)
    if (db.scalar(select(func.count(AnswerFile.id)).where(*mine)) or 0) >= MOST_FILES:
        raise Invalid(Problem.of("quiz_files_many", field="file", most=MOST_FILES))
    insert_new(db, AnswerFile, values, ["attempt_id", "item_id", "sha256"])
    row = db.scalars(select(AnswerFile).where(*mine, AnswerFile.sha256 == stored.sha256)).one()
    saved = taking.save_answer(db, attempt, item_id, str(row.id), seq=seq, device=device, at=at)
    return row, saved


def find_file(db: Db, attempt: Attempt, file_id: int) -> AnswerFile:
    """Return a file handed in with this attempt. Raises NotFound."""
    row = db.scalars(
        select(AnswerFile).where(AnswerFile.id == file_id, AnswerFile.attempt_id == attempt.id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row
