"""Which recordings a session has, until when they may be watched, and their deletion."""

from datetime import datetime

from sqlalchemy import select

from lms.accounts.service.audit import record_act
from lms.db import Db
from lms.kernel.errors import Conflict, Invalid, Problem
from lms.sessions.recordings.models import Recording

WATCHABLE = ("ready", "link")
# However long it is prolonged: personal data is not kept for good.
LONGEST_KEPT_DAYS = 366


def of_session(db: Db, session_id: int, *, everything: bool) -> list[Recording]:
    """Return the recordings of a session, oldest first: what the batch may watch or could, or with `everything`
    also what is under way, held back or lost."""
    statement = select(Recording).where(Recording.session_id == session_id).order_by(Recording.id)
    if not everything:
        statement = statement.where(Recording.shown_at.is_not(None), Recording.state.in_((*WATCHABLE, "deleted")))
    return list(db.scalars(statement))


def keep_until(db: Db, recording: Recording, end: datetime, *, by: int, at: datetime) -> None:
    """Move the end of a recording. Raises Conflict for one that is gone, Invalid for a day past or far away."""
    if recording.state == "deleted":
        raise Conflict("recording_deleted")
    if end <= at:
        raise Invalid(Problem.of("recording_until_past", field="until"))
    if (end - recording.arrived_at).days > LONGEST_KEPT_DAYS:
        raise Invalid(Problem.of("recording_until_far", field="until", days=LONGEST_KEPT_DAYS))
    old, recording.expires_at = recording.expires_at, end
    record_act(
        db, "recording_kept_until", "recording", recording.id, by=by, at=at, old=old.isoformat(), new=end.isoformat()
    )


def delete(db: Db, recording: Recording, *, by: int | None, at: datetime) -> None:
    """Delete a recording for good; its file goes with the next round of the job. What was watched stays on record."""
    if recording.state == "deleted":
        raise Conflict("recording_deleted")
    recording.state, recording.deleted_at = "deleted", at
    recording.link, recording.link_until = "", None
    record_act(db, "recording_deleted", "recording", recording.id, by=by, at=at, session=recording.session_id)


def delete_expired(db: Db, *, at: datetime) -> int:
    """Delete what may no longer be kept; return how many."""
    rows = db.scalars(
        select(Recording).where(Recording.expires_at <= at, Recording.state != "deleted").with_for_update()
    ).all()
    for row in rows:
        delete(db, row, by=None, at=at)
    return len(rows)


def with_files(db: Db) -> set[int]:
    """Return the ids of the recordings whose film may lie in the folder; any other file there is to go."""
    return set(db.scalars(select(Recording.id).where(Recording.state.in_(("ready", "coming")))))
