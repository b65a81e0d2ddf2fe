"""What is laid before a person: the questions in her attempt's own order, and afterwards what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, AnswerFile, Attempt, Grading, QuestionVersion, QuizItem, QuizVersion
from lms.quizzes.rules.order import Shuffle, arrange, arrange_choices
from lms.quizzes.rules.questions import AnyQuestion, Choice, FileAnswer, Graded, MultipleChoice, SingleChoice
from lms.quizzes.rules.settings import QuizSettings, load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service.scoring import corrected_keys
from lms.quizzes.service.sheet import Sheet


@dataclass(frozen=True)
class Paper:
    """A version of a quiz laid out: its settings, introduction and sheets."""

    settings: QuizSettings
    intro: dict[str, str]
    sheets: Sequence[Sheet]


@dataclass(frozen=True)
class _Item:
    """A question with its place and HTML, before it is put in order."""

    id: int
    question: AnyQuestion
    html: dict[str, Any]

    @property
    def key(self) -> str:
        return self.question.key


def lay_out(db: Db, version_id: int, *, attempt: Attempt | None = None) -> Paper:
    """Return the version's paper: in an attempt's order with its answers, else as written and blank."""
    version = db.get_one(QuizVersion, version_id)
    settings = load_settings(version.settings)
    rows = db.execute(
        select(QuizItem.id, QuestionVersion.content, QuestionVersion.html)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .where(QuizItem.quiz_version_id == version_id)
        .order_by(QuizItem.position)
    )
    items = [_Item(item_id, load_question(content), html) for item_id, content, html in rows]
    answers: dict[int, Answer] = {}
    shuffle, seed = Shuffle.NONE, ""
    if attempt is not None:
        answers = {one.item_id: one for one in db.scalars(select(Answer).where(Answer.attempt_id == attempt.id))}
        shuffle, seed = settings.shuffle, attempt.seed
    corrected = corrected_keys(db, answers.values())
    gradings, files = _read_by_people(db, attempt, items)
    sheets = []
    for number, item in enumerate(arrange(items, seed, shuffle), start=1):
        choices = _choices(item.question, seed, shuffle)
        answer = answers.get(item.id)
        key = corrected.get(answer.key_version_id or 0) if answer else None
        file = files.get(str(answer.response)) if answer and isinstance(item.question, FileAnswer) else None
        grading = gradings.get(item.id)
        sheets.append(Sheet(item.id, number, item.question, item.html, choices, answer, seed, key, grading, file))
    return Paper(settings, version.html, sheets)


def _read_by_people(
    db: Db, attempt: Attempt | None, items: Sequence[_Item]
) -> tuple[dict[int, Grading], dict[str, AnswerFile]]:
    """Return gradings by item and handed-in files by number; no statement where the quiz has no such question."""
    if attempt is None or not any(isinstance(item.question, Graded) for item in items):
        return {}, {}
    gradings = db.scalars(select(Grading).where(Grading.attempt_id == attempt.id))
    files = db.scalars(select(AnswerFile).where(AnswerFile.attempt_id == attempt.id))
    return {one.item_id: one for one in gradings}, {str(one.id): one for one in files}


def _choices(question: AnyQuestion, seed: str, shuffle: Shuffle) -> Sequence[Choice]:
    if isinstance(question, SingleChoice | MultipleChoice):
        return arrange_choices(question, seed, shuffle)
    return ()
