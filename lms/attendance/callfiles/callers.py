"""Who was in the call as the file names them, in which zone its clock ran, and how well that fits the session."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from lms.attendance.callfiles.rows import CallFile, Stay, Total
from lms.kernel.intervals import Interval, clip, merge, total

# Another zone is proposed only if it explains so many times as much of the file.
_CLEARLY_BETTER = 1.5


@dataclass(frozen=True)
class Caller:
    """Somebody in the call, by what the file gives of her: an e-mail, or else only a name.

    `identity` is that e-mail or name, lower-cased. `minutes` is set where the file tells no times.
    """

    identity: str
    name: str
    email: str
    lines: tuple[int, ...]
    stays: tuple[Stay, ...] = ()
    minutes: int | None = None

    @property
    def key(self) -> str:
        """Return what a form's field for this caller is called."""
        return hashlib.sha256(self.identity.encode()).hexdigest()[:16]

    @property
    def is_estimated(self) -> bool:
        return any(stay.is_estimated for stay in self.stays)

    def spans(self, zone: ZoneInfo) -> list[Interval]:
        """Return the stretches in the call in UTC, overlapping ones merged (two devices, two rooms)."""
        return merge(span(stay, zone) for stay in self.stays)


def identity_of(name: str, email: str) -> str:
    """Return by what somebody is known again in the next file of the same provider."""
    return " ".join((email or name).casefold().split())


def callers(file: CallFile) -> list[Caller]:
    """Return who was in the call, in the order in which the file first names them."""
    found: dict[str, Caller] = {}
    rows: list[Stay | Total] = [*file.stays, *file.totals]
    for row in sorted(rows, key=lambda row: row.line):
        identity = identity_of(row.name, row.email)
        known = found.get(identity, Caller(identity, row.name or row.email, row.email, ()))
        lines = (*known.lines, row.line)
        if isinstance(row, Stay):
            found[identity] = Caller(identity, known.name, known.email, lines, (*known.stays, row))
        else:
            minutes = (known.minutes or 0) + row.minutes
            found[identity] = Caller(identity, known.name, known.email, lines, minutes=minutes)
    return list(found.values())


def span(stay: Stay, zone: ZoneInfo) -> Interval:
    """Return when this was, if the file's clock ran in this zone."""
    start, end = stay.start.replace(tzinfo=zone), stay.end.replace(tzinfo=zone)
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


def extent(stays: Sequence[Stay], zone: ZoneInfo) -> Interval | None:
    """Return from when to when anybody was in the call; None where the file tells no times."""
    spans = [span(stay, zone) for stay in stays]
    return Interval(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def time_inside(stays: Iterable[Stay], zone: ZoneInfo, window: Interval) -> timedelta:
    """Return how much of everybody's time together lies in the window."""
    return sum((total(clip([span(stay, zone)], window)) for stay in stays), timedelta())


def better_zone(
    stays: Collection[Stay], zone: ZoneInfo, window: Interval, zones: Iterable[ZoneInfo]
) -> ZoneInfo | None:
    """Return the zone in which clearly more of the file would lie in the session; None: the given one will do."""
    inside = {other: time_inside(stays, other, window) for other in zones}
    best = max(inside, key=lambda other: inside[other], default=zone)
    return best if inside.get(best, timedelta()) > _CLEARLY_BETTER * time_inside(stays, zone, window) else None
