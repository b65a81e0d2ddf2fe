"""What is laid before a person: the questions in her attempt's own order, and afterwards what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, AnswerFile, Attempt, Grading, QuestionVersion, QuizItem, QuizSetting, QuizVersion
from lms.quizzes.rules.drawing import split
from lms.quizzes.rules.order import Shuffle, arrange, arrange_choices
from lms.quizzes.rules.questions import AnyQuestion, Choice, FileAnswer, Graded, MultipleChoice, SingleChoice
from lms.quizzes.rules.settings import QuizSettings, Section
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service.scoring import corrected_keys
from lms.quizzes.service.setting import find_setting, settings_for
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


def lay_out(
    db: Db,
    version_id: int,
    *,
    attempt: Attempt | None = None,
    setting: QuizSetting | None = None,
    at: datetime | None = None,
) -> Paper:
    """Return the version's paper: in an attempt's order with its answers, else as written and blank.

    `setting` is what the batch sets differently, an attempt's own if none is given; with `at` the feedback is that
    which is due at this moment.
    """
    version = db.get_one(QuizVersion, version_id)
    if attempt is not None and setting is None:
        setting = find_setting(db, attempt.quiz_id, attempt.batch_id)
    settings = settings_for(version.settings, setting)
    if at is not None and setting is not None:
        settings = settings.seen_at(setting.closes_at, at)
    rows = db.execute(
        select(QuizItem.id, QuestionVersion.content, QuestionVersion.html)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .where(QuizItem.quiz_version_id == version_id)
        .order_by(QuizItem.position)
    )
    items = [_Item(item_id, load_question(content), html) for item_id, content, html in rows]
    if attempt is None:
        return Paper(settings, version.html, _sheets(items, settings, "", Shuffle.NONE, None, _Filled()))
    asked = None if attempt.drawn is None else set(attempt.drawn)
    filled = _filled(db, attempt, items)
    return Paper(settings, version.html, _sheets(items, settings, attempt.seed, settings.shuffle, asked, filled))


@dataclass(frozen=True)
class _Filled:
    """What an attempt holds: answers, corrected keys by version, gradings by item, files by number."""

    answers: Mapping[int, Answer] = field(default_factory=dict)
    corrected: Mapping[int, AnyQuestion] = field(default_factory=dict)
    gradings: Mapping[int, Grading] = field(default_factory=dict)
    files: Mapping[str, AnswerFile] = field(default_factory=dict)


def _filled(db: Db, attempt: Attempt, items: Sequence[_Item]) -> _Filled:
    answers = {one.item_id: one for one in db.scalars(select(Answer).where(Answer.attempt_id == attempt.id))}
    gradings, files = _read_by_people(db, attempt, items)
    return _Filled(answers, corrected_keys(db, answers.values()), gradings, files)


def _sheets(
    items: Sequence[_Item],
    settings: QuizSettings,
    seed: str,
    shuffle: Shuffle,
    asked: Collection[int] | None,
    filled: _Filled,
) -> list[Sheet]:
    """Return the items asked (None: all), each section in its own order, the first sheet of each with its heading."""
    sheets: list[Sheet] = []
    for section, own in split(items, settings.sections):
        opens: Section | None = section if section.title else None
        for item in arrange([one for one in own if asked is None or one.id in asked], seed, shuffle):
            answer = filled.answers.get(item.id)
            is_file = answer is not None and isinstance(item.question, FileAnswer)
            sheets.append(
                Sheet(
                    item_id=item.id,
                    number=len(sheets) + 1,
                    question=item.question,
                    html=item.html,
                    choices=_choices(item.question, seed, shuffle),
                    answer=answer,
                    seed=seed,
                    corrected=filled.corrected.get(answer.key_version_id or 0) if answer else None,
                    grading=filled.gradings.get(item.id),
                    file=filled.files.get(str(answer.response)) if answer and is_file else None,
                    opens=opens,
                )
            )
            opens = None
    return sheets


def _read_by_people(
    db: Db, attempt: Attempt, items: Sequence[_Item]
) -> tuple[dict[int, Grading], dict[str, AnswerFile]]:
    """Return gradings by item and handed-in files by number; no statement where the quiz has no such question."""
    if not any(isinstance(item.question, Graded) for item in items):
        return {}, {}
    gradings = db.scalars(select(Grading).where(Grading.attempt_id == attempt.id))
    files = db.scalars(select(AnswerFile).where(AnswerFile.attempt_id == attempt.id))
    return {one.item_id: one for one in gradings}, {str(one.id): one for one in files}


def _choices(question: AnyQuestion, seed: str, shuffle: Shuffle) -> Sequence[Choice]:
    if isinstance(question, SingleChoice | MultipleChoice):
        return arrange_choices(question, seed, shuffle)
    return ()
