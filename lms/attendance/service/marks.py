"""Marks: verdicts stored as rows, so that change is visible and exports are cheap."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, not_, select

from lms.attendance.models import Evidence, Mark, Register, Visit
from lms.attendance.rules.judgement import RULES_VERSION, Judgement, stored_reasons
from lms.attendance.service.standing import expected, read_standing
from lms.db import Db
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession

# A drop is noticed up to 30 s late and a killed process counts as dead after 20 s: no mark before that.
DETECTION = timedelta(seconds=60)


def judgeable(session: LiveSession, at: datetime) -> bool:
    """Return whether every witness has had the time to speak, so that marks can be written."""
    return session.status != "cancelled" and at >= session.ends_at + DETECTION


def judge_marks(db: Db, session: LiveSession, *, at: datetime, person_ids: Collection[int] | None = None) -> int:
    """Write the marks of these people (None: everyone expected) from the evidence; return how many changed.

    Does nothing before the session is judgeable or once its register is signed: a signed mark changes
    only by an amendment.
    """
    if not judgeable(session, at) or db.get(Register, session.id) is not None:
        return 0
    if person_ids is not None:
        person_ids = {*person_ids, *_watching_with(db, session, person_ids)}
    return write_marks(db, session, at=at, person_ids=person_ids)


def _watching_with(db: Db, session: LiveSession, person_ids: Collection[int]) -> Sequence[int]:
    """Return who watches at a device of these people: what is heard of it late changes their marks, too."""
    devices = select(Visit.id).where(Visit.session_id == session.id, Visit.person_id.in_(person_ids))
    return db.scalars(select(Evidence.person_id).where(Evidence.host_visit_id.in_(devices)).distinct()).all()


def write_marks(db: Db, session: LiveSession, *, at: datetime, person_ids: Collection[int] | None) -> int:
    """Write marks whatever the register's state; for `judge_marks` and amendments. Return how many changed."""
    people = expected(db, session, person_ids)
    standing = read_standing(db, session, None if person_ids is None else [p.id for p in people])
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.session_id == session.id))}
    changed = 0
    for person in people:
        verdict = standing.judge(person.id, at)
        mark = marks.get(person.id)
        if mark is None:
            mark = Mark(session_id=session.id, person_id=person.id)
            db.add(mark)
        elif not _differs(mark, verdict):
            continue
        _fill(mark, verdict, at)
        db.touch(session.id, person.id)
        changed += 1
    return changed


def _fill(mark: Mark, verdict: Judgement, at: datetime) -> None:
    mark.status = verdict.status.value
    mark.excuse = verdict.excuse.value if verdict.excuse else None
    mark.late = verdict.late
    mark.left_early = verdict.left_early
    mark.attended_seconds = int(verdict.attended.total_seconds())
    mark.counted_seconds = int(verdict.counted.total_seconds())
    mark.presence = [[i.start.isoformat(), i.end.isoformat()] for i in verdict.intervals]
    mark.reasons = stored_reasons(verdict.reasons)
    mark.judged_at = at
    mark.rules_version = RULES_VERSION


def _differs(mark: Mark, verdict: Judgement) -> bool:
    return (
        mark.status != verdict.status.value
        or mark.excuse != (verdict.excuse.value if verdict.excuse else None)
        or (mark.late, mark.left_early) != (verdict.late, verdict.left_early)
        or mark.attended_seconds != int(verdict.attended.total_seconds())
        or mark.counted_seconds != int(verdict.counted.total_seconds())
        or mark.reasons != stored_reasons(verdict.reasons)
        or mark.rules_version != RULES_VERSION
    )


def sessions_to_judge(db: Db, *, at: datetime) -> list[int]:
    """Return ids of sessions that ended in the last days and lack marks for somebody who was expected."""
    lacking = exists().where(
        Enrolment.batch_id == LiveSession.batch_id,
        Enrolment.role == "trainee",
        Enrolment.starts_at < LiveSession.ends_at,
        (Enrolment.ends_at.is_(None)) | (Enrolment.ends_at > LiveSession.starts_at),
        not_(exists().where(and_(Mark.session_id == LiveSession.id, Mark.person_id == Enrolment.person_id))),
    )
    return list(
        db.scalars(
            select(LiveSession.id).where(
                LiveSession.status == "scheduled",
                LiveSession.ends_at <= at - DETECTION,
                LiveSession.ends_at > at - timedelta(days=30),
                not_(exists().where(Register.session_id == LiveSession.id)),
                lacking,
            )
        )
    )
