"""What a batch's page shows of its sessions. Sessions stand above programmes, so they tell how they are read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from lms.db import Db

# (db, batch id, now) → the batch's sessions in date order, as templates/sessions/_cards.html shows them.
Reading = Callable[[Db, int, datetime], Sequence[Any]]

_reading: Reading | None = None


def read_with(reading: Reading) -> None:
    """Make this the way a batch's sessions are read."""
    global _reading
    _reading = reading


def agenda_of(db: Db, batch_id: int, at: datetime) -> Sequence[Any]:
    """Return the batch's sessions in date order; empty where no sessions are installed."""
    return _reading(db, batch_id, at) if _reading is not None else ()
