"""What browsers, our processes and the meeting server would have told of a lecture, as the rules read it."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from lms.attendance.rules.evidence import Blindness, Boot, Fact, Kind, Line, Source
from lms.attendance.rules.presence import World
from lms.kernel.intervals import Interval
from tests.load.daily_life import Life, Process, Service, Stay, Stretch
from tests.unit.attendance.drawing import NINE

# What happened when, as the page knows it.
Event = tuple[float, Kind]

PING_INTERVAL, PING_TIMEOUT = 10.0, 8.0
# A connection shorter away than this may never notice it: TCP sends again.
UNNOTICED = 12.0


def instant(seconds: float) -> datetime:
    """Return the instant so many seconds after the session's start, as fine as a database keeps it."""
    return NINE + timedelta(seconds=round(seconds, 3))


@dataclass
class Told:
    """Everything told of one person: facts, connections, and each device's stretches as a server of the meeting
    would list them (for the algorithms that know nothing else)."""

    facts: list[Fact] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    # (from, to) of each connected stretch of a device's page, lobby included: when it could have pinged.
    pages: list[Stretch] = field(default_factory=list)
    # (from, to) of each row a meeting server would write, and whether it is of the main room.
    rows: list[tuple[float, float, bool]] = field(default_factory=list)
    devices: list[list[Stretch]] = field(default_factory=list)


class Teller:
    """Plays one person's devices against a service and writes down what is told."""

    def __init__(self, rng: random.Random, service: Service, *, with_server: bool) -> None:
        self.rng, self.service, self.with_server = rng, service, with_server
        self.told = Told()
        self.count = 0

    def person(self, life: Life, number: int) -> Told:
        for device, stays in enumerate(life.devices):
            self.visit = number * 10 + device + 1
            stretches: list[Stretch] = []
            for stay in stays:
                self.page(stay)
                stretches += stay.true_stretches()
                if self.with_server:
                    self.meeting(stay)
            self.told.devices.append(stretches)
        if life.lobby is not None:
            self.visit = number * 10 + 9
            start, end = life.lobby
            self.line(*self.reach(start))
            self.told.pages.append((start, end))
        return self.told

    def fact(self, kind: Kind, at: float, heard: float, **more: object) -> None:
        self.count += 1
        values = {"id": self.count, "kind": kind, "at": instant(min(at, heard)), "heard": instant(heard)} | more
        self.told.facts.append(Fact(**values))  # type: ignore[arg-type]

    def reach(self, t: float) -> tuple[Process, float]:
        """Return who takes a connection that is tried from now on, and when."""
        while True:
            up, frozen = self.service.up_at(t), [p for p in self.service.processes if p.frozen_until(t)]
            if up and self.rng.random() * (len(up) + len(frozen)) < len(up):
                return self.rng.choice(up), t + self.rng.uniform(0.05, 0.4)
            # A frozen process takes the call and says nothing: the page gives up after eight seconds.
            t += 8 if up or frozen else self.rng.uniform(0.5, 4)

    def line(self, process: Process, opened: float) -> str:
        name = f"{self.visit}.{len(self.told.lines)}"
        self.told.lines[name] = Line(name, self.visit, process.id, instant(opened))
        return name

    def breaks(self, process: Process, opened: float) -> tuple[float, str]:
        """Return when this connection ends from the server's side, and by what."""
        ends = [(process.ended, "process")]
        for start, end in process.freezes:
            patience = max(start, opened) + self.rng.uniform(PING_TIMEOUT, PING_INTERVAL + PING_TIMEOUT)
            if opened < end and patience < end:
                ends.append((patience, "freeze"))
        return min(ends)

    def page(self, stay: Stay) -> None:
        """Tell what one stay's page tells: events until acknowledged, under one key, on whatever connection lives."""
        noticed = [(a, b, "offline") for a, b in stay.offline if b - a > UNNOTICED or self.rng.random() < 0.4] + [
            (a, b, "reload") for a, b in stay.reloads
        ]
        opens = stay.enters - stay.lobby
        moves = [(m, Kind.LEFT) for m in stay.moves] + [(m + self.rng.uniform(1, 3), Kind.JOINED) for m in stay.moves]
        events = [(stay.enters, Kind.JOINED), *moves]
        if stay.goodbye:
            events.append((stay.leaves, Kind.LEFT))
        events = sorted(e for e in events if not any(a <= e[0] < b for a, b, _ in noticed))
        waiting: list[Event] = []
        edges = [*sorted(noticed), (stay.leaves, stay.leaves, "end")]
        self.sequence = 0
        for start, end, how in edges:
            waiting, events = self.online(opens, start, how, stay, waiting, events)
            if how == "reload":
                # A new page knows nothing of the old one's queue; it joins anew.
                waiting, events = [], [e for e in events if e[0] >= end]
                events.insert(0, (end, Kind.JOINED))
            opens = end

    def online(
        self, opens: float, closes: float, how: str, stay: Stay, waiting: list[Event], events: list[Event]
    ) -> tuple[list[Event], list[Event]]:
        """Play one stretch with a network; return what waits to be told and what is still to happen."""
        t, is_first = opens, stay.enters - stay.lobby >= opens
        while t < closes:
            process, opened = self.reach(t if is_first else t + self.rng.uniform(0.3, 1.5))
            is_first = False
            if opened >= closes:
                break
            line = self.line(process, opened)
            broken, by = min(self.breaks(process, opened), (closes, how))
            self.told.pages.append((opened, broken))
            # What happened without a line comes first, then that she is here still.
            waiting, events = [*waiting, *(e for e in events if e[0] < opened)], [e for e in events if e[0] >= opened]
            resumed = [(opened, Kind.RESUMED)] if self.is_inside(stay, opened) else []
            coming = [e for e in events if e[0] < broken or (by in ("end", "reload") and e[0] <= broken)]
            events = events[len(coming) :]
            if by == "reload" and self.rng.random() < 0.7:
                coming.append((broken, Kind.LEFT))
            waiting = self.deliver([*waiting, *resumed, *coming], process, line, opened, broken, by)
            self.drop(process, line, opened, broken, by, stay)
            t = broken
        happened = [e for e in events if e[0] <= closes]
        return [*waiting, *happened], events[len(happened) :]

    def is_inside(self, stay: Stay, t: float) -> bool:
        return stay.enters <= t < stay.leaves and not any(a <= t < b for a, b in stay.reloads)

    def deliver(
        self, queue: list[Event], process: Process, line: str, opened: float, broken: float, by: str
    ) -> list[Event]:
        """Tell what can be told while the connection lives; return what must be told again on the next.

        What a leaving page sent is still read when it is gone; what it sent into a frozen process is read when
        that runs again, and says of itself that it has just happened.
        """
        clock, left = opened, list(queue)
        for happened, kind in queue:
            sent, latency = max(clock, happened), self.rng.uniform(0.02, 0.25)
            is_farewell = by in ("end", "reload") and sent >= broken - 1
            thaw = process.frozen_until(sent)
            arrives = max(sent + latency, thaw)
            stored = self.service.storable(arrives)
            if stored > arrives:
                if is_farewell:
                    break
                # Not acknowledged: the page tells again, and says anew how long ago it was.
                stored += self.rng.uniform(0, 1.5)
                sent = stored - latency
            if stored >= process.ended or (stored >= broken and not is_farewell):
                break
            self.sequence += 1
            claimed = max(stored - (sent - happened), opened)
            self.fact(kind, claimed, stored, connection=line, sequence=self.sequence, source=Source.BROWSER)
            clock = stored
            left.pop(0)
        return left

    def drop(self, process: Process, line: str, opened: float, broken: float, by: str, stay: Stay) -> None:
        """Tell what the process notices of the connection's end, if it lives to notice."""
        if by == "process":
            return
        is_silent = by == "offline" or (by == "end" and not stay.goodbye and self.rng.random() < 0.7)
        heard, noticed = broken, broken + 0.3
        if is_silent:
            told = [(fact.heard - NINE).total_seconds() for fact in self.told.facts if fact.connection == line]
            heard = max(broken - self.rng.uniform(0, PING_INTERVAL), opened, *[t for t in told if t <= broken], opened)
            noticed = heard + PING_INTERVAL + PING_TIMEOUT + self.rng.uniform(0, PING_TIMEOUT)
        thaw = process.frozen_until(noticed)
        if thaw:
            # The end of the line is read when the process runs again, and that it ended counts as a word of the client.
            heard, noticed = heard if is_silent else thaw, thaw + 0.3
        noticed = self.service.storable(noticed)
        if noticed < process.ended:
            self.fact(Kind.DROPPED, heard, noticed, connection=line, sequence=1_000_001, source=Source.BROWSER)

    def meeting(self, stay: Stay) -> None:
        """Tell what the meeting server posts: whole seconds, late ends for lines that went silent, some posts twice
        and some never, and at the end of the room one list that closes what is open."""
        stretches: list[tuple[float, float]] = []
        start = stay.enters
        for a, b in sorted([*stay.offline, *stay.reloads]):
            patience = self.rng.uniform(55, 85) if (a, b) in stay.offline else 0
            if b - a > patience:
                stretches.append((start, a + patience))
                start = b + self.rng.uniform(0.5, 3)
        end = stay.leaves if stay.goodbye else stay.leaves + self.rng.uniform(55, 85)
        stretches.append((start, end))
        for number, (a, b) in enumerate(stretches):
            edges = [a, *(m for m in stay.moves if a < m < b), b]
            for part, (since, until) in enumerate(pairwise(edges)):
                occupant = f"room{part % 2}/{self.visit}.{number}.{stay.enters:.0f}.{part}"
                self.told.rows.append((since, until, part % 2 == 0))
                for kind, t in ((Kind.JOINED, since), (Kind.LEFT, until)):
                    # One post in a hundred is lost; a lost goodbye is in the list when the room is destroyed.
                    if self.rng.random() < 0.01 and kind is Kind.JOINED:
                        continue
                    for _ in range(2 if self.rng.random() < 0.02 else 1):
                        late = self.rng.expovariate(1 / 3)
                        self.fact(kind, float(int(t)), t + late + 1, source=Source.JITSI, occupant=occupant)


def world_of(service: Service) -> World:
    """Return what the boot and outage rows say of this service."""
    boots = {}
    for process in service.processes:
        beats = service.beats(process)
        last = max(beats, default=process.started)
        ended = instant(process.ended) if not process.killed and process.ended < service_end(service) else None
        boots[process.id] = Boot(process.id, instant(process.started), ended or instant(last), ended)
    blindness = tuple(
        Blindness(Interval(instant(start), instant(end)), process) for process, _, start, end in service.blind()
    )
    return World(boots, blindness)


def service_end(service: Service) -> float:
    return max(process.ended for process in service.processes)
