"""A batch's attendance as pictures show it: session by session, week by week, unit by unit. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from lms.attendance.rules.judgement import Status

UnitSort = Literal["share", "-share", "name", "-name"]


@dataclass(frozen=True)
class Held:
    """A session that has ended."""

    session_id: int
    title_id: str
    title_en: str
    starts_at: datetime


@dataclass(frozen=True)
class Places:
    """So many people of one unit with the same mark at one session; `status` None: no mark yet."""

    session_id: int
    unit: str
    status: str | None
    count: int


@dataclass(frozen=True)
class Somebody:
    """A trainee as she counts for her unit."""

    unit: str
    in_trouble: bool
    is_gone: bool


@dataclass
class Tally:
    """How many places were taken: a place is one person expected at one session. `unknown` ones have no verdict yet."""

    attended: int = 0
    partial: int = 0
    excused: int = 0
    absent: int = 0
    unknown: int = 0

    def add(self, status: str | None, count: int = 1) -> None:
        """Count places; those without a mark are unknown."""
        name = status or Status.UNKNOWN.value
        setattr(self, name, getattr(self, name) + count)

    @property
    def judged(self) -> int:
        return self.attended + self.partial + self.excused + self.absent

    @property
    def share(self) -> float | None:
        """Return the share of judged places that were attended; None before the first verdict."""
        return self.attended / self.judged if self.judged else None

    @property
    def share_with_excused(self) -> float | None:
        """Return the same with excused places counted as attended."""
        return (self.attended + self.excused) / self.judged if self.judged else None


@dataclass(frozen=True)
class SessionTally:
    """One held session and what became of its places."""

    session: Held
    tally: Tally


@dataclass(frozen=True)
class WeekTally:
    """A week from its Monday, on the reader's calendar, and the sessions held in it; without any its tally is empty."""

    monday: date
    sessions: int
    tally: Tally


@dataclass
class UnitTally:
    """A unit's people in the batch now or once, their places, and how many of them may miss the minimum."""

    name: str
    people: int = 0
    in_trouble: int = 0
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Trends:
    """What the page shows. `people` are still in the batch; those `in_trouble` may miss the minimum."""

    sessions: tuple[SessionTally, ...]
    weeks: tuple[WeekTally, ...]
    units: tuple[UnitTally, ...]
    whole: Tally
    people: int
    in_trouble: int


def trends_of(
    held: Iterable[Held],
    places: Iterable[Places],
    people: Iterable[Somebody],
    *,
    zone: ZoneInfo,
    above: Mapping[str, str],
) -> Trends:
    """Return the batch's trends. Weeks without a session stand between the others as empty ones.

    `above` names the unit above a unit (its OPD): people are counted there, since most units send one or two.
    Places at sessions that are not `held` are left out.
    """
    sessions = {session.session_id: SessionTally(session, Tally()) for session in held}
    units: dict[str, UnitTally] = {}

    def unit_of(name: str) -> UnitTally:
        top = above.get(name, name)
        return units.setdefault(top, UnitTally(top))

    count = in_trouble = 0
    for person in people:
        unit = unit_of(person.unit)
        unit.people += 1
        if not person.is_gone:
            count += 1
            unit.in_trouble += person.in_trouble
            in_trouble += person.in_trouble
    whole = Tally()
    for some in places:
        if some.session_id in sessions:
            for tally in (sessions[some.session_id].tally, unit_of(some.unit).tally, whole):
                tally.add(some.status, some.count)
    ordered = tuple(sessions.values())
    return Trends(ordered, tuple(_weeks(ordered, zone)), tuple(units.values()), whole, count, in_trouble)


def _weeks(sessions: Iterable[SessionTally], zone: ZoneInfo) -> list[WeekTally]:
    found: dict[date, list[Tally]] = {}
    for one in sessions:
        day = one.session.starts_at.astimezone(zone).date()
        found.setdefault(day - timedelta(days=day.weekday()), []).append(one.tally)
    if not found:
        return []
    weeks = []
    monday, last = min(found), max(found)
    while monday <= last:
        tallies = found.get(monday, [])
        weeks.append(WeekTally(monday, len(tallies), _sum(tallies)))
        monday += timedelta(days=7)
    return weeks


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        for name in ("attended", "partial", "excused", "absent", "unknown"):
            whole.add(name, getattr(tally, name))
    return whole


def in_order(units: Iterable[UnitTally], sort: str) -> list[UnitTally]:
    """Return the units as the address asks for them: the lowest share first unless it asks for something else.

    Units without a verdict come last, whichever way.
    """
    wanted: str = sort if sort in get_args(UnitSort) else "share"
    named = sorted(units, key=lambda unit: unit.name.casefold(), reverse=wanted == "-name")
    if wanted.endswith("name"):
        return named
    down = -1 if wanted.startswith("-") else 1

    def rank(unit: UnitTally) -> tuple[bool, float]:
        share = unit.tally.share
        return share is None, down * (share or 0)

    return sorted(named, key=rank)
