"""When an attempt ends: its limit by the server's clock, lengthened by what was our fault."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from lms.kernel.intervals import Interval, merge

ARRIVAL_GRACE = timedelta(seconds=5)
"""How long an answer given in the last second may be under way before it counts as late."""

RECONNECT_ALLOWANCE = timedelta(seconds=60)
"""After an outage of ours, the time a browser may need to notice that service is back."""


def deadline(
    started_at: datetime,
    limit: timedelta | None,
    extra: timedelta = timedelta(),
    outages: Iterable[Interval] = (),
) -> datetime | None:
    """Return when the attempt's time is over, or None where there is no limit.

    The clock stands still while service was impossible and for RECONNECT_ALLOWANCE after it: with two minutes left
    before an outage of ten, she has two minutes after it. An outage that begins when the time is already over gives
    nothing back. Overlapping outages count once.
    """
    if limit is None:
        return None
    left, running_since = limit + extra, started_at
    for outage in merge(Interval(one.start, one.end + RECONNECT_ALLOWANCE) for one in outages if one.end > one.start):
        if outage.end <= running_since:
            continue
        used = max(outage.start - running_since, timedelta())
        if used >= left:
            break
        left -= used
        running_since = outage.end
    return running_since + left


def is_late(arrived_at: datetime, ends_at: datetime | None) -> bool:
    """Return whether what arrived then is too late to be scored by itself; from then on she may be submitted for."""
    return ends_at is not None and arrived_at > ends_at + ARRIVAL_GRACE
