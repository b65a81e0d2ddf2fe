"""Watching along at somebody else's screen: the device's stretches count for the guest from the confirmation on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.attendance.rules.evidence import Fact, Kind
from lms.kernel.intervals import Interval, merge

# The screen may lose its line or be started again; after a longer absence those who watched confirm anew.
SCREEN_AWAY = timedelta(minutes=5)


@dataclass(frozen=True)
class Link:
    """That somebody watches at a device (its visit) from an instant until she said she leaves; None: not yet."""

    visit: int
    start: datetime
    end: datetime | None = None


def links(facts: Iterable[Fact]) -> list[Link]:
    """Return the links of one person's facts. Confirming at another screen ends the one before."""
    found: list[Link] = []
    for fact in sorted(facts, key=lambda f: (f.at, f.id)):
        is_confirmed = fact.kind is Kind.SHARED and fact.host_visit is not None
        if not is_confirmed and fact.kind is not Kind.SHARE_LEFT:
            continue
        if found and found[-1].end is None:
            found[-1] = Link(found[-1].visit, found[-1].start, fact.at)
        if is_confirmed and fact.host_visit is not None:
            found.append(Link(fact.host_visit, fact.at))
    return found


def held(link: Link, screen: Sequence[Interval]) -> Interval:
    """Return the stretch for which the link holds: until the guest leaves, or the screen stays away too long."""
    until = link.start
    for stay in merge(screen):
        if stay.end <= link.start:
            continue
        if stay.start - until > SCREEN_AWAY:
            break
        until = stay.end
    return Interval(link.start, until if link.end is None else min(until, link.end))
