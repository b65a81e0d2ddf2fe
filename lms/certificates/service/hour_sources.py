"""What hours are derived from: marks of sessions, modules read and tests passed, accepted claims. Read only."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, func, select, union

from lms.accounts.models import AuditEntry
from lms.accounts.service.people import HERE
from lms.attendance.models import Amendment, Mark, Register
from lms.certificates.models.hours import ConversionLine, HourClaim, HourEntry, HourPolicyRow
from lms.certificates.rules.hours import Held, HourPolicy, attended_hours, policy_on, rounded, spread_over_days
from lms.courses.models import Course, Module, Progress
from lms.db import Db
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz
from lms.sessions.models import LiveSession


@dataclass(frozen=True)
class Source:
    """One thing somebody took part in, with what an entry tells of it."""

    person_id: int
    held: Held
    is_final: bool
    title_id: str
    title_en: str
    batch_id: int | None


def read_sources(db: Db, person_ids: Collection[int], policies: Sequence[HourPolicy]) -> dict[int, list[Source]]:
    """Return everything these people took part in; a fixed number of statements, however many people."""
    found: dict[int, list[Source]] = defaultdict(list)
    for source in (
        *_sessions(db, person_ids, policies), *_courses(db, person_ids, policies), *_claims(db, person_ids),
    ):  # fmt: skip
        found[source.person_id].append(source)
    return found


def people_changed_since(db: Db, since: datetime) -> set[int]:
    """Return whose hours may have changed since then; everybody with entries where a table was edited."""
    changed_sessions = union(
        select(Register.session_id).where(Register.signed_at >= since),
        select(Amendment.session_id).where(Amendment.at >= since),
        select(LiveSession.id).where(LiveSession.changed_at >= since),
    )
    programmes = select(AuditEntry.subject_id).where(AuditEntry.action == "programme_changed", AuditEntry.at >= since)
    in_programmes = (
        select(Enrolment.person_id)
        .join(Batch, Batch.id == Enrolment.batch_id)
        .where(Batch.programme_id.in_(programmes), Enrolment.role == "trainee")
    )
    ways: list[Select[int]] = [
        select(Mark.person_id).where(Mark.judged_at >= since),
        select(Mark.person_id).where(Mark.session_id.in_(changed_sessions)),
        select(Progress.person_id).where(Progress.read_at >= since),
        select(Attempt.person_id).where(Attempt.submitted_at >= since),
        select(HourClaim.person_id).where(HourClaim.decided_at >= since),
        select(Enrolment.person_id).where(Enrolment.role == "trainee", Enrolment.starts_at >= since),
        in_programmes,
    ]
    people = set(db.scalars(union(*ways)))
    edited = [select(ConversionLine.kind).where(ConversionLine.changed_at >= since).limit(1)]
    edited.append(select(HourPolicyRow.minimum).where(HourPolicyRow.changed_at >= since).limit(1))  # type: ignore[arg-type]
    if any(db.scalar(one) is not None for one in edited):
        people |= set(db.scalars(select(HourEntry.person_id).distinct()))
    return people


def _sessions(db: Db, person_ids: Collection[int], policies: Sequence[HourPolicy]) -> list[Source]:
    rows = db.execute(
        select(Mark, LiveSession, Programme.kind, Programme.scope, Register.signed_at)
        .join(LiveSession, LiveSession.id == Mark.session_id)
        .join(Batch, Batch.id == LiveSession.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .outerjoin(Register, Register.session_id == LiveSession.id)
        .where(Mark.person_id.in_(person_ids), LiveSession.status == "scheduled", LiveSession.lesson_hours > 0)
    )
    found = []
    for mark, session, kind, scope, signed_at in rows:
        day = session.starts_at.astimezone(HERE).date()
        policy = policy_on(policies, day)
        hours = attended_hours(session.lesson_hours, mark.status, mark.attended_seconds, mark.counted_seconds, policy)
        if hours <= 0:
            continue
        kinds = {"teleconference": policy.teleconference_kind, "study_visit": policy.visit_kind}
        held = Held(
            f"session:{session.id}", day, kinds.get(session.mode, kind), scope, hours, f"batch:{session.batch_id}"
        )
        found.append(
            Source(mark.person_id, held, signed_at is not None, session.title_id, session.title_en, session.batch_id)
        )
    return found


def _courses(db: Db, person_ids: Collection[int], policies: Sequence[HourPolicy]) -> list[Source]:
    """Return the hours of courses read by oneself: by the days on which modules were read, final with the test."""
    worth = db.execute(
        select(Enrolment.person_id, Enrolment.batch_id, ProgrammeCourse.course_id, ProgrammeCourse.lesson_hours)
        .add_columns(Programme.scope, Course.title_id, Course.title_en)
        .join(Batch, Batch.id == Enrolment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(ProgrammeCourse, ProgrammeCourse.programme_id == Programme.id)
        .join(Course, Course.id == ProgrammeCourse.course_id)
        .where(Enrolment.person_id.in_(person_ids), Enrolment.role == "trainee", ProgrammeCourse.lesson_hours > 0)
        .order_by(Enrolment.id)
    ).all()
    # Whoever meets a course in two programmes learns it once.
    first = {(row.person_id, row.course_id): row for row in reversed(worth)}
    if not first:
        return []
    courses = {course_id for _person, course_id in first}
    modules = dict(
        db.execute(
            select(Module.course_id, func.count())
            .where(Module.course_id.in_(courses), Module.archived_at.is_(None))
            .group_by(Module.course_id)
        ).all()
    )
    read: dict[tuple[int, int], list[date]] = defaultdict(list)
    reading = (
        select(Progress.person_id, Module.course_id, Progress.read_at)
        .join(Module, Module.id == Progress.module_id)
        .where(Progress.person_id.in_(person_ids), Module.course_id.in_(courses), Module.archived_at.is_(None))
    )
    for row in db.execute(reading):
        read[row.person_id, row.course_id].append(row.read_at.astimezone(HERE).date())
    tested, passed = _tests(db, person_ids, courses)
    found = []
    for (person_id, course_id), row in first.items():
        days = read[person_id, course_id]
        is_whole = len(days) >= modules.get(course_id, 0)
        is_final = (person_id, course_id) in passed if course_id in tested else is_whole
        for day, hours in spread_over_days(row.lesson_hours, days, modules.get(course_id, 0)).items():
            policy = policy_on(policies, day)
            held = Held(
                f"course:{course_id}:{day}", day, policy.self_paced_kind, row.scope,
                rounded(hours, policy.rounding), f"course:{course_id}",
            )  # fmt: skip
            found.append(Source(person_id, held, is_final, row.title_id, row.title_en, row.batch_id))
    return found


def _tests(db: Db, person_ids: Collection[int], courses: Collection[int]) -> tuple[set[int], set[tuple[int, int]]]:
    """Return the courses that end with a test, and who passed which."""
    tested = set(
        db.scalars(select(Quiz.course_id).where(Quiz.course_id.in_(courses), Quiz.purpose == "post").distinct())
    )
    passed = db.execute(
        select(Attempt.person_id, Quiz.course_id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(
            Attempt.person_id.in_(person_ids),
            Quiz.course_id.in_(courses),
            Quiz.purpose == "post",
            Attempt.passed.is_(True),
        )
        .distinct()
    )
    return tested, {(row.person_id, row.course_id) for row in passed}


def _claims(db: Db, person_ids: Collection[int]) -> list[Source]:
    rows = db.scalars(select(HourClaim).where(HourClaim.person_id.in_(person_ids), HourClaim.state == "accepted"))
    return [
        Source(
            claim.person_id,
            Held(f"claim:{claim.id}", claim.ends_on, claim.kind, claim.scope, Decimal(claim.hours)),
            True,
            claim.title,
            "",
            None,
        )
        for claim in rows
    ]
