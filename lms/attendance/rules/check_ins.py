"""Check-ins and check-outs → the stretches somebody says to have been in the room. docs/attendance.md §2 draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.attendance.rules.evidence import Fact, Kind
from lms.kernel.intervals import Interval


@dataclass(frozen=True)
class Stays:
    """What check-ins say. `open`: checked in, and the session runs. `lacks` is the half of a pair that is missing
    though the session asks for both: what was attended is then not known."""

    intervals: tuple[Interval, ...] = ()
    open: bool = False
    lacks: Kind | None = None


def stays(
    facts: Iterable[Fact], *, ends: datetime | None, needs_check_out: bool, seen: Sequence[Interval], at: datetime
) -> Stays:
    """Return the stays of one person's check-in facts, taken in the order in which they happened.

    A check-in counts until the next check-out. Without one it counts to the end of the session, or where a
    check-out is asked for, once the session is over, to the last moment anybody witnessed: a later scan, or
    the end of what other witnesses have `seen`.
    """
    until = at if ends is None else min(at, ends)
    is_over = ends is not None and at >= ends
    intervals: list[Interval] = []
    since: datetime | None = None
    last: datetime | None = None
    has_lone_out = False
    for fact in sorted(facts, key=lambda f: (f.at, f.id)):
        if fact.kind is Kind.CHECKED_IN:
            since, last = since if since is not None else fact.at, fact.at
        elif fact.kind is Kind.CHECKED_OUT and since is not None:
            intervals.append(Interval(since, fact.at))
            since = None
        elif fact.kind is Kind.CHECKED_OUT:
            # Leaving twice is leaving once; having left without ever coming is a puzzle for the coordinator.
            has_lone_out = has_lone_out or not intervals
    lacks = Kind.CHECKED_IN if has_lone_out and not intervals and since is None else None
    if since is not None and last is not None:
        if needs_check_out and is_over:
            lacks = Kind.CHECKED_OUT
            until = min(max([last, *(i.end for i in seen)]), until)
        intervals.append(Interval(since, until))
    return Stays(tuple(i for i in intervals if i.end > i.start), since is not None and not is_over, lacks)
