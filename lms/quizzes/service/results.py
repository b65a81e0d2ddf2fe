"""What a batch made of a quiz: per person and per question. The number of statements does not grow with people."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sqlalchemy import func, select

from lms.accounts.models import Person, Unit
from lms.db import Db
from lms.programmes.models import Enrolment
from lms.quizzes.models import Attempt, LateAnswer, LineOutage, Quiz
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.questions import AnyQuestion, Graded, Purpose
from lms.quizzes.rules.results import Gain, gain_band, normalised_gain
from lms.quizzes.service.asked import Analysis, QuestionResult, analyse_quiz
from lms.quizzes.service.setting import settings_in


@dataclass(frozen=True)
class PersonResult:
    """A trainee's line: every attempt, the one that counts, late answers that wait; `gain` against the pre-test."""

    person_id: int
    name: str
    nip: str | None
    unit: str
    attempts: Sequence[Attempt]
    counted: Counted | None
    late: int = 0
    # How often her line was away in attempts that can still be given the time.
    lost: int = 0
    before: float | None = None
    gain: float | None = None
    # Left the batch, but answered while in it.
    has_left: bool = False

    @property
    def ungraded(self) -> int:
        """Return how many of the counted attempt's answers wait to be read."""
        return self.counted.ungraded if self.counted else 0

    @property
    def state(self) -> str:
        """Return "open", "submitted" or "none"."""
        if any(attempt.submitted_at is None for attempt in self.attempts):
            return "open"
        return "submitted" if self.attempts else "none"


@dataclass(frozen=True)
class Comparison:
    """The same people before and after: who took both tests, in per cent; `gain` is that of the class (Hake 1998).

    `bands` counts people by the band of their own gain; `questions` pairs the shares of questions that stand in both
    tests under one key: (number in the post-test, key, before, after).
    """

    people: int
    before: Sequence[float]
    after: Sequence[float]
    gain: float | None
    bands: Mapping[Gain, int]
    questions: Sequence[tuple[int, AnyQuestion, float, float]]
    # (topic, before, after): means over the questions that each test has of it.
    topics: Sequence[tuple[str, float, float]] = ()

    @property
    def mean_before(self) -> float:
        return fmean(self.before)

    @property
    def mean_after(self) -> float:
        return fmean(self.after)


@dataclass(frozen=True)
class Results:
    """A quiz in a batch. `mean` is per cent over the attempts that count; `passed` counts people."""

    people: Sequence[PersonResult]
    analysis: Analysis
    comparison: Comparison | None
    mean: float | None
    passed: int
    has_pass_mark: bool
    late: int

    @property
    def questions(self) -> Sequence[QuestionResult]:
        return self.analysis.questions

    @property
    def percents(self) -> list[float]:
        """Return the results that count, one a person."""
        return [person.counted.percent or 0.0 for person in self.people if person.counted]

    @property
    def ungraded(self) -> int:
        """Return how many answers wait to be read, in all attempts."""
        return sum(attempt.ungraded for person in self.people for attempt in person.attempts)

    @property
    def has_readable(self) -> bool:
        """Whether any question asks for something that somebody must read."""
        return any(isinstance(one.question, Graded) for one in self.questions)

    @property
    def submitted(self) -> int:
        return sum(person.counted is not None for person in self.people)

    @property
    def open(self) -> int:
        return sum(person.state == "open" for person in self.people)


def read_results(db: Db, quiz: Quiz, batch_id: int) -> Results:
    """Return everything the instructor sees of a quiz in one batch."""
    settings = settings_in(db, quiz, batch_id)
    attempts = _attempts(db, quiz.id, batch_id)
    late, lost = _late_counts(db, quiz.id, batch_id), _lost_counts(db, quiz.id, batch_id)
    pre_test, before = _pre_test(db, quiz, batch_id)
    people = []
    for person_id, name, nip, unit, has_left in _trainees(db, batch_id):
        own = attempts.get(person_id, [])
        if has_left and not own:
            continue
        counted = what_counts(own, settings.counts, settings.pass_mark)
        pre_counted = before.get(person_id)
        earlier = pre_counted.percent if pre_counted else None
        gain = normalised_gain(earlier, counted.percent or 0.0) if counted and earlier is not None else None
        came_late, line_lost = (sum(counts.get(attempt.id, 0) for attempt in own) for counts in (late, lost))
        people.append(
            PersonResult(person_id, name, nip, unit, own, counted, came_late, line_lost, earlier, gain, has_left)
        )
    counted_ids = [person.counted.id for person in people if person.counted]
    marks = [person.counted.percent or 0.0 for person in people if person.counted]
    analysis = analyse_quiz(db, quiz, counted_ids)
    return Results(
        people=people,
        analysis=analysis,
        comparison=_compare(db, people, analysis, pre_test, before) if pre_test else None,
        mean=fmean(marks) if marks else None,
        passed=sum(bool(person.counted and person.counted.passed) for person in people),
        has_pass_mark=any(person.counted and person.counted.passed is not None for person in people),
        late=sum(person.late for person in people),
    )


def _trainees(db: Db, batch_id: int) -> Sequence[tuple[int, str, str | None, str, bool]]:
    rows = db.execute(
        select(
            Person.id,
            Person.name,
            Person.nip,
            func.coalesce(Unit.name, ""),
            func.count(),
            func.count(Enrolment.ends_at),
        )
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(Enrolment.batch_id == batch_id, Enrolment.role == "trainee")
        .group_by(Person.id, Person.name, Person.nip, Unit.name)
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name, nip, unit, every == ended) for person_id, name, nip, unit, every, ended in rows]


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


def _lost_counts(db: Db, quiz_id: int, batch_id: int) -> Mapping[int, int]:
    rows = db.execute(
        select(LineOutage.attempt_id, func.count())
        .join(Attempt, Attempt.id == LineOutage.attempt_id)
        .where(
            Attempt.quiz_id == quiz_id,
            Attempt.batch_id == batch_id,
            LineOutage.given_at.is_(None),
            Attempt.ends_at.is_not(None),
            func.coalesce(Attempt.submitted_by, "") != "person",
        )
        .group_by(LineOutage.attempt_id)
    )
    return dict(rows.all())


def _pre_test(db: Db, quiz: Quiz, batch_id: int) -> tuple[Quiz | None, Mapping[int, Counted]]:
    """Return the course's pre-test and who took it with what counts, for a post-test to be compared with."""
    if quiz.purpose != Purpose.POST:
        return None, {}
    pre = db.scalars(
        select(Quiz)
        .where(Quiz.course_id == quiz.course_id, Quiz.purpose == Purpose.PRE)
        # One in use before one put aside, one of a file before one made here.
        .order_by(Quiz.archived_at.is_not(None), Quiz.made_here, Quiz.key)
        .limit(1)
    ).one_or_none()
    return pre, _counted(db, pre, batch_id) if pre else {}


def _counted(db: Db, quiz: Quiz, batch_id: int) -> dict[int, Counted]:
    settings = settings_in(db, quiz, batch_id)
    counted = {
        person_id: what_counts(own, settings.counts, settings.pass_mark)
        for person_id, own in _attempts(db, quiz.id, batch_id).items()
    }
    return {person_id: one for person_id, one in counted.items() if one is not None}


def _compare(
    db: Db, people: Sequence[PersonResult], analysis: Analysis, pre_test: Quiz, before: Mapping[int, Counted]
) -> Comparison | None:
    both = [person for person in people if person.counted and person.before is not None]
    if not both:
        return None
    earlier_analysis = analyse_quiz(db, pre_test, [before[person.person_id].id for person in both])
    earlier = earlier_analysis.by_key()
    first_by_topic = {topic: share for topic, _, share in earlier_analysis.topics}
    first, last = [person.before or 0.0 for person in both], [person.counted.percent or 0.0 for person in both]  # type: ignore[union-attr]
    return Comparison(
        people=len(both),
        before=first,
        after=last,
        gain=normalised_gain(fmean(first), fmean(last)),
        bands=Counter(gain_band(person.gain) for person in both if person.gain is not None),
        questions=[
            (one.number, one.question, was, now)
            for one in analysis.questions
            if one.question.key in earlier
            and (was := earlier[one.question.key].facility) is not None
            and (now := one.facility) is not None
        ],
        topics=[
            (topic, first_by_topic[topic], share) for topic, _, share in analysis.topics if topic in first_by_topic
        ],
    )
