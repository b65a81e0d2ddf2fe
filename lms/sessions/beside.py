"""What features above sessions show on a session's own page. They stand above, so they tell how it is read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lms.db import Db
from lms.sessions.models import LiveSession

# (db, session, now) → what the feature's part of the page needs; empty where it has nothing to show.
Reading = Callable[[Db, LiveSession, datetime], Any]

_readings: dict[str, Reading] = {}


def read_with(name: str, reading: Reading) -> None:
    """Make this the way in which the part of this name is read."""
    _readings[name] = reading


def beside(db: Db, session: LiveSession, at: datetime) -> dict[str, Any]:
    """Return what each feature shows, by its name."""
    return {name: reading(db, session, at) for name, reading in _readings.items()}
