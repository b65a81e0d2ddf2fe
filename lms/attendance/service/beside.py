"""Facts that features above attendance lay beside a person's timeline: shown to whoever weighs it, never counted."""

from collections.abc import Callable, Sequence
from typing import Any

from lms.db import Db
from lms.kernel.intervals import Interval
from lms.sessions.models import LiveSession

# (db, session, person id, when the person was in the room) → what the feature's part of the page needs.
Reading = Callable[[Db, LiveSession, int, Sequence[Interval]], Any]

_readings: dict[str, Reading] = {}


def read_with(name: str, reading: Reading) -> None:
    """Make this the way in which the part of this name is read."""
    _readings[name] = reading


def beside(db: Db, session: LiveSession, person_id: int, there: Sequence[Interval]) -> dict[str, Any]:
    """Return what each feature lays beside this person's timeline, by its name."""
    return {name: reading(db, session, person_id, there) for name, reading in _readings.items()}
