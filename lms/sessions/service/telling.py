"""Tell everyone concerned what became of a session: a notice, and a message with the calendar entry."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.db import Db
from lms.kernel.errors import Said
from lms.kernel.intervals import Interval
from lms.outbox import service as outbox
from lms.programmes.models import Batch, Programme
from lms.programmes.service.members import who_is_enrolled
from lms.sessions.models import LiveSession, SessionInstructor

# Every letter about a session; each carries the session's calendar entry.
TEMPLATES = ("session_scheduled", "session_moved", "session_cancelled", "session_restored")
# One letter for a whole series, with all its calendar entries.
SERIES_TEMPLATES = ("series_scheduled", "series_moved")


def concerned(db: Db, session: LiveSession, *windows: Interval) -> set[int]:
    """Return the ids of those enrolled during the session (or any of `windows`), and of who teaches it."""
    teaching = db.scalars(select(SessionInstructor.person_id).where(SessionInstructor.session_id == session.id))
    people = set(teaching)
    for window in (Interval(session.starts_at, session.ends_at), *windows):
        people |= {member.person_id for member in who_is_enrolled(db, session.batch_id, window)}
    return people


def tell(
    db: Db, session: LiveSession, template: str, people: Iterable[int], *, by: int | None, at: datetime, **more: Any
) -> None:
    """Tell these people, except whoever did it; worded later in each reader's language and zone."""
    batch = db.get_one(Batch, session.batch_id)
    programme = db.get_one(Programme, batch.programme_id)
    params = {
        "session": session.id,
        "title": {"id": session.title_id, "en": session.title_en},
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "batch": batch.name,
        "starts_at": session.starts_at,
        "place": session.place or Said("session_place_online"),
        **more,
    }
    for person_id in sorted(set(people) - {by}):
        key = f"{template}-{session.id}-{session.sequence}-{person_id}"
        outbox.tell(db, person_id, template, params, key, f"/sessions/{session.id}", at=at)


def tell_series(
    db: Db, sessions: Sequence[LiveSession], template: str, people: Iterable[int], *, by: int | None, at: datetime
) -> None:
    """Tell these people, except whoever did it, of all these sessions (one batch, in order of time) at once."""
    first, last = sessions[0], sessions[-1]
    batch = db.get_one(Batch, first.batch_id)
    programme = db.get_one(Programme, batch.programme_id)
    params = {
        "sessions": ",".join(str(session.id) for session in sessions),
        "n": len(sessions),
        "title": {"id": first.title_id, "en": first.title_en},
        "programme": {"id": programme.title_id, "en": programme.title_en},
        "batch": batch.name,
        "starts_at": first.starts_at,
        "last_at": last.starts_at,
        "place": first.place or Said("session_place_online"),
    }
    # A change raises each session's sequence: the next one is another letter.
    changes = sum(session.sequence for session in sessions)
    for person_id in sorted(set(people) - {by}):
        key = f"{template}-{first.series}-{first.id}-{changes}-{person_id}"
        outbox.tell(db, person_id, template, params, key, f"/batches/{batch.id}", at=at)
