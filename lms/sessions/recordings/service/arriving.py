"""How a recording comes to its session: announced by Jibri, told by JaaS, or linked by whoever leads the session."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import exists, literal, select

from lms.accounts.service.audit import record_act
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict, NotFound
from lms.outbox import service as outbox
from lms.programmes.models import Batch
from lms.sessions.jitsi.wire import What
from lms.sessions.models import JitsiEvent, LiveSession, SessionInstructor
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.rules import GIVEN_UP_AFTER, JAAS_LINK_LASTS, LONGEST_FILM, AnnouncedDraft, room_of
from lms.sessions.service.telling import concerned

# JaaS posts again for days at most; older events have become recordings, or never will.
_LOOKED_BACK = timedelta(days=5)


def announce(db: Db, name: str, draft: AnnouncedDraft, *, days: int, at: datetime) -> Recording:
    """Return the recording of this name whose film is about to come; the same name again is the same recording.

    Raises NotFound(`recording_room_unknown`) for a room no session has.
    """
    session = db.scalars(select(LiveSession).where(LiveSession.room_name == room_of(draft.meeting_url))).one_or_none()
    if session is None:
        raise NotFound("recording_room_unknown")
    key = f"jibri:{name}"
    values = _new(session.id, key, "jibri", "coming", days, at)
    if insert_new(db, Recording, values, unique=["key"]):
        found = db.scalars(select(Recording).where(Recording.key == key)).one()
        record_act(db, "recording_announced", "recording", found.id, by=None, at=at, session=session.id)
        return found
    return db.scalars(select(Recording).where(Recording.key == key)).one()


def awaited(db: Db, name: str) -> Recording:
    """Return the announced recording that waits for its film. NotFound when it was not announced, Conflict
    (`recording_is_here`) when it came, or was deleted, already."""
    found = db.scalars(select(Recording).where(Recording.key == f"jibri:{name}").with_for_update()).one_or_none()
    if found is None:
        raise NotFound("recording_not_announced")
    if found.state not in ("coming", "lost"):
        raise Conflict("recording_is_here")
    return found


def note_film(db: Db, recording: Recording, *, size: int, seconds: float, at: datetime) -> None:
    """Note that the film is here; the batch may watch it at once if everybody was told that there may be one."""
    recording.state, recording.size, recording.seconds = "ready", size, seconds
    recording.link, recording.link_until = "", None
    if recording.began_at is None:
        recording.began_at = recording.arrived_at - timedelta(seconds=seconds)
    record_act(db, "recording_arrived", "recording", recording.id, by=None, at=at, size=size, seconds=round(seconds))
    _show_or_hold(db, recording, at)


def note_uploads(db: Db, *, days: int, at: datetime) -> int:
    """Make a recording of every upload that JaaS told of and that is none yet; return how many."""
    known = exists().where(Recording.key == literal("jaas:").concat(JitsiEvent.key))
    rows = db.execute(
        select(JitsiEvent.key, JitsiEvent.body, JitsiEvent.received_at, JitsiEvent.session_id)
        .join(LiveSession, LiveSession.id == JitsiEvent.session_id)
        .where(
            LiveSession.ends_at > at - _LOOKED_BACK,
            JitsiEvent.sender == "jaas",
            JitsiEvent.what == What.RECORDING_UPLOADED.value,
            ~known,
        )
    ).all()
    new = 0
    for row in rows:
        told = json.loads(row.body).get("data")
        told = told if isinstance(told, dict) else {}
        values = _new(row.session_id, f"jaas:{row.key}", "jaas", "coming", days, at)
        link = str(told.get("preAuthenticatedLink") or "")
        values |= {"link": link, "link_until": row.received_at + JAAS_LINK_LASTS}
        values |= {"began_at": _instant(told.get("startTimestamp")), "seconds": _seconds(told.get("durationSec"))}
        if not link.startswith("https://"):
            values |= {"state": "lost", "link": ""}
        new += insert_new(db, Recording, values, unique=["key"])
    return new


def to_fetch(db: Db, *, at: datetime) -> list[tuple[int, str]]:
    """Return (id, address) of the films that wait at an address that still works."""
    rows = db.execute(
        select(Recording.id, Recording.link)
        .where(Recording.state == "coming", Recording.link != "", Recording.link_until > at)
        .order_by(Recording.id)
    )
    return [(row.id, row.link) for row in rows]


def note_link_only(db: Db, recording: Recording, *, at: datetime) -> None:
    """Note that the film cannot be kept here (too large, or no MP4): it is watched where it lies, while that works."""
    recording.state = "link"
    _show_or_hold(db, recording, at)


def add_link(db: Db, session: LiveSession, link: str, *, days: int, by: int, at: datetime) -> Recording:
    """Return a recording that lies elsewhere; whoever adds it decides by that to show it.

    Raises Conflict when the session already has this address.
    """
    key = f"link:{session.id}:{hashlib.sha256(link.encode()).hexdigest()}"
    if not insert_new(db, Recording, _new(session.id, key, "link", "link", days, at) | {"link": link}, unique=["key"]):
        raise Conflict("recording_link_known")
    found = db.scalars(select(Recording).where(Recording.key == key)).one()
    record_act(db, "recording_linked", "recording", found.id, by=by, at=at, session=session.id)
    _show(db, found, session, by=by, at=at)
    return found


def give_up(db: Db, *, at: datetime) -> int:
    """Note which announced films will not come, and whose address no longer works; return how many."""
    rows = db.scalars(
        select(Recording).where(
            Recording.state.in_(("coming", "link")),
            (Recording.link_until <= at)
            | (Recording.link_until.is_(None) & (Recording.link == "") & (Recording.arrived_at < at - GIVEN_UP_AFTER)),
        )
    ).all()
    for row in rows:
        row.state, row.link = "lost", ""
        record_act(db, "recording_lost", "recording", row.id, by=None, at=at)
    return len(rows)


def _new(session_id: int, key: str, source: str, state: str, days: int, at: datetime) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "key": key,
        "source": source,
        "state": state,
        "link": "",
        "arrived_at": at,
        "expires_at": at + timedelta(days=days),
    }


def _show_or_hold(db: Db, recording: Recording, at: datetime) -> None:
    session = db.get_one(LiveSession, recording.session_id)
    if recording.shown_at is not None:
        return
    if session.may_be_recorded:
        _show(db, recording, session, by=None, at=at)
        return
    # Nobody was told before entering: those who lead the session decide whether the batch may see it.
    leading = set(db.scalars(select(SessionInstructor.person_id).where(SessionInstructor.session_id == session.id))) | {
        db.get_one(Batch, session.batch_id).contact_id
    }
    for person_id in sorted(one for one in leading if one is not None):
        outbox.notify(db, person_id, "recording_held", {"title": _title(session)}, f"/recordings/{recording.id}", at=at)


def _show(db: Db, recording: Recording, session: LiveSession, *, by: int | None, at: datetime) -> None:
    """Let the batch see the recording, and tell everyone concerned."""
    recording.shown_at = at
    params = {"title": _title(session), "until": recording.expires_at}
    for person_id in sorted(concerned(db, session) - {by}):
        outbox.notify(db, person_id, "recording_ready", params, f"/recordings/{recording.id}", at=at)


def release(db: Db, recording: Recording, *, by: int, at: datetime) -> None:
    """Show a recording that was held back. Raises Conflict when it is shown already, or there is nothing to show."""
    if recording.shown_at is not None or recording.state not in ("ready", "link"):
        raise Conflict("recording_not_held")
    record_act(db, "recording_released", "recording", recording.id, by=by, at=at)
    _show(db, recording, db.get_one(LiveSession, recording.session_id), by=by, at=at)


def _title(session: LiveSession) -> dict[str, str]:
    return {"id": session.title_id, "en": session.title_en or session.title_id}


def _instant(milliseconds: Any) -> datetime | None:
    """Return JaaS's number of milliseconds as an instant; None for anything else."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if 1.5e12 < milliseconds < 4e12 else None


def _seconds(told: Any) -> float | None:
    is_number = isinstance(told, (int, float)) and not isinstance(told, bool)
    return float(told) if is_number and 0 < told <= LONGEST_FILM.total_seconds() else None
