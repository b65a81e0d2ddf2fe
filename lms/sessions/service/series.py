"""Sessions of one series: made together, and changed from one of them on."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.intervals import Interval
from lms.programmes.models import Batch
from lms.sessions.models import LiveSession
from lms.sessions.rules import SessionDraft
from lms.sessions.service import scheduling
from lms.sessions.service.telling import concerned, tell_series


def schedule_series(
    db: Db, batch: Batch, draft: SessionDraft, days: Sequence[date], *, by: int | None, at: datetime
) -> list[LiveSession]:
    """Return a new session on each of these days, at the draft's clock times: each with a room and uid of its own.

    All or none: what refuses one refuses the series. Everyone concerned is told once. Raises like `schedule`.
    """
    series = secrets.token_hex(16)
    sessions = []
    for day in days:
        own = draft.model_copy(update={"on": day})
        session = scheduling.schedule(db, batch, own, by=by, at=at, is_told=False)
        session.series = series
        sessions.append(session)
    db.flush()
    record_act(db, "series_scheduled", "batch", batch.id, by=by, at=at, series=series, sessions=len(sessions))
    coming = [session for session in sessions if session.ends_at > at]
    if coming:
        people = {person for session in coming for person in concerned(db, session)}
        tell_series(db, coming, "series_scheduled", people, by=by, at=at)
    return sessions


def of_series(db: Db, session: LiveSession) -> list[LiveSession]:
    """Return every session of this one's series in order of time, itself included; empty when it has none."""
    if session.series is None:
        return []
    return list(
        db.scalars(
            select(LiveSession)
            .where(LiveSession.series == session.series)
            .order_by(LiveSession.starts_at, LiveSession.id)
        )
    )


def following(db: Db, session: LiveSession, at: datetime, *, lock: bool = False) -> list[LiveSession]:
    """Return the later sessions of the series that are neither over nor cancelled; `lock` for changing them."""
    if session.series is None:
        return []
    later = (
        select(LiveSession)
        .where(
            LiveSession.series == session.series,
            LiveSession.id != session.id,
            LiveSession.starts_at > session.starts_at,
            LiveSession.ends_at > at,
            LiveSession.status == "scheduled",
        )
        .order_by(LiveSession.starts_at, LiveSession.id)
    )
    return list(db.scalars(later.with_for_update() if lock else later))


def edit_following(
    db: Db, session: LiveSession, draft: SessionDraft, *, by: int | None, at: datetime
) -> tuple[int, bool]:
    """Change this session and those that follow in its series; return how many, and whether people were told.

    Each takes over the draft's words, place, people and clock times, and moves by as many days as this one does.
    All or none. Raises like `edit`.
    """
    later = following(db, session, at, lock=True)
    zone = ZoneInfo(draft.zone)
    shift = draft.on - session.starts_at.astimezone(zone).date()
    drafts = {session.id: draft}
    for other in later:
        day = other.starts_at.astimezone(zone).date() + shift
        drafts[other.id] = draft.model_copy(update={"on": day, "sequence": None})
    moved, people = [], set()
    for one in (session, *later):
        before, window = _plan(one), Interval(one.starts_at, one.ends_at)
        scheduling.edit(db, one, drafts[one.id], by=by, at=at, is_told=False)
        if _plan(one) != before and one.ends_at > at:
            moved.append(one)
            people |= concerned(db, one, window)
    if moved:
        tell_series(db, moved, "series_moved", people, by=by, at=at)
    return 1 + len(later), bool(moved)


def _plan(session: LiveSession) -> tuple[datetime, datetime, str, str]:
    """Return what people plan their day by."""
    return session.starts_at, session.ends_at, session.place, session.mode
