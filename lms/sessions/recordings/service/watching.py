"""What people watched of a recording: evidence of catching up, never of attendance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from lms.accounts.models import Person
from lms.db import Db, insert_new
from lms.kernel.errors import Conflict
from lms.sessions.recordings.models import Recording, RecordingWatch
from lms.sessions.recordings.rules import PlayedDraft, Span, add_played, read_spans, watched


@dataclass(frozen=True)
class Watched:
    """What of a recording somebody watched; `share` is None where nobody knows how long it plays."""

    recording: Recording
    seconds: float
    spans: list[Span]
    last_at: datetime

    @property
    def share(self) -> float | None:
        length = self.recording.seconds
        return min(1.0, self.seconds / length) if length else None


def note_played(db: Db, recording: Recording, draft: PlayedDraft, *, by: int, at: datetime) -> float:
    """Add what a player reports to what its person watched; return the seconds that count now.

    The first report only begins the count. Raises Conflict when there is no film of ours to play.
    """
    if recording.state != "ready":
        raise Conflict("recording_not_here")
    mine = {"recording_id": recording.id, "person_id": by}
    values = mine | {"spans": [], "seconds": 0.0, "first_at": at, "last_at": at}
    insert_new(db, RecordingWatch, values, unique=list(mine))
    row = db.scalars(select(RecordingWatch).filter_by(**mine).with_for_update()).one()
    spans = add_played(read_spans(row.spans), draft.spans, since=at - row.last_at, length=recording.seconds)
    row.spans, row.seconds, row.last_at = [list(span) for span in spans], watched(spans), at
    return row.seconds


def of_person(db: Db, session_id: int, person_id: int) -> list[Watched]:
    """Return what this person watched of the session's recordings, deleted ones included."""
    return [one for one in of_people(db, session_id, [person_id]).get(person_id, []) if one.seconds]


def of_people(db: Db, session_id: int, person_ids: Collection[int]) -> dict[int, list[Watched]]:
    """Return the same for several people; those who watched nothing are left out."""
    rows = db.execute(
        select(RecordingWatch, Recording)
        .join(Recording, Recording.id == RecordingWatch.recording_id)
        .where(Recording.session_id == session_id, RecordingWatch.person_id.in_(person_ids))
        .order_by(Recording.id)
    )
    found: dict[int, list[Watched]] = {}
    for row, recording in rows:
        found.setdefault(row.person_id, []).append(_watched(row, recording))
    return found


def who_watched(db: Db, recording: Recording, *, among: Select[Any]) -> list[tuple[Person, Watched]]:
    """Return everybody who opened the recording, by name, with what they watched; of these people's ids alone."""
    rows = db.execute(
        select(Person, RecordingWatch)
        .join(RecordingWatch, RecordingWatch.person_id == Person.id)
        .where(RecordingWatch.recording_id == recording.id, Person.id.in_(among))
        .order_by(Person.name, Person.id)
    )
    return [(person, _watched(row, recording)) for person, row in rows]


def _watched(row: RecordingWatch, recording: Recording) -> Watched:
    return Watched(recording, row.seconds, read_spans(row.spans), row.last_at)
