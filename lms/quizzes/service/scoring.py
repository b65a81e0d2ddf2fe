"""Scoring attempts as they stand in the database, each answer by the key that holds for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, Attempt, Grading, QuestionVersion, QuizItem, QuizSetting, QuizVersion
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.regrading import Ruling, score_again
from lms.quizzes.rules.scoring import Grade, Score, add_up
from lms.quizzes.rules.settings import QuizSettings, load_settings, with_overrides
from lms.quizzes.rules.stored import load_question

Key = tuple[AnyQuestion | None, bool]
"""By what an answer is scored: a corrected question (None: the one she saw), and whether everybody gets the points."""


@dataclass(frozen=True)
class Line:
    """One question of an attempt: the version seen, what was answered, and by what it is scored."""

    question_id: int
    version_number: int
    question: AnyQuestion
    answer: Answer
    key: Key = (None, False)
    # Points somebody gave it, for kinds that no machine scores.
    graded: Fraction | None = None

    @cached_property
    def score(self) -> Score:
        corrected, everyone = self.key
        response = self.answer.response
        return score_again(self.question, response, key=corrected, everyone=everyone, graded=self.graded)


@dataclass(frozen=True)
class Scored:
    """An attempt with the score of every answer."""

    attempt: Attempt
    settings: QuizSettings
    lines: Sequence[Line]

    @cached_property
    def grade(self) -> Grade:
        # By item, not by key: a question of the bank may have the key of one from the file.
        return add_up({str(line.answer.item_id): line.score for line in self.lines}, self.settings.pass_mark)

    def under(self, keys: Mapping[int, Key]) -> "Scored":
        """Return the attempt scored by these keys, by question id, the others as they are."""
        lines = [replace(line, key=keys.get(line.question_id, line.key)) for line in self.lines]
        return replace(self, lines=lines)

    def store(self) -> None:
        """Write the scores into the rows of the attempt and its answers."""
        for line in self.lines:
            line.answer.earned, line.answer.verdict = float(line.score.earned), line.score.verdict.value
        attempt, grade = self.attempt, self.grade
        attempt.earned, attempt.possible = float(grade.earned), float(grade.possible)
        attempt.percent, attempt.passed, attempt.ungraded = grade.percent, grade.passed, grade.ungraded


def read_scored(db: Db, attempts: Sequence[Attempt]) -> list[Scored]:
    """Return these attempts ready to be scored; every question of each has its answer row. Six statements."""
    versions = {attempt.version_id for attempt in attempts}
    settings = _settings(db, attempts)
    items = {
        item_id: (question_id, number, load_question(content))
        for item_id, question_id, number, content in db.execute(
            select(QuizItem.id, QuestionVersion.question_id, QuestionVersion.number, QuestionVersion.content)
            .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
            .where(QuizItem.quiz_version_id.in_(versions))
        )
    }
    lines: dict[int, list[Line]] = {attempt.id: [] for attempt in attempts}
    answers = db.scalars(
        select(Answer)
        .join(QuizItem, QuizItem.id == Answer.item_id)
        .where(Answer.attempt_id.in_(lines))
        .order_by(Answer.attempt_id, QuizItem.position)
    ).all()
    keys, graded = corrected_keys(db, answers), graded_points(db, lines)
    for answer in answers:
        question_id, number, question = items[answer.item_id]
        key = (keys.get(answer.key_version_id or 0), answer.ruling == Ruling.EVERYONE)
        points = graded.get((answer.attempt_id, answer.item_id))
        lines[answer.attempt_id].append(Line(question_id, number, question, answer, key, points))
    return [Scored(attempt, settings[attempt.id], lines[attempt.id]) for attempt in attempts]


def _settings(db: Db, attempts: Sequence[Attempt]) -> dict[int, QuizSettings]:
    """Return the settings of each attempt, its version's with what its batch sets differently."""
    versions: dict[int, dict[str, Any]] = dict(
        db.execute(
            select(QuizVersion.id, QuizVersion.settings).where(QuizVersion.id.in_({one.version_id for one in attempts}))
        ).all()
    )
    overrides = {
        (one.quiz_id, one.batch_id): one.overrides
        for one in db.scalars(select(QuizSetting).where(QuizSetting.quiz_id.in_({one.quiz_id for one in attempts})))
    }
    return {
        one.id: with_overrides(load_settings(versions[one.version_id]), overrides.get((one.quiz_id, one.batch_id), {}))
        for one in attempts
    }


def corrected_keys(db: Db, answers: Iterable[Answer]) -> dict[int, AnyQuestion]:
    """Return the corrected questions that answers are scored by; no statement where there are none."""
    wanted = {answer.key_version_id for answer in answers if answer.key_version_id is not None}
    if not wanted:
        return {}
    rows = db.execute(select(QuestionVersion.id, QuestionVersion.content).where(QuestionVersion.id.in_(wanted)))
    return {version_id: load_question(content) for version_id, content in rows}


def graded_points(db: Db, attempt_ids: Iterable[int]) -> dict[tuple[int, int], Fraction]:
    """Return what graders gave, by attempt and item; floats of few decimals are read back as what was meant."""
    rows = db.execute(
        select(Grading.attempt_id, Grading.item_id, Grading.earned).where(Grading.attempt_id.in_(list(attempt_ids)))
    )
    return {(attempt_id, item_id): Fraction(str(earned)) for attempt_id, item_id, earned in rows}
