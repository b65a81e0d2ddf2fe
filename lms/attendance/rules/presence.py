"""Evidence → the intervals in which a person was in the conference, each with why it counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from lms.attendance.rules.amnesties import granted_credit
from lms.attendance.rules.check_ins import stays
from lms.attendance.rules.evidence import Blindness, Boot, Fact, Kind, Line
from lms.attendance.rules.occupants import occupancy, without_silent_tails
from lms.attendance.rules.sharing import held, links
from lms.kernel.intervals import Interval, clip, gaps, merge, subtract
from lms.sessions.rules import Policy

# A process beats every 5 s; after this long without a beat it counts as killed.
DEAD_AFTER_SECONDS = 20.0
# A connection of a killed process is credited its gap if it resumes within this time of service being back …
RESUME_ALLOWANCE = timedelta(minutes=5)
# … and then never more than this beyond the moment service was back.
RETURN_TIME = timedelta(seconds=60)


@dataclass(frozen=True)
class World:
    """What is known about our own processes: every boot, and when they could not witness."""

    boots: Mapping[str, Boot]
    blindness: Sequence[Blindness] = ()

    def service_back(self, after: datetime, *, dead: str, at: datetime) -> datetime | None:
        """Return when, at or after this instant, some other process could serve again; None: not yet."""
        moments = []
        for boot in self.boots.values():
            if boot.id == dead:
                continue
            end = boot.end(at, dead_after=DEAD_AFTER_SECONDS)
            if end is None or end > after:
                moments.append(max(boot.started, after))
        return min(moments, default=None)


@dataclass(frozen=True)
class Presence:
    """The union over connections, devices and sources, unclipped; what was credited; and whether it still runs.

    `seen` was witnessed; `credited` are our own outages given back; `granted` gaps that an amnesty gives back;
    `bridged` are short gaps closed by grace (only set by `bridge`). `open` means a living connection is in the
    conference now. `lacks` names the half of a check-in and check-out that is missing, so that what was attended
    is not known.
    """

    seen: tuple[Interval, ...] = ()
    credited: tuple[Interval, ...] = ()
    granted: tuple[Interval, ...] = ()
    bridged: tuple[Interval, ...] = ()
    open: bool = False
    connected: bool = False
    elsewhere: bool = False
    last_heard: datetime | None = None
    lacks: Kind | None = None

    @property
    def intervals(self) -> list[Interval]:
        """Everything that counts, merged."""
        return merge([*self.seen, *self.credited, *self.granted, *self.bridged])


@dataclass(frozen=True)
class Setting:
    """What the session adds to a person's facts: when a check-in ends (None: it runs on), whether a check-out is
    asked for, and the presence of each device (visit) at which others watch along."""

    ends: datetime | None = None
    needs_check_out: bool = False
    screens: Mapping[int, Presence] = field(default_factory=dict)


def presence(
    facts: Iterable[Fact], lines: Mapping[str, Line], world: World, *, at: datetime, setting: Setting = Setting()
) -> Presence:
    """Return the presence of one person in one session as known at this instant.

    Pure: the same evidence gives the same answer in whatever order it was received.
    """
    by_line: dict[str, list[Fact]] = {}
    seen: list[Interval] = []
    elsewhere: datetime | None = None
    is_open = is_connected = False
    facts = sorted(facts)
    retracted = {fact.retracts for fact in facts if fact.retracts is not None}
    facts = [fact for fact in facts if fact.id not in retracted]
    amnesties = [fact.span for fact in facts if fact.kind is Kind.AMNESTY and fact.span is not None]
    for fact in facts:
        if fact.kind is Kind.AMNESTY:
            continue
        if fact.span is not None:
            # Seen until the end of the session means: as far as it has come.
            seen.append(Interval(fact.span.start, min(fact.span.end, at)))
            is_open = is_open or fact.span.start <= at < fact.span.end
        elif fact.kind is Kind.OPENED_ELSEWHERE:
            elsewhere = fact.at
        elif fact.connection is not None and fact.connection in lines:
            by_line.setdefault(fact.connection, []).append(fact)

    last_heard: datetime | None = None
    starts_by_visit: dict[int, list[tuple[str, datetime]]] = {}
    cut_off: list[tuple[Line, datetime]] = []
    witnessed: list[Interval] = []
    lost: list[tuple[Line, datetime]] = []
    for line_id, own in by_line.items():
        line = lines[line_id]
        spell = _spells(own, line, world, at)
        witnessed.extend(spell.intervals)
        starts_by_visit.setdefault(line.visit, []).extend((line.id, start) for start in spell.starts)
        if spell.cut_off_at is not None:
            cut_off.append((line, spell.cut_off_at))
        if spell.intervals and not spell.said_goodbye:
            lost.append((line, spell.intervals[-1].end))
        is_open = is_open or spell.open
        is_connected = is_connected or spell.connected
        if spell.ended_at is not None and not spell.said_goodbye:
            last_heard = max(filter(None, (last_heard, spell.ended_at)))

    seen.extend(witnessed)
    occupied = occupancy(facts, at)
    drops = [fact.at for own in by_line.values() for fact in own if fact.kind is Kind.DROPPED]
    seen.extend(without_silent_tails(occupied.intervals, drops, witnessed))
    is_open = is_open or occupied.open
    credited = [
        credit
        for line, end in cut_off
        if (credit := _credit(line, end, starts_by_visit.get(line.visit, []), world, at)) is not None
    ]
    credited += _blind_credit(seen, world, lost)
    for link in links(facts):
        screen = setting.screens.get(link.visit, Presence())
        span = held(link, screen.intervals)
        seen.extend(clip(screen.seen, span))
        credited.extend(clip(screen.credited, span))
        is_open = is_open or (screen.open and link.end is None and span.end >= at)
    checked = stays(facts, ends=setting.ends, needs_check_out=setting.needs_check_out, seen=seen, at=at)
    seen.extend(checked.intervals)
    is_open = is_open or checked.open
    granted = granted_credit([*seen, *credited], amnesties)
    return Presence(
        seen=tuple(merge(seen)),
        credited=tuple(subtract(credited, seen)),
        granted=tuple(subtract(granted, [*seen, *credited])),
        open=is_open,
        connected=is_connected,
        elsewhere=elsewhere is not None and not any(i.end > elsewhere for i in seen),
        last_heard=None if is_open else last_heard,
        lacks=checked.lacks,
    )


@dataclass(frozen=True)
class _Spell:
    """One connection read to its end."""

    intervals: list[Interval]
    starts: list[datetime]
    open: bool
    connected: bool
    ended_at: datetime | None
    said_goodbye: bool
    cut_off_at: datetime | None


def _spells(own: Sequence[Fact], line: Line, world: World, at: datetime) -> _Spell:
    """Return what one connection witnessed. Its events are ordered as the client counted them, not as they came."""
    drops = [fact.at for fact in own if fact.kind is Kind.DROPPED]
    boot = world.boots.get(line.boot)
    boot_end = boot.end(at, dead_after=DEAD_AFTER_SECONDS) if boot is not None else line.opened
    if boot_end is not None:
        # Whoever wrote down an event of this connection was alive then, whatever its last beat.
        boot_end = max([boot_end, *(fact.heard for fact in own if fact.kind is not Kind.DROPPED)])
    # The earliest word about the end stands; a drop heard of later than the process's own end is that same end.
    ends = [*drops, *([boot_end] if boot_end is not None else [])]
    ended_at = min(ends) if ends else None

    intervals: list[Interval] = []
    starts: list[datetime] = []
    since: datetime | None = None
    said_goodbye = False
    for fact in sorted(own, key=lambda f: (f.sequence, f.id)):
        if fact.kind in (Kind.JOINED, Kind.RESUMED):
            starts.append(fact.at)
            since = since if since is not None else fact.at
        elif fact.kind is Kind.LEFT and since is not None:
            intervals.append(Interval(since, max(fact.at, since)))
            since = None
            said_goodbye = True
    if since is not None:
        said_goodbye = False
        # An event that was stored after its own drop still happened: the connection had been heard by then.
        end = at if ended_at is None else max(ended_at, since)
        intervals.append(Interval(since, end))
    was_cut_off = since is not None and boot_end is not None and not drops
    return _Spell(
        intervals=intervals,
        starts=starts,
        open=since is not None and ended_at is None,
        connected=ended_at is None,
        ended_at=ended_at,
        said_goodbye=said_goodbye,
        cut_off_at=boot_end if was_cut_off else None,
    )


def _credit(
    line: Line, end: datetime, starts: Sequence[tuple[str, datetime]], world: World, at: datetime
) -> Interval | None:
    """Return the gap our own death tore into one device's presence, if that device came back in time.

    Only a connection still in the conference at its process's last beat; never more than
    min(resumed, service back + RETURN_TIME).
    """
    resumed = min((start for other, start in starts if other != line.id and start >= end), default=None)
    back = world.service_back(end, dead=line.boot, at=at)
    if resumed is None or back is None or resumed > back + RESUME_ALLOWANCE:
        return None
    return Interval(end, min(resumed, back + RETURN_TIME))


def _blind_credit(seen: Sequence[Interval], world: World, lost: Sequence[tuple[Line, datetime]]) -> list[Interval]:
    """Return gaps that begin inside a stretch in which a process ran but could not witness.

    The gap must begin where a connection of that process was lost (`lost`: without a goodbye, and when): whoever
    said goodbye, or was on another process, left for reasons of her own. Presence on both sides is required, and no
    more than RETURN_TIME past the blindness is given.
    """
    credits = []
    merged = merge(seen)
    for blind in world.blindness:
        struck = {end for line, end in lost if blind.boot is None or line.boot == blind.boot}
        for before, after in pairwise(merged):
            lost_in_it = blind.span.start <= before.end + timedelta(seconds=30) and before.end <= blind.span.end
            if before.end in struck and lost_in_it and after.start <= blind.span.end + RESUME_ALLOWANCE:
                credits.append(Interval(before.end, min(after.start, blind.span.end + RETURN_TIME)))
    return credits


def bridge(found: Presence, window: Interval, policy: Policy) -> Presence:
    """Return the presence with gaps of at most the grace closed, shortest first, up to the policy's limit in all.

    Only gaps between two stretches of presence are bridged; arriving late or leaving early never is.
    """
    inside = clip(found.intervals, window)
    if len(inside) < 2:
        return found
    span = Interval(inside[0].start, inside[-1].end)
    left = timedelta(seconds=policy.bridged_limit_seconds)
    grace = timedelta(seconds=policy.grace_seconds)
    bridged = []
    for gap in sorted(gaps(inside, span), key=lambda g: (g.length, g.start)):
        if gap.length <= grace and gap.length <= left:
            bridged.append(gap)
            left -= gap.length
    return replace(found, bridged=tuple(merge(bridged)))
