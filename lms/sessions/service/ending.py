"""End a session earlier or later while it runs: its times move, everything judged by them follows."""

from datetime import datetime, timedelta

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict
from lms.kernel.intervals import Interval, clip
from lms.outbox import service as outbox
from lms.sessions.models import LiveSession
from lms.sessions.rules import counted, doors, read_breaks
from lms.sessions.service.scheduling import note_times, set_time
from lms.sessions.service.telling import concerned

# One press of the button.
EXTENSION = timedelta(minutes=15)


def extend(db: Db, session: LiveSession, *, sequence: int, by: int, at: datetime) -> datetime:
    """Put the end off by fifteen minutes, or as often fifteen as it takes to lie ahead; return the new end.

    Possible from the start until the doors close. Raises Conflict otherwise, and if somebody changed the session
    since `sequence`: of two who press at once only one extends.
    """
    _check(session, sequence)
    if not session.starts_at <= at < doors(session.starts_at, session.ends_at).end:
        raise Conflict("session_not_running")
    end = session.ends_at + EXTENSION
    while end <= at:
        end += EXTENSION
    _move_end(db, session, end, "session_extended", by=by, at=at)
    return end


def end_now(db: Db, session: LiveSession, *, sequence: int, by: int, at: datetime) -> datetime:
    """End a running session at this instant; return it. Raises Conflict as `extend`, and where nothing would count."""
    _check(session, sequence)
    if not session.starts_at < at < session.ends_at:
        raise Conflict("session_not_running")
    if not counted(session.starts_at, at, read_breaks(session.breaks)):
        raise Conflict("session_nothing_counted")
    _move_end(db, session, at, "session_ended_early", by=by, at=at)
    return at


def _check(session: LiveSession, sequence: int) -> None:
    if session.status == "cancelled":
        raise Conflict("session_cancelled")
    if session.sequence != sequence:
        raise Conflict("session_changed_meanwhile")


def _move_end(db: Db, session: LiveSession, end: datetime, template: str, *, by: int, at: datetime) -> None:
    """Move the end and tell everyone concerned in the app; nobody needs a letter about a quarter of an hour."""
    old = session.ends_at
    window = Interval(session.starts_at, end)
    set_time(session, window, clip(read_breaks(session.breaks), window))
    note_times(db, session, at)
    record_act(db, template, "session", session.id, by=by, at=at, old=old.isoformat(), new=end.isoformat())
    title = {"id": session.title_id, "en": session.title_en or session.title_id}
    params = {"title": title, "clock_old": old, "clock_new": end}
    for person_id in sorted(concerned(db, session) - {by}):
        outbox.notify(db, person_id, template, params, f"/sessions/{session.id}", at=at)
