"""How the meeting server does as a witness: whether it speaks at all, whom it named that nobody knows, and what it
left open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from lms.attendance.models import Evidence
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.service.server_events import read_stored
from lms.db import Db
from lms.sessions.jitsi.wire import What, is_recorder
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


@dataclass(frozen=True)
class Silence:
    """A server that does not do its part: how many people it should have named, and when it last said anything of
    this session (None: never)."""

    missed: int
    last: datetime | None


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
        if is_recorder(occupant.jid, occupant.person or ""):
            continue
        who = Stranger(occupant.name, occupant.person or "", event.at)
        key = occupant.person or occupant.jid
        if key not in found or who.since < found[key].since:
            found[key] = who
    return sorted(found.values(), key=lambda one: one.since)


def silence(db: Db, session: LiveSession, *, at: datetime) -> Silence | None:
    """Return that the server of a running session says nothing of people whom their browsers report, or None.

    Asked of those who came by their browser's word a while ago and whom the server never named: all of them, where
    it never spoke; else if nothing at all came since, or if they are several. One of them alone, with others told of
    later, may be a page that came back by itself.
    """
    if not session.starts_at <= at < session.ends_at:
        return None
    first = dict(
        db.execute(
            select(Evidence.person_id, func.min(Evidence.received_at))
            .where(
                Evidence.session_id == session.id,
                Evidence.source == Source.BROWSER.value,
                Evidence.kind == Kind.JOINED.value,
            )
            .group_by(Evidence.person_id)
        ).all()
    )
    named = set(
        db.scalars(
            select(Evidence.person_id)
            .where(Evidence.session_id == session.id, Evidence.source == Source.JITSI.value)
            .distinct()
        )
    )
    missed = [came for person_id, came in first.items() if person_id not in named and at - came >= SILENCE]
    if not missed:
        return None
    last = db.scalar(select(func.max(JitsiEvent.received_at)).where(JitsiEvent.session_id == session.id))
    if last is None or len(missed) > 1 or last < min(missed):
        return Silence(len(missed), last)
    return None
