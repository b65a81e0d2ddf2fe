"""Where quizzes learn of our own outages: attendance witnesses them, and neither feature may import the other."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lms.db import Db
from lms.kernel.intervals import Interval

Witness = Callable[[Db, datetime, datetime], Sequence[Interval]]


def nothing_known(_db: Db, _start: datetime, _end: datetime) -> Sequence[Interval]:
    """Return no outage."""
    return ()


_witness: Witness = nothing_known


def provide(witness: Witness) -> None:
    """Let quizzes ask `witness` for the outages between two instants; `create_app` does so."""
    global _witness
    _witness = witness


def between(db: Db, start: datetime, end: datetime) -> Sequence[Interval]:
    """Return the stretches between the two instants in which we could not serve."""
    return _witness(db, start, end)
