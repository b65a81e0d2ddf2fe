"""A trainee's own line that was away during an attempt: what is believed of it, and how much time it is worth."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lms.kernel.intervals import Interval, clip, subtract, total

LEAST = timedelta(seconds=10)
"""A shorter absence costs nobody anything: answers wait on the device and are sent a moment later."""


SLACK = timedelta(seconds=5)
"""How much a message about the line may be under way itself: what was saved so shortly before its end came after it."""


def believed(
    lost_at: datetime, back_at: datetime, *, began: datetime, ends: datetime | None, saved: Iterable[datetime]
) -> Interval | None:
    """Return the part of what the device measured that the server does not contradict; None if it is under LEAST.

    `saved` are the instants at which answers of that same device arrived: while one arrived, the line was there. What
    lies before the attempt or after its end cost no time of it.
    """
    heard = [instant for instant in saved if lost_at < instant < back_at - SLACK]
    inside = clip([Interval(max([lost_at, *heard]), back_at)], Interval(began, back_at if ends is None else ends))
    return inside[0] if inside and inside[0].length >= LEAST else None


def worth(measured: Interval, *, ours: Iterable[Interval], given: Iterable[Interval]) -> timedelta:
    """Return the time to give back: without what our own outages give back already, and what was given for another."""
    return total(subtract([measured], [*ours, *given]))
