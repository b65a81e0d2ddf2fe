"""Marks: verdicts stored as rows, so that change is visible and exports are cheap."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from lms.attendance.models import Evidence, Mark, Outage, Register, Visit, WalkIn
from lms.attendance.rules.judgement import RULES_VERSION, Judgement, stored_reasons
from lms.attendance.service.expecting import expected
from lms.attendance.service.standing import read_standing
from lms.attendance.service.telling import tell_change, word_of
from lms.db import Db
from lms.kernel.errors import Said
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession

# A drop is noticed up to 30 s late and a killed process counts as dead after 20 s: no mark before that.
DETECTION = timedelta(seconds=60)

BY_EVIDENCE = Said("mark_changed_by_evidence")
BY_TIMES = Said("mark_changed_by_times")
BY_OUTAGE = Said("mark_changed_by_outage")


def judgeable(session: LiveSession, at: datetime) -> bool:
    """Return whether every witness has had the time to speak, so that marks can be written."""
    return session.status != "cancelled" and at >= session.ends_at + DETECTION


def judge_marks(
    db: Db,
    session: LiveSession,
    *,
    at: datetime,
    person_ids: Collection[int] | None = None,
    why: Said = BY_EVIDENCE,
    is_told: bool = True,
) -> int:
    """Write the marks of these people (None: everyone expected) from the evidence; return how many changed.

    Does nothing before the session is judgeable or once its register is signed: a signed mark changes
    only by an amendment.
    """
    if not judgeable(session, at) or db.get(Register, session.id) is not None:
        return 0
    if person_ids is not None:
        person_ids = {*person_ids, *_watching_with(db, session, person_ids)}
    return write_marks(db, session, at=at, person_ids=person_ids, why=why, is_told=is_told)


def _watching_with(db: Db, session: LiveSession, person_ids: Collection[int]) -> Sequence[int]:
    """Return who watches at a device of these people: what is heard of it late changes their marks, too."""
    devices = select(Visit.id).where(Visit.session_id == session.id, Visit.person_id.in_(person_ids))
    return db.scalars(select(Evidence.person_id).where(Evidence.host_visit_id.in_(devices)).distinct()).all()


def write_marks(
    db: Db,
    session: LiveSession,
    *,
    at: datetime,
    person_ids: Collection[int] | None,
    why: Said = BY_EVIDENCE,
    is_told: bool = True,
) -> int:
    """Write marks whatever the register's state; for `judge_marks` and amendments. Return how many changed.

    Whoever had a mark that now says something else is told old, new and `why`; `is_told` False where the caller
    tells it in its own words.
    """
    people = expected(db, session, person_ids)
    standing = read_standing(db, session, None if person_ids is None else [p.id for p in people])
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.session_id == session.id))}
    changed, new_rows = 0, []
    # An outage of ours is known when it is over; marks of before know nothing of it.
    outages = [blind.span.end for blind in standing.world.blindness if blind.span.start < session.ends_at]
    heard_of = max(outages, default=session.ends_at)
    for person in people:
        verdict = standing.judge(person.id, at)
        mark = marks.get(person.id)
        if mark is None:
            new_rows.append({"session_id": session.id, "person_id": person.id, **_values(verdict, at)})
        else:
            is_outdated, is_blind = mark.judged_at < session.ends_at, mark.judged_at < heard_of
            if not _differs(mark, verdict):
                if is_outdated or is_blind:
                    mark.judged_at = at
                continue
            old, new = word_of(mark.status, mark.excuse), word_of(verdict.status, verdict.excuse)
            if is_told and old != new:
                because = BY_TIMES if is_outdated else BY_OUTAGE if is_blind else why
                tell_change(db, session, person.id, old, new, because, at=at)
            for name, value in _values(verdict, at).items():
                setattr(mark, name, value)
        db.touch(session.id, person.id)
        changed += 1
    if new_rows:
        # Objects would be stored one by one, since each would have to learn its number.
        db.execute(insert(Mark), new_rows)
    return changed


def _values(verdict: Judgement, at: datetime) -> dict[str, Any]:
    return {
        "status": verdict.status.value,
        "excuse": verdict.excuse.value if verdict.excuse else None,
        "late": verdict.late,
        "left_early": verdict.left_early,
        "attended_seconds": int(verdict.attended.total_seconds()),
        "counted_seconds": int(verdict.counted.total_seconds()),
        "presence": [[i.start.isoformat(), i.end.isoformat()] for i in verdict.intervals],
        "reasons": stored_reasons(verdict.reasons),
        "judged_at": at,
        "rules_version": RULES_VERSION,
    }


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


def sessions_to_judge(db: Db, *, at: datetime, within: timedelta = timedelta(days=30)) -> list[int]:
    """Return ids of sessions that ended within `within` and lack marks for somebody who was expected, or have marks
    from before their end (it was put off) or from before we knew of an outage of ours in them."""

    def without_mark(person: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return not_(exists().where(and_(Mark.session_id == LiveSession.id, Mark.person_id == person)))

    enrolled = exists().where(
        Enrolment.batch_id == LiveSession.batch_id,
        Enrolment.role == "trainee",
        Enrolment.starts_at < LiveSession.ends_at,
        (Enrolment.ends_at.is_(None)) | (Enrolment.ends_at > LiveSession.starts_at),
        without_mark(Enrolment.person_id),
    )
    walked_in = exists().where(WalkIn.session_id == LiveSession.id, without_mark(WalkIn.person_id))
    outdated = exists().where(Mark.session_id == LiveSession.id, Mark.judged_at < LiveSession.ends_at)
    blind = exists().where(
        Outage.started_at < LiveSession.ends_at,
        Outage.ended_at > LiveSession.ends_at,
        exists().where(Mark.session_id == LiveSession.id, Mark.judged_at < Outage.ended_at),
    )
    return list(
        db.scalars(
            select(LiveSession.id).where(
                LiveSession.status == "scheduled",
                LiveSession.ends_at <= at - DETECTION,
                LiveSession.ends_at > at - within,
                not_(exists().where(Register.session_id == LiveSession.id)),
                or_(enrolled, walked_in, outdated, blind),
            )
        )
    )
