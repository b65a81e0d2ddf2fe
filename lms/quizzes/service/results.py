"""What a batch made of a quiz: per person and per question. The number of statements does not grow with people."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy import func, select

from lms.accounts.models import Person, Unit
from lms.db import Db
from lms.programmes.models import Enrolment
from lms.quizzes.models import Answer, Attempt, LateAnswer, Question, QuestionVersion, Quiz, QuizItem
from lms.quizzes.rules.questions import AnyQuestion
from lms.quizzes.rules.results import facility, normalised_gain
from lms.quizzes.rules.stored import load_question
from lms.quizzes.service.library import current_version
from lms.quizzes.service.taking import best


@dataclass(frozen=True)
class PersonResult:
    """A trainee's line: every attempt, the one that counts, late answers that wait; `gain` against the pre-test."""

    person_id: int
    name: str
    unit: str
    attempts: Sequence[Attempt]
    counted: Attempt | None
    late: int = 0
    before: float | None = None
    gain: float | None = None
    # Left the batch, but answered while in it.
    has_left: bool = False

    @property
    def state(self) -> str:
        """Return "open", "submitted" or "none"."""
        if any(attempt.submitted_at is None for attempt in self.attempts):
            return "open"
        return "submitted" if self.attempts else "none"


@dataclass
class QuestionResult:
    """How a question went in the attempts that count, in all the versions they saw; `question` is the newest."""

    question_id: int
    number: int
    question: AnyQuestion
    versions: int = 0
    shares: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    # How many chose what: choice keys, "true"/"false", typed text.
    given: Counter[str] = field(default_factory=Counter)

    @property
    def facility(self) -> float | None:
        """Return the mean share of its points, 0 to 1 (tingkat kesukaran)."""
        return facility(self.shares, 1.0)


@dataclass(frozen=True)
class Results:
    """A quiz in a batch. `mean` is per cent over the attempts that count; `passed` counts people."""

    people: Sequence[PersonResult]
    questions: Sequence[QuestionResult]
    mean: float | None
    passed: int
    has_pass_mark: bool
    late: int

    @property
    def submitted(self) -> int:
        return sum(person.counted is not None for person in self.people)

    @property
    def open(self) -> int:
        return sum(person.state == "open" for person in self.people)


def read_results(db: Db, quiz: Quiz, batch_id: int) -> Results:
    """Return everything the instructor sees of a quiz in one batch."""
    attempts = _attempts(db, quiz.id, batch_id)
    late = _late_counts(db, quiz.id, batch_id)
    before = _pre_test(db, quiz, batch_id)
    people = []
    for person_id, name, unit, has_left in _trainees(db, batch_id):
        own = attempts.get(person_id, [])
        if has_left and not own:
            continue
        counted, earlier = best(own), before.get(person_id)
        gain = normalised_gain(earlier, counted.percent or 0.0) if counted and earlier is not None else None
        waiting = sum(late.get(attempt.id, 0) for attempt in own)
        people.append(PersonResult(person_id, name, unit, own, counted, waiting, earlier, gain, has_left))
    counted_ids = [person.counted.id for person in people if person.counted]
    marks = [person.counted.percent or 0.0 for person in people if person.counted]
    return Results(
        people=people,
        questions=_questions(db, quiz, counted_ids),
        mean=fmean(marks) if marks else None,
        passed=sum(bool(person.counted and person.counted.passed) for person in people),
        has_pass_mark=any(person.counted and person.counted.passed is not None for person in people),
        late=sum(person.late for person in people),
    )


def counted_percents(db: Db, quiz_id: int, batch_id: int) -> dict[int, float]:
    """Return each trainee's counted result in per cent, by person."""
    counted = {person_id: best(own) for person_id, own in _attempts(db, quiz_id, batch_id).items()}
    return {person_id: one.percent or 0.0 for person_id, one in counted.items() if one is not None}


def _trainees(db: Db, batch_id: int) -> Sequence[tuple[int, str, str, bool]]:
    rows = db.execute(
        select(
            Person.id,
            Person.name,
            func.coalesce(Unit.name, ""),
            func.max(Enrolment.ends_at),
            func.count(),
            func.count(Enrolment.ends_at),
        )
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(Enrolment.batch_id == batch_id, Enrolment.role == "trainee")
        .group_by(Person.id, Person.name, Unit.name)
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name, unit, rows_all == rows_ended) for person_id, name, unit, _, rows_all, rows_ended in rows]


def _attempts(db: Db, quiz_id: int, batch_id: int) -> Mapping[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in db.scalars(
        select(Attempt).where(Attempt.quiz_id == quiz_id, Attempt.batch_id == batch_id).order_by(Attempt.number)
    ):
        found[attempt.person_id].append(attempt)
    return found


def _late_counts(db: Db, quiz_id: int, batch_id: int) -> Mapping[int, int]:
    rows = db.execute(
        select(LateAnswer.attempt_id, func.count())
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .where(Attempt.quiz_id == quiz_id, Attempt.batch_id == batch_id, LateAnswer.decision.is_(None))
        .group_by(LateAnswer.attempt_id)
    )
    return dict(rows.all())


def _pre_test(db: Db, quiz: Quiz, batch_id: int) -> Mapping[int, float]:
    if quiz.purpose != "post":
        return {}
    pre_id = db.scalar(
        select(Quiz.id).where(Quiz.course_id == quiz.course_id, Quiz.purpose == "pre").order_by(Quiz.key).limit(1)
    )
    return {} if pre_id is None else counted_percents(db, pre_id, batch_id)


def _questions(db: Db, quiz: Quiz, attempt_ids: Sequence[int]) -> Sequence[QuestionResult]:
    """Return the questions of the version in force, then those that only older attempts saw."""
    version = current_version(db, quiz)
    rows = db.execute(
        select(QuizItem.id, QuizItem.quiz_version_id, Question.id, QuestionVersion.id, QuestionVersion.content)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.question_version_id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.course_id == quiz.course_id, Question.origin == quiz.key)
        .order_by(QuizItem.quiz_version_id.desc(), QuizItem.position)
    ).all()
    results: dict[int, QuestionResult] = {}
    items: dict[int, tuple[int, int, float]] = {}
    for item_id, version_id, question_id, question_version_id, content in rows:
        if question_id not in results:
            number = len(results) + 1 if version_id == version.id else 0
            results[question_id] = QuestionResult(question_id, number, load_question(content))
        items[item_id] = (question_id, question_version_id, float(load_question(content).points))
    seen: dict[int, set[int]] = defaultdict(set)
    answers = db.execute(
        select(Answer.item_id, Answer.response, Answer.earned, Answer.verdict).where(Answer.attempt_id.in_(attempt_ids))
    )
    for item_id, response, earned, verdict in answers:
        question_id, question_version_id, points = items[item_id]
        result = results[question_id]
        seen[question_id].add(question_version_id)
        result.shares.append((earned or 0.0) / points)
        result.verdicts[verdict] += 1
        result.given.update(_as_given(response))
    for question_id, versions in seen.items():
        results[question_id].versions = len(versions)
    return [result for result in results.values() if result.number or result.shares]


def _as_given(response: Any) -> list[str]:
    if response is None:
        return []
    if isinstance(response, list):
        return [str(key) for key in response]
    return [str(response).lower() if isinstance(response, bool) else str(response)]


def newest_change(results: Results) -> datetime | None:
    """Return when the last attempt was submitted."""
    moments = [one.submitted_at for person in results.people for one in person.attempts if one.submitted_at]
    return max(moments, default=None)
