"""A programme after Kirkpatrick's four levels, batch by batch: reaction, learning, behaviour at work, results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from lms.attendance.service.balance import read_balances
from lms.db import Db
from lms.evaluations.models import Survey
from lms.evaluations.rules.blocks import FOLLOW_UPS
from lms.evaluations.rules.drafts import FOLLOW_UP_MONTHS
from lms.evaluations.rules.results import LEAST
from lms.evaluations.service.plans import Progress, progress_of
from lms.evaluations.service.results import SurveyResult, Told, read_results, taken_together
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.results import Gain, gain_band, normalised_gain
from lms.quizzes.service.setting import settings_by_batch, settings_for


@dataclass(frozen=True)
class Learning:
    """Level 2: the same people before and after (per cent), and how many passed of those with a result.

    Means and gain are None where fewer than five took both tests; `people` says how many did.
    """

    people: int
    before: float | None
    after: float | None
    gain: float | None
    passed: int
    tested: int
    attended: float | None

    @property
    def band(self) -> Gain | None:
        return None if self.gain is None else gain_band(self.gain)


@dataclass(frozen=True)
class BatchLevels:
    """One batch on the four levels. Follow-ups by (month, kind)."""

    batch: Batch
    organiser: Told
    instructor: Told
    learning: Learning
    behaviour: Mapping[tuple[int, str], Told]
    effect: Mapping[tuple[int, str], Told]
    plans: Progress

    @property
    def has_follow_up(self) -> bool:
        return any(one.closed for one in self.behaviour.values())


def read_levels(db: Db, programme: Programme, *batches: ColumnElement[bool], at: datetime) -> list[BatchLevels]:
    """Return the programme's batches on the four levels, the earliest first. The number of statements depends
    neither on batches nor on people. `batches` are conditions on Batch."""
    found = db.scalars(
        select(Batch).where(Batch.programme_id == programme.id, *batches).order_by(Batch.starts_on, Batch.id)
    ).all()
    ids = [batch.id for batch in found]
    results: dict[int, list[SurveyResult]] = {batch_id: [] for batch_id in ids}
    for one in read_results(db, Survey.batch_id.in_(ids), at=at):
        results[one.survey.batch_id].append(one)
    learnt = _learning(db, programme.id, ids)
    plans = progress_of(db, ids)
    return [_levels(batch, results[batch.id], learnt[batch.id], plans[batch.id]) for batch in found]


def _levels(batch: Batch, results: Sequence[SurveyResult], learning: Learning, plans: Progress) -> BatchLevels:
    def of(kind: str, month: int | None = None) -> list[SurveyResult]:
        return [one for one in results if one.survey.kind == kind and one.survey.month == month]

    rounds = [(month, kind) for month in FOLLOW_UP_MONTHS for kind in FOLLOW_UPS]
    return BatchLevels(
        batch,
        taken_together(of("organiser")),
        taken_together(of("instructor")),
        learning,
        {(month, kind): taken_together(of(kind, month), 3) for month, kind in rounds},
        {(month, kind): taken_together(of(kind, month), 4) for month, kind in rounds},
        plans,
    )


def _learning(db: Db, programme_id: int, batch_ids: Sequence[int]) -> dict[int, Learning]:
    purpose, counted = _counted(db, programme_id, batch_ids)
    balances = read_balances(db, Enrolment.batch_id.in_(batch_ids))
    found = {}
    for batch_id in batch_ids:
        own = {key[1:]: one for key, one in counted.items() if key[0] == batch_id}
        before = _means(own, purpose, Purpose.PRE)
        after = _means(own, purpose, Purpose.POST)
        both = sorted(set(before) & set(after))
        is_told = len(both) >= LEAST
        first = fmean(before[one] for one in both) if is_told else None
        last = fmean(after[one] for one in both) if is_told else None
        post = [one for (quiz_id, _person), one in own.items() if purpose[quiz_id] == Purpose.POST]
        shares = [
            one.weighed.share for (found_in, _who), one in balances.items() if found_in == batch_id and one.weighed.held
        ]
        found[batch_id] = Learning(
            people=len(both),
            before=first,
            after=last,
            gain=normalised_gain(first, last) if first is not None and last is not None else None,
            passed=sum(one.passed is not False for one in post),
            tested=len(post),
            attended=fmean(shares) if len(shares) >= LEAST else None,
        )
    return found


def _means(own: Mapping[tuple[int, int], Counted], purpose: Mapping[int, str], wanted: Purpose) -> dict[int, float]:
    """Return person id → mean over the tests of this purpose that she took."""
    marks: dict[int, list[float]] = {}
    for (quiz_id, person_id), one in own.items():
        if purpose[quiz_id] == wanted:
            marks.setdefault(person_id, []).append(one.percent)
    return {person_id: fmean(percents) for person_id, percents in marks.items()}


def _counted(
    db: Db, programme_id: int, batch_ids: Sequence[int]
) -> tuple[dict[int, str], dict[tuple[int, int, int], Counted]]:
    """Return quiz id → purpose, and (batch, quiz, person) → what counts, for the programme's pre- and post-tests."""
    rows = db.execute(
        select(Quiz, QuizVersion.settings)
        .join(QuizVersion, and_(QuizVersion.quiz_id == Quiz.id, QuizVersion.number == Quiz.version))
        .join(ProgrammeCourse, ProgrammeCourse.course_id == Quiz.course_id)
        .where(
            ProgrammeCourse.programme_id == programme_id,
            Quiz.purpose.in_((Purpose.PRE.value, Purpose.POST.value)),
            Quiz.archived_at.is_(None),
        )
    ).all()
    stored: dict[int, Any] = {quiz.id: settings for quiz, settings in rows}
    differing = settings_by_batch(db, list(stored))
    tried: dict[tuple[int, int, int], list[Attempt]] = {}
    for attempt in db.scalars(
        select(Attempt).where(Attempt.quiz_id.in_(stored), Attempt.batch_id.in_(batch_ids)).order_by(Attempt.number)
    ):
        tried.setdefault((attempt.batch_id, attempt.quiz_id, attempt.person_id), []).append(attempt)
    found = {}
    for (batch_id, quiz_id, person_id), own in tried.items():
        settings = settings_for(stored[quiz_id], differing.get((quiz_id, batch_id)))
        one = what_counts(own, settings.counts, settings.pass_mark)
        if one is not None:
            found[batch_id, quiz_id, person_id] = one
    return {quiz.id: quiz.purpose for quiz, _settings in rows}, found
