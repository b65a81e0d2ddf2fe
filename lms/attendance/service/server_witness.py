"""How the meeting server does as a witness: whether it speaks at all, whom it named that nobody knows, and what it
left open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.attendance.models import Evidence
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service.server_events import read_stored
from lms.db import Db
from lms.sessions.jitsi.wire import What
from lms.sessions.models import JitsiEvent, LiveSession

# After so long with people in the room and not one word from the server, somebody should look.
SILENCE = timedelta(minutes=3)
MOST_STRANGERS = 200


@dataclass(frozen=True)
class Stranger:
    """Somebody the server saw whom the batch does not know: the name she gave, our id by her token (empty: a guest),
    and when she came first."""

    name: str
    told: str
    since: datetime


def strangers(db: Db, session_id: int) -> list[JitsiEvent]:
    """Return joined events of guests and unknown ids in this session's room, oldest first: for the coordinator."""
    return list(
        db.scalars(
            select(JitsiEvent)
            .where(
                JitsiEvent.session_id == session_id,
                JitsiEvent.outcome == "guest",
                JitsiEvent.what == What.JOINED.value,
            )
            .order_by(JitsiEvent.id)
            .limit(MOST_STRANGERS)
        )
    )


def read_strangers(db: Db, session_id: int) -> list[Stranger]:
    """Return who they were, each once, by when they came. A guest's name is what the guest typed."""
    found: dict[str, Stranger] = {}
    for row in strangers(db, session_id):
        event = read_stored(db, row)
        if event is None or not event.occupants:
            continue
        occupant = event.occupants[0]
        who = Stranger(occupant.name, occupant.person or "", event.at)
        key = occupant.person or occupant.jid
        if key not in found or who.since < found[key].since:
            found[key] = who
    return sorted(found.values(), key=lambda one: one.since)


def is_silent(db: Db, session: LiveSession, *, at: datetime) -> bool:
    """Return whether browsers report people in a running session and the server has not said a word about it."""
    if not session.starts_at <= at < session.ends_at:
        return False
    first = db.scalar(
        select(Evidence.received_at)
        .where(
            Evidence.session_id == session.id,
            Evidence.source == Source.BROWSER.value,
            Evidence.kind == Kind.JOINED.value,
        )
        .order_by(Evidence.id)
        .limit(1)
    )
    if first is None or at - first < SILENCE:
        return False
    return db.scalar(select(JitsiEvent.id).where(JitsiEvent.session_id == session.id).limit(1)) is None
