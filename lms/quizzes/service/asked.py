"""How each question of a quiz went: what was given, what it earned, and what that says about the question."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.quizzes.models import Answer, Question, QuestionVersion, Quiz, QuizItem, QuizVersion
from lms.quizzes.rules.distractors import Choosing, read_choices
from lms.quizzes.rules.item_analysis import (
    FEW,
    ItemFigures,
    QuizFigures,
    Reliability,
    Remark,
    analyse,
    reliability,
    remark,
    strong_and_weak,
)
from lms.quizzes.rules.parts import read_parts
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Cloze,
    Essay,
    FileAnswer,
    Matching,
    MultipleChoice,
    Ordering,
    SingleChoice,
    TrueFalse,
)
from lms.quizzes.rules.results import facility
from lms.quizzes.rules.scoring import Verdict
from lms.quizzes.rules.stored import load_question
from lms.quizzes.rules.wording import Wording
from lms.quizzes.service.library import current_version


@dataclass(frozen=True)
class Given:
    """What one attempt gave to a question: the share of its points it earned, and the answer as it is counted."""

    share: float
    verdict: str
    response: Any

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the keys chosen, "true" or "false", or the text typed; of other kinds nothing is counted."""
        match self.response:
            case bool():
                return (str(self.response).lower(),)
            case str():
                return (self.response,)
            case list():
                return tuple(str(key) for key in self.response)
        return ()


@dataclass(frozen=True)
class PartResult:
    """How one part of a question went: a pair, a step, a gap; `share` is the mean of what it earned, 0 to 1."""

    asked: Wording
    right: Wording
    share: float
    # What was given most often in place of the right thing, and how often.
    mostly: tuple[Wording, int] | None


@dataclass
class QuestionResult:
    """How a question went in the attempts that count, in all the versions they saw; `question` is the newest."""

    question_id: int
    number: int
    question: AnyQuestion
    versions: int = 0
    answers: dict[int, Given] = field(default_factory=dict)
    figures: ItemFigures | None = None
    choices: Sequence[Choosing] = ()
    parts: Sequence[PartResult] = ()

    @property
    def shares(self) -> list[float]:
        return [one.share for one in self.answers.values()]

    @property
    def verdicts(self) -> Counter[str]:
        return Counter(one.verdict for one in self.answers.values())

    @property
    def given(self) -> Counter[str]:
        """Return how many chose what: choice keys, "true"/"false", typed text; essays and files are no choices."""
        if isinstance(self.question, Essay | FileAnswer):
            return Counter()
        return Counter(chosen for one in self.answers.values() for chosen in one.chosen)

    @property
    def facility(self) -> float | None:
        """Return the mean share of its points, 0 to 1 (tingkat kesukaran)."""
        return facility(self.shares, 1.0)

    @property
    def remark(self) -> Remark | None:
        return remark(self.figures) if self.figures else None


@dataclass(frozen=True)
class Analysis:
    """A quiz and its questions, looked at as a measuring instrument; figures in points of the newest versions."""

    questions: Sequence[QuestionResult]
    figures: QuizFigures | None
    possible: float

    @property
    def is_thin(self) -> bool:
        """Whether so few attempts are in that the figures say little."""
        return self.figures is None or self.figures.attempts < FEW

    @property
    def reliability(self) -> Reliability | None:
        known = self.figures is not None and self.figures.consistency is not None
        return reliability(self.figures.consistency) if known else None  # type: ignore[union-attr,arg-type]

    @property
    def topics(self) -> list[tuple[str, int, float]]:
        """Return each topic with its number of questions and the mean share of their points, hardest first."""
        found: dict[str, list[QuestionResult]] = defaultdict(list)
        for one in self.questions:
            if one.question.topic and one.shares:
                found[one.question.topic].append(one)
        lines = [(topic, len(own), fmean(share for one in own for share in one.shares)) for topic, own in found.items()]
        return sorted(lines, key=lambda line: (line[2], line[0]))

    def by_key(self) -> Mapping[str, QuestionResult]:
        return {one.question.key: one for one in self.questions}


def analyse_quiz(db: Db, quiz: Quiz, attempt_ids: Sequence[int]) -> Analysis:
    """Return how the questions went in these submitted attempts; three statements, however many they are."""
    questions = _questions(db, quiz, attempt_ids)
    highest = {one.question_id: float(one.question.points) for one in questions if one.answers}
    attempts: dict[int, dict[Any, float]] = {attempt_id: {} for attempt_id in attempt_ids}
    for one in questions:
        for attempt_id, given in one.answers.items():
            attempts[attempt_id][one.question_id] = given.share * highest[one.question_id]
    figures, items = analyse([attempts[attempt_id] for attempt_id in attempt_ids], highest)
    strong, weak = strong_and_weak({attempt_id: sum(marks.values()) for attempt_id, marks in attempts.items()})
    for one in questions:
        one.figures = items.get(one.question_id)
        one.choices = _choices(one, strong, weak)
        one.parts = _part_results(one)
    return Analysis(questions, figures, sum(float(one.question.points) for one in questions if one.number))


def _questions(db: Db, quiz: Quiz, attempt_ids: Sequence[int]) -> Sequence[QuestionResult]:
    """Return the questions of the version in force, then those that only older attempts saw."""
    version = current_version(db, quiz)
    rows = db.execute(
        select(QuizItem.id, QuizItem.quiz_version_id, Question.id, QuestionVersion.id, QuestionVersion.content)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .join(QuizVersion, QuizVersion.id == QuizItem.quiz_version_id)
        .where(QuizVersion.quiz_id == quiz.id)
        .order_by(QuizItem.quiz_version_id.desc(), QuizItem.position)
    ).all()
    results: dict[int, QuestionResult] = {}
    items: dict[int, tuple[int, int]] = {}
    points: dict[int, float] = {}
    for item_id, version_id, question_id, question_version_id, content in rows:
        question = load_question(content)
        if question_id not in results:
            number = len(results) + 1 if version_id == version.id else 0
            results[question_id] = QuestionResult(question_id, number, question)
        items[item_id] = (question_id, question_version_id)
        points[question_version_id] = float(question.points)
    seen: dict[int, set[int]] = defaultdict(set)
    answers = db.execute(
        select(
            Answer.attempt_id, Answer.item_id, Answer.response, Answer.earned, Answer.verdict, Answer.key_version_id
        ).where(Answer.attempt_id.in_(attempt_ids))
    )
    for attempt_id, item_id, response, earned, verdict, key_version_id in answers:
        question_id, version_id = items[item_id]
        seen[question_id].add(version_id)
        # What nobody has read yet says nothing about the question.
        if verdict == Verdict.UNGRADED:
            continue
        # A regrade may have scored it by a corrected version that is worth more or less.
        share = (earned or 0.0) / points.get(key_version_id, points[version_id])
        results[question_id].answers[attempt_id] = Given(share, verdict, response)
    for question_id, versions in seen.items():
        results[question_id].versions = len(versions)
    return [result for result in results.values() if result.number or result.answers]


def _choices(result: QuestionResult, strong: set[Any], weak: set[Any]) -> Sequence[Choosing]:
    question = result.question
    match question:
        case SingleChoice() | MultipleChoice():
            keys = [choice.key for choice in question.choices]
            right = {choice.key for choice in question.choices if choice.weight > 0}
        case TrueFalse():
            keys, right = ["true", "false"], {"true" if question.answer else "false"}
        case _:
            return ()
    given = {attempt_id: one.chosen for attempt_id, one in result.answers.items()}
    return read_choices(given, keys, right, strong, weak)


def _part_results(result: QuestionResult) -> Sequence[PartResult]:
    question = result.question
    if not isinstance(question, Matching | Ordering | Cloze) or not result.answers:
        return ()
    given = [one.response if isinstance(one.response, dict) else {} for one in result.answers.values()]
    found = []
    for same in zip(*(read_parts(question, response) for response in given), strict=True):
        wrong = Counter(part.given for part in same if part.given is not None and part.earned < 1)
        share = sum(float(part.earned) for part in same) / len(same)
        found.append(PartResult(same[0].asked, same[0].right, share, next(iter(wrong.most_common(1)), None)))
    return found
