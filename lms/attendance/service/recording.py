"""Recording: every witness ends in `record`, which stores one fact once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, literal, not_, select, update

from lms.attendance.models import Connection, Evidence, Visit
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind, Source
from lms.db import Db, insert_all_new, insert_new, insert_new_row
from lms.kernel.errors import Conflict
from lms.sessions.models import LiveSession
from lms.sessions.rules import doors

# What begins presence and therefore needs the doors to be open.
_ENTERING = frozenset({Kind.CONNECTED, Kind.JOINED, Kind.RESUMED, Kind.OPENED_ELSEWHERE})
# What begins or ends the presence of a connection.
_MOVING = frozenset({Kind.JOINED, Kind.RESUMED, Kind.LEFT, Kind.DROPPED})

# Statements of the join, built once: a class that joins in one second would build each of them a thousand times.
_CONNECTION = select(Connection.opened_at, Connection.session_id, Connection.person_id).where(
    Connection.id == bindparam("connection")
)
_VISIT = select(Visit.id).where(
    Visit.session_id == bindparam("session_id"),
    Visit.person_id == bindparam("person_id"),
    Visit.device == bindparam("device"),
)
_GUESTS = (
    select(Evidence.person_id)
    .where(
        Evidence.host_visit_id.in_(
            select(Connection.visit_id).where(Connection.id.in_(bindparam("lines", expanding=True)))
        )
    )
    .distinct()
)
_SINCE = select(func.min(Evidence.claimed_at)).where(
    Evidence.session_id == bindparam("session"),
    Evidence.person_id == bindparam("person"),
    Evidence.kind.in_([Kind.JOINED.value, Kind.RESUMED.value]),
)


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
    host_visit_id: int | None = None,
    by: int | None = None,
) -> bool:
    """Store one witnessed fact; return whether it was new. The same `key` told again changes nothing."""
    fact = Witnessed(person_id, kind, source, key, claimed_at, connection_id, sequence, detail or {}, host_visit_id, by)
    return bool(record_all(db, session, [fact], at=at))


@dataclass(frozen=True)
class Witnessed:
    """One fact to be stored."""

    person_id: int
    kind: Kind
    source: Source
    key: str
    claimed_at: datetime
    connection_id: str | None = None
    sequence: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)
    host_visit_id: int | None = None
    by: int | None = None


def record_all(db: Db, session: LiveSession, facts: Collection[Witnessed], *, at: datetime) -> set[str]:
    """Store witnessed facts; return the keys of those that were new. One statement for any number of them, one
    more for those of a connection: whoever watches at its device has a changed line, too."""
    rows = [
        {
            "session_id": session.id,
            "person_id": fact.person_id,
            "source": fact.source.value,
            "kind": fact.kind.value,
            "received_at": at,
            "claimed_at": min(fact.claimed_at, at),
            "connection_id": fact.connection_id,
            "sequence": fact.sequence,
            "key": fact.key,
            "detail": dict(fact.detail),
            "host_visit_id": fact.host_visit_id,
            "by_id": fact.by,
        }
        for fact in facts
    ]
    new = insert_all_new(db, Evidence, rows, "key")
    if new and not session.has_evidence:
        db.execute(update(LiveSession).where(LiveSession.id == session.id).values(has_evidence=True))
    stored = [fact for fact in facts if fact.key in new]
    for person_id in {fact.person_id for fact in stored}:
        db.touch(session.id, person_id)
    lines = {fact.connection_id for fact in stored if fact.connection_id is not None and fact.kind in _MOVING}
    if lines:
        for guest_id in db.connection().execute(_GUESTS, {"lines": list(lines)}).scalars():
            db.touch(session.id, guest_id)
    return new


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
    known = db.connection().execute(_CONNECTION, {"connection": connection_id}).one_or_none()
    if known is not None:
        if (known.session_id, known.person_id) != (session.id, person_id):
            raise Conflict("connection_of_another_session")
        return known.opened_at
    device_here = {"session_id": session.id, "person_id": person_id, "device": device}
    new = insert_new_row(db, Visit, device_here | {"first_seen_at": opened}, unique=list(device_here))
    visit_id = new.id if new is not None else db.connection().execute(_VISIT, device_here).scalar_one()
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
    row = db.connection().execute(_CONNECTION, {"connection": connection_id}).one_or_none()
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
    return db.connection().execute(_SINCE, {"session": session_id, "person": person_id}).scalar()
