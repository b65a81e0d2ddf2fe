"""Where each trainee of a batch stands: what is met, what is missing, and the certificate there is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from sqlalchemy import ColumnElement, and_, func, select

from lms.attendance.models import Register
from lms.attendance.rules.balance import Balance
from lms.attendance.service.balance import answered_for, read_balances
from lms.certificates.models.certificates import Certificate, CertificateRule, Waiver
from lms.certificates.rules.requirements import (
    Facts,
    Kind,
    Need,
    PostTest,
    Questionnaires,
    StateOfTest,
    is_ready,
    needs_of,
)
from lms.certificates.service import evaluated
from lms.certificates.service.ruling import demands_of
from lms.db import Db
from lms.programmes.models import Batch, Enrolment, ProgrammeCourse
from lms.programmes.service.members import Member, everyone_ever
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.counting import what_counts
from lms.quizzes.rules.questions import Purpose
from lms.quizzes.rules.settings import QuizSettings
from lms.quizzes.service.setting import settings_in
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class Candidate:
    """A trainee of the batch: the needs in order, and her certificate that is not revoked (None: none yet).

    `revoked` counts certificates of hers that were. `mean` is that of the post-tests that count.
    """

    member: Member
    facts: Facts
    needs: tuple[Need, ...]
    certificate: Certificate | None
    revoked: int
    has_left: bool

    @property
    def is_ready(self) -> bool:
        return self.certificate is None and is_ready(self.needs)

    @property
    def missing(self) -> tuple[Need, ...]:
        return tuple(need for need in self.needs if not need.holds)

    @property
    def mean(self) -> float | None:
        taken = [test.percent for test in self.facts.tests if test.percent is not None]
        return fmean(taken) if taken else None

    @property
    def waivable(self) -> list[Kind]:
        """Return what is missing and may be let pass, each kind once."""
        return list(dict.fromkeys(need.kind for need in self.missing))


def read_candidates(
    db: Db,
    batch: Batch,
    rule: CertificateRule | None,
    *,
    at: datetime,
    narrowed: ColumnElement[bool] | None = None,
    people: Collection[int] | None = None,
) -> list[Candidate]:
    """Return the batch's trainees by name; `batch.programme` must be loaded. Their number adds no statement.

    `narrowed` is a condition on Enrolment, `people` limits it to these. Who left is told apart, and left out where
    there is no certificate of theirs.
    """
    members = _trainees(db, batch, at, narrowed, people)
    ids = [member.person_id for member, _has_left in members]
    demands = demands_of(rule, batch.programme)
    where = (Enrolment.batch_id == batch.id, Enrolment.person_id.in_(ids))
    balances = read_balances(db, *where)
    sessions = _sessions(db, *where, at=at)
    tests = _tests(db, batch, ids)
    asked = evaluated.missing(db, batch.id, ids, at) if demands.evaluation else {}
    waivers = _waivers(db, batch.id, ids)
    certificates = _certificates(db, batch.id, ids)
    found = []
    for member, has_left in members:
        to_come, unsigned = sessions.get(member.person_id, (0, 0))
        facts = Facts(
            balance=balances.get((batch.id, member.person_id), Balance()),
            unsigned=unsigned,
            to_come=to_come,
            tests=tests.get(member.person_id, ()),
            questionnaires=asked.get(member.person_id, Questionnaires()),
        )
        own = certificates.get(member.person_id, [])
        valid = next((one for one in own if one.state != "revoked"), None)
        if has_left and not own:
            continue
        needs = needs_of(demands, facts, waivers.get(member.person_id))
        found.append(Candidate(member, facts, needs, valid, len(own) - (valid is not None), has_left))
    return found


def _trainees(
    db: Db, batch: Batch, at: datetime, narrowed: ColumnElement[bool] | None, people: Collection[int] | None
) -> list[tuple[Member, bool]]:
    latest: dict[int, Member] = {}
    for member in everyone_ever(db, batch.id, narrowed=narrowed, roles=("trainee",)):
        if people is None or member.person_id in people:
            latest[member.person_id] = member
    return [(member, member.ends_at is not None and member.ends_at <= at) for member in latest.values()]


def _sessions(db: Db, *where: ColumnElement[bool], at: datetime) -> dict[int, tuple[int, int]]:
    """Return person id → how many of her sessions are to come, and how many are held and not signed."""
    expected = answered_for(*where).subquery("expected")
    is_over = LiveSession.ends_at <= at
    rows = db.execute(
        select(
            expected.c.person_id,
            func.count().filter(~is_over).label("to_come"),
            func.count().filter(and_(is_over, Register.session_id.is_(None))).label("unsigned"),
        )
        .join(LiveSession, LiveSession.id == expected.c.session_id)
        .outerjoin(Register, Register.session_id == expected.c.session_id)
        .group_by(expected.c.person_id)
    )
    return {row.person_id: (row.to_come, row.unsigned) for row in rows}


def _tests(db: Db, batch: Batch, people: Sequence[int]) -> Mapping[int, list[PostTest]]:
    """Return person id → how the programme's post-tests in use stand for her, in the order of the courses."""
    quizzes = db.scalars(
        select(Quiz)
        .join(ProgrammeCourse, ProgrammeCourse.course_id == Quiz.course_id)
        .where(
            ProgrammeCourse.programme_id == batch.programme_id,
            Quiz.purpose == Purpose.POST.value,
            Quiz.archived_at.is_(None),
        )
        .order_by(ProgrammeCourse.position, Quiz.id)
    ).all()
    attempts: dict[tuple[int, int], list[Attempt]] = {}
    for attempt in db.scalars(
        select(Attempt)
        .where(
            Attempt.batch_id == batch.id,
            Attempt.quiz_id.in_([quiz.id for quiz in quizzes]),
            Attempt.person_id.in_(people),
        )
        .order_by(Attempt.number)
    ):
        attempts.setdefault((attempt.quiz_id, attempt.person_id), []).append(attempt)
    found: dict[int, list[PostTest]] = {person_id: [] for person_id in people}
    for quiz in quizzes:
        settings = settings_in(db, quiz, batch.id)
        for person_id in people:
            found[person_id].append(_test(settings, attempts.get((quiz.id, person_id), [])))
    return found


def _test(settings: QuizSettings, attempts: Sequence[Attempt]) -> PostTest:
    title = {language: settings.title.read(language)[0] for language in ("id", "en")}
    counted = what_counts(attempts, settings.counts, settings.pass_mark)
    if counted is None:
        return PostTest(title, StateOfTest.OPEN if attempts else StateOfTest.NOT_TAKEN, None, settings.pass_mark)
    if counted.ungraded:
        state = StateOfTest.GRADING
    else:
        # A test without a pass mark cannot be failed.
        state = StateOfTest.FAILED if counted.passed is False else StateOfTest.PASSED
    return PostTest(title, state, counted.percent, settings.pass_mark)


def _waivers(db: Db, batch_id: int, people: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for waiver in db.scalars(select(Waiver).where(Waiver.batch_id == batch_id, Waiver.person_id.in_(people))):
        found.setdefault(waiver.person_id, {})[waiver.kind] = waiver.reason
    return found


def _certificates(db: Db, batch_id: int, people: Collection[int]) -> dict[int, list[Certificate]]:
    found: dict[int, list[Certificate]] = {}
    for one in db.scalars(
        select(Certificate)
        .where(Certificate.batch_id == batch_id, Certificate.person_id.in_(people))
        .order_by(Certificate.id)
    ):
        found.setdefault(one.person_id, []).append(one)
    return found
