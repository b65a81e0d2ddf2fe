"""What really happens in a lecture: who is in the meeting on which device, and when our processes and lines fail.

Everything is in seconds from the start of the session and comes from one seeded `random.Random`.
"""

import random
from dataclasses import dataclass, field

LENGTH = 90 * 60
DOORS_BEFORE, DOORS_AFTER = 15 * 60, 30 * 60
# What serves lives from here to there; nothing is asked before or after.
FROM, TO = -DOORS_BEFORE - 3600, LENGTH + DOORS_AFTER + 600
BEAT = 5.0

Stretch = tuple[float, float]


@dataclass(frozen=True)
class Rates:
    """How often things go wrong, as shares of sessions or of people. The defaults are a bad week, not a good one."""

    workers_two: float = 0.5
    kills: float = 0.5
    stops: float = 0.3
    freezes: float = 0.25
    database_away: float = 0.25
    bad_line: float = 0.3
    second_device: float = 0.12
    reloads: float = 0.08
    breakouts: float = 0.25
    late: float = 0.18
    leaves_early: float = 0.12
    walks_out_for_a_while: float = 0.08
    without_goodbye: float = 0.25
    lobby_only: float = 0.03
    absent: float = 0.06
    wrong_clock: float = 0.1


@dataclass
class Process:
    """One run of one serving process. `ended` by a kill leaves no word; by a stop it leaves one."""

    id: str
    started: float
    ended: float = TO
    killed: bool = False
    # When within its five seconds it beats.
    phase: float = 0.0
    freezes: list[Stretch] = field(default_factory=list)

    def is_up(self, t: float) -> bool:
        return self.started <= t < self.ended and not self.frozen_until(t)

    def frozen_until(self, t: float) -> float:
        """Return when the freeze that holds at this instant is over; 0 when none does."""
        return next((end for start, end in self.freezes if start <= t < end), 0.0)


@dataclass
class Service:
    """Everything that serves one session: processes, and when the database was away."""

    processes: list[Process]
    away: list[Stretch]

    def up_at(self, t: float) -> list[Process]:
        return [process for process in self.processes if process.is_up(t)]

    def storable(self, t: float) -> float:
        """Return when something that arrives now can be stored."""
        return next((end for start, end in self.away if start <= t < end), t)

    def beats(self, process: Process) -> list[float]:
        """Return the beats this process could store."""
        number = int((process.ended - process.started) / BEAT) + 1
        thaws = [end for _, end in process.freezes]
        planned = [process.started, *thaws, *(process.started + process.phase + BEAT * n for n in range(number))]
        return sorted(t for t in planned if process.is_up(t) and self.storable(t) == t)

    def blind(self) -> list[tuple[str, str, float, float]]:
        """Return (process, kind, from, to) as the beats that came late tell it."""
        found = []
        for process in self.processes:
            beats = self.beats(process)
            for kind, stretches in (("freeze", process.freezes), ("database", self.away)):
                for start, end in stretches:
                    last = max((beat for beat in beats if beat <= start), default=process.started)
                    back = min((beat for beat in beats if beat >= end), default=None)
                    late = 3 * BEAT if kind == "freeze" else BEAT + 1
                    if process.started <= start < process.ended and back is not None and back - last > late:
                        found.append((process.id, kind, last, back))
        return found


@dataclass
class Stay:
    """One device in the meeting from `enters` to `leaves`, with what happens to its line in between.

    `offline`: the network is gone. `reloads`: the page is opened anew. `moves`: to a breakout room and back.
    `goodbye`: whether the end is said, or the lid is just shut.
    """

    enters: float
    leaves: float
    goodbye: bool = True
    lobby: float = 20.0
    offline: list[Stretch] = field(default_factory=list)
    reloads: list[Stretch] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)

    def true_stretches(self) -> list[Stretch]:
        """Return when this device really was in the meeting."""
        stretches = [(self.enters, self.leaves)]
        for start, end in (*self.offline, *self.reloads):
            stretches = [
                part for a, b in stretches for part in ((a, min(b, start)), (max(a, end), b)) if part[1] > part[0]
            ]
        return stretches


@dataclass
class Life:
    """One person's session: her devices with their stays, and how wrong her clock is."""

    devices: list[list[Stay]]
    clock_off: float = 0.0
    lobby: Stretch | None = None

    def truth(self) -> list[Stretch]:
        return [stretch for stays in self.devices for stay in stays for stretch in stay.true_stretches()]


def live_service(rng: random.Random, rates: Rates) -> Service:
    """Return the processes of one session with their deaths, and the database's absences."""
    processes: list[Process] = []
    for slot in range(2 if rng.random() < rates.workers_two else 1):
        ends = sorted(
            (rng.uniform(-600, LENGTH + 300), kind)
            for kind, rate in (("kill", rates.kills), ("stop", rates.stops))
            if rng.random() < rate
        )
        started: float = FROM
        for number, (end, kind) in enumerate(ends):
            if end <= started + 30:
                continue
            processes.append(Process(f"w{slot}.{number}", started, end, kind == "kill", rng.uniform(0, BEAT)))
            started = end + (rng.uniform(3, 90) if kind == "kill" else rng.uniform(2, 8))
        processes.append(Process(f"w{slot}.last", started, phase=rng.uniform(0, BEAT)))
    for process in processes:
        if rng.random() < rates.freezes:
            start = rng.uniform(process.started + 30, max(process.started + 31, min(process.ended, LENGTH) - 100))
            length = rng.uniform(5, 70)
            if start + length < process.ended - 20:
                process.freezes.append((start, start + length))
    away = []
    if rng.random() < rates.database_away:
        start = rng.uniform(-300, LENGTH)
        away.append((start, start + rng.uniform(5, 60)))
    return Service(processes, away)


def live(rng: random.Random, rates: Rates, breakout: Stretch | None) -> Life:
    """Return one person's session."""
    clock_off = rng.uniform(-86_400, 86_400) if rng.random() < rates.wrong_clock else 0.0
    if rng.random() < rates.absent:
        return Life([], clock_off)
    if rng.random() < rates.lobby_only:
        return Life([], clock_off, (rng.uniform(-600, 0), LENGTH + rng.uniform(0, 600)))
    enters = rng.uniform(-12 * 60, -20) if rng.random() > rates.late else rng.uniform(0, 25 * 60)
    leaves = LENGTH + rng.uniform(5, 8 * 60)
    if rng.random() < rates.leaves_early:
        leaves = rng.uniform(max(enters + 60, LENGTH / 3), LENGTH)
    bad = rng.random() < rates.bad_line
    stays = [_stay(rng, rates, enters, leaves, bad, breakout)]
    if rng.random() < rates.walks_out_for_a_while:
        out = rng.uniform(enters, leaves)
        back = out + rng.uniform(30, 20 * 60)
        stays = [_stay(rng, rates, enters, max(out, enters + 5), bad, breakout)]
        if back < leaves:
            stays.append(_stay(rng, rates, back, leaves, bad, breakout))
    devices = [stays]
    if rng.random() < rates.second_device:
        start = rng.uniform(enters, leaves)
        devices.append([_stay(rng, rates, start, min(leaves + 60, start + rng.uniform(60, 5400)), bad, None)])
    return Life(devices, clock_off)


def _stay(rng: random.Random, rates: Rates, enters: float, leaves: float, bad: bool, breakout: Stretch | None) -> Stay:
    stay = Stay(enters, leaves, rng.random() >= rates.without_goodbye, rng.uniform(3, 60))
    t = enters
    while True:
        t += rng.expovariate((1.5 if bad else 0.15) / LENGTH)
        length = min(rng.lognormvariate(3.3, 1.1), 15 * 60)
        if t + length + 20 >= leaves:
            break
        stay.offline.append((t, t + length))
        t += length + 30
    if rng.random() < rates.reloads:
        start = rng.uniform(enters, leaves)
        if start + 15 < leaves and not any(a - 30 < start < b + 30 for a, b in stay.offline):
            stay.reloads.append((start, start + rng.uniform(3, 12)))
    if breakout is not None:
        stay.moves = [moment for moment in breakout if enters + 5 < moment < leaves - 5]
    return stay


def plan_breakout(rng: random.Random, rates: Rates) -> Stretch | None:
    if rng.random() >= rates.breakouts:
        return None
    start = rng.uniform(600, LENGTH - 1500)
    return (start, start + rng.uniform(300, 1200))
