"""What the meeting server tells of its occupants → the stretches in which somebody was in the meeting."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.attendance.rules.evidence import Fact, Kind, Source
from lms.kernel.intervals import Interval

# A meeting server keeps the place of a line that fell silent: 60 s of waiting and up to 25 s to notice, and dates
# the goodbye to the end of that. The page's own line was last heard up to 10 s before it fell silent.
SILENT_TAIL = timedelta(seconds=100)

_COMES = frozenset({Kind.JOINED, Kind.RESUMED})
_GOES = frozenset({Kind.LEFT, Kind.DROPPED})


@dataclass(frozen=True)
class Occupancy:
    """The stretches of all of somebody's occupants, not yet merged; `open`: one of them is in the meeting still."""

    intervals: tuple[Interval, ...] = ()
    open: bool = False


def occupancy(facts: Iterable[Fact], at: datetime) -> Occupancy:
    """Return what the server's joined and left of one person add up to.

    Paired per occupant by the time they speak of, so the order in which they came does not matter and one told
    twice changes nothing. A `left` whose `joined` was lost gives nothing: since when, nobody knows.
    """
    by_occupant: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.source is Source.JITSI and fact.connection is None and fact.kind in _COMES | _GOES:
            by_occupant.setdefault(fact.occupant or "", []).append(fact)
    spans: list[Interval] = []
    is_open = False
    for told in by_occupant.values():
        intervals, since = _paired(told)
        spans += intervals
        if since is not None:
            spans.append(Interval(since, max(at, since)))
            is_open = True
    return Occupancy(tuple(spans), is_open)


def _paired(told: Iterable[Fact]) -> tuple[list[Interval], datetime | None]:
    """Return the closed stretches of one occupant, and since when one is open."""
    by_instant: dict[datetime, set[bool]] = {}
    for fact in _without_refuted(sorted(told, key=lambda one: one.at)):
        by_instant.setdefault(fact.at, set()).add(fact.kind in _COMES)
    intervals: list[Interval] = []
    since: datetime | None = None
    for instant in sorted(by_instant):
        kinds = by_instant[instant]
        was_in = since is not None
        if since is not None and False in kinds:
            intervals.append(Interval(since, instant))
            since = None
        # Within one second out and in again is staying; in and out again is a visit of no length.
        if True in kinds and (was_in or False not in kinds):
            since = since if since is not None else instant
    return intervals, since


def _without_refuted(told: list[Fact]) -> list[Fact]:
    """Return an occupant's facts without the goodbyes we concluded and the server later contradicted: its own goodbye
    came after one, with no coming in between, so the occupant was there until then."""
    if not any(fact.inferred for fact in told):
        return told
    kept = []
    for number, fact in enumerate(told):
        own = next((later for later in told[number + 1 :] if not later.inferred and later.at > fact.at), None)
        if not (fact.inferred and own is not None and own.kind in _GOES):
            kept.append(fact)
    return kept


def without_silent_tails(
    intervals: Iterable[Interval], drops: Iterable[datetime], witnessed: Collection[Interval]
) -> list[Interval]:
    """Return the server's stretches, each cut to when the person's line was last heard (`drops`), if it ends within
    SILENT_TAIL after that and no page of hers was in the meeting in between (`witnessed`).

    Then the network took both lines, and the server only waited for its own to come back.
    """
    drops = sorted(drops)
    cut = []
    for stretch in intervals:
        silent = [drop for drop in drops if drop < stretch.end <= drop + SILENT_TAIL]
        # Whoever was lost and found in between was lost once more: the last silence is the one that ended it.
        since = next((drop for drop in reversed(silent) if not _any_within(witnessed, drop, stretch.end)), None)
        cut.append(stretch if since is None else Interval(stretch.start, max(stretch.start, since)))
    return cut


def _any_within(intervals: Iterable[Interval], start: datetime, end: datetime) -> bool:
    return any(interval.start < end and interval.end > start for interval in intervals)
