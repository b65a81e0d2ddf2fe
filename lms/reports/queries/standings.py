"""Where each trainee of some batches stands: attendance, tests, hours, certificate. Statements are constant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from lms.accounts.models import Person
from lms.attendance.rules.balance import Balance
from lms.attendance.service.balance import read_balances
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.hours import HourEntry
from lms.db import Db
from lms.kernel.languages import CONTENT
from lms.programmes.models import Enrolment, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz, QuizVersion
from lms.quizzes.rules.counting import Counted, what_counts
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service.setting import settings_by_batch, settings_for
from lms.reports.standings import Standing

NONE = Decimal(0)


@dataclass(frozen=True)
class Tests:
    """Pre- and post-tests of programmes in use, their titles by language, and what counts for (batch, quiz, person)."""

    quizzes: Sequence[Quiz]
    titles: Mapping[int, Mapping[str, str]]
    counted: Mapping[tuple[int, int, int], Counted]


def read_tests(
    db: Db, programme_ids: Collection[int], batch_ids: Sequence[int], only: Select[int] | None = None
) -> Tests:
    """Return what the tests of these programmes came to in these batches. Three statements.

    `only` selects the ids of people beyond whom nobody need be read: of ten thousand a head of unit has twenty.
    """
    rows = db.execute(
        select(Quiz, QuizVersion.settings)
        .join(QuizVersion, and_(QuizVersion.quiz_id == Quiz.id, QuizVersion.number == Quiz.version))
        .where(
            Quiz.course_id.in_(
                select(ProgrammeCourse.course_id).where(ProgrammeCourse.programme_id.in_(programme_ids))
            ),
            Quiz.purpose.in_((Purpose.PRE.value, Purpose.POST.value)),
            Quiz.archived_at.is_(None),
        )
        .order_by(Quiz.id)
    ).all()
    stored = {quiz.id: settings for quiz, settings in rows}
    differing = settings_by_batch(db, list(stored))
    tried: dict[tuple[int, int, int], list[Any]] = {}
    for one in db.execute(
        select(
            Attempt.batch_id,
            Attempt.quiz_id,
            Attempt.person_id,
            Attempt.id,
            Attempt.number,
            Attempt.percent,
            Attempt.passed,
            Attempt.earned,
            Attempt.possible,
            Attempt.ungraded,
            Attempt.started_at,
            Attempt.submitted_at,
            Attempt.submitted_by,
        )
        .where(
            Attempt.quiz_id.in_(stored),
            Attempt.batch_id.in_(batch_ids),
            Attempt.submitted_at.is_not(None),
            *_among(Attempt.person_id, only),
        )
        .order_by(Attempt.number)
    ):
        tried.setdefault((one.batch_id, one.quiz_id, one.person_id), []).append(one)
    settings = {
        (batch_id, quiz_id): settings_for(stored[quiz_id], differing.get((quiz_id, batch_id)))
        for batch_id, quiz_id in {key[:2] for key in tried}
    }
    counted = {}
    for key, own in tried.items():
        rules = settings[key[:2]]
        found = what_counts(own, rules.counts, rules.pass_mark)
        if found is not None:
            counted[key] = found
    titles = {
        quiz_id: {language: load_settings(one).title.read(language)[0] for language in CONTENT}
        for quiz_id, one in stored.items()
    }
    return Tests([quiz for quiz, _settings in rows], titles, counted)


def read_standings(
    db: Db,
    minimum: Mapping[int, Decimal],
    tests: Tests,
    *narrowed: ColumnElement[bool],
    at: datetime,
    only: Select[int] | None = None,
) -> list[Standing]:
    """Return the trainees of these batches (batch id → the programme's minimum). Four statements.

    `narrowed` are conditions on Enrolment that say who they are; `only` spares reading others, as in `read_tests`.
    """
    own = (Enrolment.batch_id.in_(list(minimum)), *narrowed)
    people = _trainees(db, *own)
    balances = read_balances(db, *own)
    hours = _hours(db, list(minimum), only)
    certificates = _certificates(db, list(minimum), only)
    before, after = _means(tests, Purpose.PRE), _means(tests, Purpose.POST)
    verdicts = _verdicts(tests)
    found = []
    for key, (unit_id, ends_at) in people.items():
        balance = balances.get(key, Balance())
        final, provisional = hours.get(key, (NONE, NONE))
        found.append(
            Standing(
                batch_id=key[0],
                person_id=key[1],
                unit_id=unit_id,
                is_gone=ends_at is not None and ends_at <= at,
                balance=balance,
                outlook=balance.outlook(minimum[key[0]]),
                before=before.get(key),
                after=after.get(key),
                passed=verdicts.get(key),
                hours=final,
                provisional_hours=provisional,
                certificate=certificates.get(key, ""),
            )
        )
    return found


def _trainees(db: Db, *own: ColumnElement[bool]) -> dict[tuple[int, int], tuple[int | None, datetime | None]]:
    """Return (batch, person) → her unit and when she left; enrolled again, the latest enrolment says so."""
    rows = db.execute(
        select(Enrolment.batch_id, Enrolment.person_id, Person.unit_id, Enrolment.ends_at)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.role == "trainee", *own)
        .order_by(Enrolment.starts_at, Enrolment.id)
    )
    return {(row.batch_id, row.person_id): (row.unit_id, row.ends_at) for row in rows}


def _hours(
    db: Db, batch_ids: Sequence[int], only: Select[int] | None
) -> dict[tuple[int, int], tuple[Decimal, Decimal]]:
    """Return (batch, person) → hours earned in the batch: final, and provisional."""
    rows = db.execute(
        select(HourEntry.batch_id, HourEntry.person_id, HourEntry.is_final, func.sum(HourEntry.hours))
        .where(HourEntry.batch_id.in_(batch_ids), *_among(HourEntry.person_id, only))
        .group_by(HourEntry.batch_id, HourEntry.person_id, HourEntry.is_final)
    )
    found: dict[tuple[int, int], tuple[Decimal, Decimal]] = {}
    for batch_id, person_id, is_final, hours in rows:
        key = (batch_id or 0, person_id)
        final, provisional = found.get(key, (NONE, NONE))
        counted = Decimal(str(hours))
        found[key] = (final + counted, provisional) if is_final else (final, provisional + counted)
    return found


def _certificates(db: Db, batch_ids: Sequence[int], only: Select[int] | None) -> dict[tuple[int, int], str]:
    rows = db.execute(
        select(Certificate.batch_id, Certificate.person_id, Certificate.state).where(
            Certificate.batch_id.in_(batch_ids), Certificate.state != "revoked", *_among(Certificate.person_id, only)
        )
    )
    return {(batch_id, person_id): state for batch_id, person_id, state in rows}


def _among(person: Any, only: Select[int] | None) -> list[ColumnElement[bool]]:
    return [] if only is None else [person.in_(only)]


def _means(tests: Tests, purpose: Purpose) -> dict[tuple[int, int], float]:
    """Return (batch, person) → the mean of her tests of this purpose."""
    wanted = {quiz.id for quiz in tests.quizzes if quiz.purpose == purpose}
    marks: dict[tuple[int, int], list[float]] = {}
    for (batch_id, quiz_id, person_id), one in tests.counted.items():
        if quiz_id in wanted:
            marks.setdefault((batch_id, person_id), []).append(one.percent)
    return {key: fmean(percents) for key, percents in marks.items()}


def _verdicts(tests: Tests) -> dict[tuple[int, int], bool | None]:
    """Return (batch, person) → whether she passed the post-tests she took; None while answers wait for grading.

    A test without a pass mark cannot be failed.
    """
    wanted = {quiz.id for quiz in tests.quizzes if quiz.purpose == Purpose.POST}
    found: dict[tuple[int, int], bool | None] = {}
    for (batch_id, quiz_id, person_id), one in tests.counted.items():
        if quiz_id not in wanted:
            continue
        verdict = False if one.passed is False else None if one.ungraded else True
        known = found.get((batch_id, person_id), True)
        found[batch_id, person_id] = False if False in (verdict, known) else None if None in (verdict, known) else True
    return found
