"""What is laid before a person: the questions in her attempt's own order, and afterwards what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, Attempt, QuestionVersion, QuizItem, QuizVersion
from lms.quizzes.rules.order import Shuffle, arrange, arrange_choices, as_tokens, choice_token
from lms.quizzes.rules.questions import AnyQuestion, Choice, MultipleChoice, ShortText, SingleChoice
from lms.quizzes.rules.regrading import Ruling, can_follow, score_again
from lms.quizzes.rules.scoring import Score, right_texts
from lms.quizzes.rules.settings import QuizSettings, load_settings
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import LANGUAGES
from lms.quizzes.service.scoring import corrected_keys


@dataclass(frozen=True)
class Sheet:
    """One question as it is shown: its place from 1, its HTML by language, its choices in order, the answer so far."""

    item_id: int
    number: int
    question: AnyQuestion
    html: dict[str, str]
    choices: Sequence[Choice]
    answer: Answer | None
    seed: str = ""
    # The corrected question that a regrade scores it by.
    corrected: AnyQuestion | None = None

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def response(self) -> Any:
        return self.answer.response if self.answer else None

    @property
    def seq(self) -> int:
        return self.answer.seq if self.answer else 0

    @property
    def is_flagged(self) -> bool:
        return bool(self.answer and self.answer.flagged)

    @property
    def shown_response(self) -> Any:
        """Return the response as the page names it."""
        return as_tokens(self.question, self.seed, self.response)

    def token(self, choice: Choice) -> str:
        """Return the choice's name in the page."""
        return choice_token(self.seed, self.key, choice.key)

    def text_in(self, language: str) -> tuple[str, str]:
        """Return the question's HTML for a reader and the language it is in."""
        other = next(one for one in LANGUAGES if one != language)
        return (self.html[language], language) if language in self.html else (self.html.get(other, ""), other)

    def right_texts(self) -> list[str]:
        """Return what a short text may be, for showing it."""
        return right_texts(self.scored_by) if isinstance(self.scored_by, ShortText) else []

    @property
    def scored_by(self) -> AnyQuestion:
        """Return the question whose key holds: the one she saw unless it was corrected."""
        corrected = self.corrected
        return corrected if corrected is not None and can_follow(self.question, corrected) else self.question

    @property
    def is_for_everyone(self) -> bool:
        """Whether everybody gets this question's points, whatever was answered."""
        return bool(self.answer and self.answer.ruling == Ruling.EVERYONE)

    def is_right(self, choice: Choice) -> bool:
        """Return whether the choice earns anything by the key that holds."""
        scored_by = self.scored_by
        if not isinstance(scored_by, SingleChoice | MultipleChoice):
            return False
        return any(one.key == choice.key and one.weight > 0 for one in scored_by.choices)

    def score(self) -> Score:
        """Return what the answer earns, with the feedback due to it."""
        return self.score_of(self.response)

    def score_of(self, stored: Any) -> Score:
        """Return what this stored response would earn."""
        return score_again(self.question, stored, key=self.corrected, everyone=self.is_for_everyone)


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
    html: dict[str, str]

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
    sheets = []
    for number, item in enumerate(arrange(items, seed, shuffle), start=1):
        choices = _choices(item.question, seed, shuffle)
        answer = answers.get(item.id)
        key = corrected.get(answer.key_version_id or 0) if answer else None
        sheets.append(Sheet(item.id, number, item.question, item.html, choices, answer, seed, key))
    return Paper(settings, version.html, sheets)


def _choices(question: AnyQuestion, seed: str, shuffle: Shuffle) -> Sequence[Choice]:
    if isinstance(question, SingleChoice | MultipleChoice):
        return arrange_choices(question, seed, shuffle)
    return ()
