"""Recording: every witness ends in `record`, which stores one fact once."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, literal, not_, select, update

from lms.attendance.models import Connection, Evidence, Visit
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind, Source
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, Invalid, NotFound, Problem
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors

# What begins presence and therefore needs the doors to be open.
_ENTERING = frozenset({Kind.CONNECTED, Kind.JOINED, Kind.RESUMED, Kind.OPENED_ELSEWHERE})


def record(
    db: Db,
    session: LiveSession,
    person_id: int,
    kind: Kind,
    *,
    source: Source,
    key: str,
    claimed_at: datetime,
    at: datetime,
    connection_id: str | None = None,
    sequence: int = 0,
    detail: Mapping[str, Any] | None = None,
    by: int | None = None,
) -> bool:
    """Store one witnessed fact; return whether it was new. The same `key` told again changes nothing."""
    new = insert_new(
        db,
        Evidence,
        {
            "session_id": session.id,
            "person_id": person_id,
            "source": source.value,
            "kind": kind.value,
            "received_at": at,
            "claimed_at": min(claimed_at, at),
            "connection_id": connection_id,
            "sequence": sequence,
            "key": key,
            "detail": dict(detail or {}),
            "by_id": by,
        },
        unique=["key"],
    )
    if new:
        if not session.has_evidence:
            db.execute(update(LiveSession).where(LiveSession.id == session.id).values(has_evidence=True))
        db.touch(session.id, person_id)
    return bool(new)


def witness(
    db: Db,
    session: LiveSession,
    kind: Kind,
    draft: WitnessDraft,
    *,
    connection_id: str,
    boot_id: str,
    by: int,
    at: datetime,
    opened: datetime | None = None,
) -> bool:
    """Store what a browser in the room reports about itself; return whether it was new.

    The claimed time is the browser's, but never before the connection opened (`opened`; None: with this
    event). Raises Conflict outside the session's doors, since a page left open must not earn attendance.
    """
    window = doors(session.starts_at, session.ends_at)
    if kind in _ENTERING and (session.status == "cancelled" or not window.start <= at < window.end):
        raise Conflict("session_not_open", opens=window.start)
    opened = _open_connection(
        db, session, draft.device, connection_id, boot_id, person_id=by, opened=min(opened or at, at)
    )
    claimed = max(at - timedelta(milliseconds=draft.ago_ms), opened)
    return record(
        db,
        session,
        by,
        kind,
        source=Source.BROWSER,
        key=f"b:{by}:{draft.key}",
        claimed_at=claimed,
        at=at,
        connection_id=connection_id,
        sequence=draft.sequence,
    )


def _open_connection(
    db: Db, session: LiveSession, device: str, connection_id: str, boot_id: str, *, person_id: int, opened: datetime
) -> datetime:
    """Return when this connection opened, noting connection and device at its first event."""
    known = db.execute(
        select(Connection.opened_at, Connection.session_id, Connection.person_id).where(Connection.id == connection_id)
    ).one_or_none()
    if known is not None:
        if (known.session_id, known.person_id) != (session.id, person_id):
            raise Conflict("connection_of_another_session")
        return known.opened_at  # type: ignore[no-any-return]
    found = select(Visit.id).where(Visit.session_id == session.id, Visit.person_id == person_id, Visit.device == device)
    visit_id = db.scalar(found)
    if visit_id is None:
        insert_new(
            db,
            Visit,
            {"session_id": session.id, "person_id": person_id, "device": device, "first_seen_at": opened},
            unique=["session_id", "person_id", "device"],
        )
        visit_id = db.scalar(found)
    insert_new(
        db,
        Connection,
        {
            "id": connection_id,
            "visit_id": visit_id,
            "session_id": session.id,
            "person_id": person_id,
            "boot_id": boot_id,
            "opened_at": opened,
        },
        unique=["id"],
    )
    return opened


def drop(db: Db, connection_id: str, *, last_heard: datetime, reason: str, at: datetime) -> bool:
    """Store that a connection ended without a goodbye, dated to when it was last heard; return whether it was new.

    A connection that never concerned a session is none of attendance's business.
    """
    row = db.execute(
        select(Connection.session_id, Connection.person_id).where(Connection.id == connection_id)
    ).one_or_none()
    if row is None:
        return False
    session = db.get_one(LiveSession, row.session_id)
    return record(
        db,
        session,
        row.person_id,
        Kind.DROPPED,
        source=Source.BROWSER,
        key=f"drop:{connection_id}",
        claimed_at=last_heard,
        at=at,
        connection_id=connection_id,
        sequence=1_000_001,
        detail={"reason": reason},
    )


def believed_open(db: Db, boot_id: str, before: datetime, *, at: datetime) -> list[tuple[str, datetime]]:
    """Return this process's connections without a noted end, opened before then: [(id, opened at)].

    Only those of sessions whose doors are open or closed within the hour: what lies further back no longer
    changes a mark, and a process that runs for months must not read its whole past every time.
    """
    ended = exists().where(Evidence.key == literal("drop:").concat(Connection.id))
    rows = (
        select(Connection.id, Connection.opened_at)
        .join(LiveSession, LiveSession.id == Connection.session_id)
        .where(
            LiveSession.ends_at > at - timedelta(hours=2),
            LiveSession.starts_at < at + timedelta(hours=1),
            Connection.boot_id == boot_id,
            Connection.opened_at < before,
            not_(ended),
        )
    )
    return [(row.id, row.opened_at) for row in db.execute(rows)]


def recorded_since(db: Db, session_id: int, person_id: int) -> datetime | None:
    """Return when this person was first in the conference: since then attendance is being recorded."""
    return db.scalar(
        select(func.min(Evidence.claimed_at)).where(
            Evidence.session_id == session_id,
            Evidence.person_id == person_id,
            Evidence.kind.in_([Kind.JOINED.value, Kind.RESUMED.value]),
        )
    )


def see(
    db: Db,
    session: LiveSession,
    people: Collection[int],
    *,
    since: datetime,
    key: str,
    by: int,
    at: datetime,
) -> int:
    """Store that a coordinator saw these people in the room from `since` to the end; return how many were new.

    Raises Conflict before the doors open: nobody can have been seen yet.
    """
    if at < doors(session.starts_at, session.ends_at).start:
        raise Conflict("session_not_open", opens=doors(session.starts_at, session.ends_at).start)
    start = max(since, session.starts_at)
    if start >= session.ends_at:
        raise Invalid(Problem.of("seen_after_the_end", field="since"))
    span = {"from": start.isoformat(), "to": session.ends_at.isoformat()}
    return sum(
        record(
            db,
            session,
            person_id,
            Kind.SEEN,
            source=Source.COORDINATOR,
            key=f"seen:{by}:{key}:{person_id}",
            claimed_at=start,
            at=at,
            detail=span,
            by=by,
        )
        for person_id in people
    )


def unsee(db: Db, session: LiveSession, person_id: int, *, key: str, by: int, at: datetime) -> int:
    """Take back every not yet retracted "seen" of this person; return how many. Both rows stay in the ledger."""
    rows = db.scalars(
        select(Evidence).where(
            Evidence.session_id == session.id,
            Evidence.person_id == person_id,
            Evidence.kind.in_([Kind.SEEN.value, Kind.RETRACTED.value]),
        )
    ).all()
    retracted = {row.detail.get("evidence") for row in rows if row.kind == Kind.RETRACTED.value}
    standing = [row for row in rows if row.kind == Kind.SEEN.value and row.id not in retracted]
    if not standing:
        raise NotFound("nothing_to_take_back")
    for row in standing:
        record(
            db,
            session,
            person_id,
            Kind.RETRACTED,
            source=Source.COORDINATOR,
            key=f"retract:{row.id}",
            claimed_at=at,
            at=at,
            detail={"evidence": row.id, "nonce": key},
            by=by,
        )
    return len(standing)
