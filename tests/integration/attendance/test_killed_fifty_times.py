"""A session of two hundred people whose server is killed at fifty random points: nothing acknowledged is lost, and
every mark is what the reference computation says.

The sockets are virtual: each event goes through the real services in a transaction of its own, at the instant at
which a page would have told it. tests/integration/live kills real processes.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.attendance.models import Evidence, Mark
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Fact, Kind
from lms.attendance.rules.judgement import judge
from lms.attendance.rules.presence import presence
from lms.attendance.service import marks, recording, world
from lms.db import Db, reading, writing
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, make_person, make_session
from tests.integration.attendance.reckoning import reckon
from tests.integration.conftest import Site
from tests.load.daily_life import BEAT, FROM, LENGTH, Process, Rates, Service, live
from tests.load.told import Teller, Told, instant, world_of
from tests.load.truth import POLICY, WINDOW, true_judgement

KILLS = 50
SEED = 20261201


class Killed(Exception):
    """The process died here."""


def service_killed(rng: random.Random) -> Service:
    """Return one process after the other, each killed, and the last that lives on.

    Most come back at once; some only after a gap that no grace bridges.
    """
    down = [rng.uniform(3, 20) if rng.random() < 0.8 else rng.uniform(80, 150) for _ in range(KILLS)]
    shares = [rng.expovariate(1) for _ in range(KILLS)]
    uptime = LENGTH + 300 - sum(down)
    processes: list[Process] = []
    started, end = FROM, -300.0
    for number in range(KILLS):
        end += uptime * shares[number] / sum(shares)
        processes.append(Process(f"boot{number}", started, end, killed=True, phase=rng.uniform(0, BEAT)))
        started = end = end + down[number]
    processes.append(Process("last", started, phase=rng.uniform(0, BEAT)))
    return Service(processes, [])


@dataclass
class Play:
    """What was told of whom, as it was acknowledged."""

    service: Service
    session: int
    people: list[int]
    told: list[Told]
    true: list[float]
    acknowledged: set[str]


def tell(db: Db, play: Play, person: int, fact: Fact, told: Told) -> None:
    """Store one fact as the page or the process that noticed it would."""
    assert fact.connection is not None
    line = told.lines[fact.connection]
    if fact.kind is Kind.DROPPED:
        recording.drop(db, line.id, last_heard=fact.at, reason="ping timeout", at=fact.heard)
        return
    draft = WitnessDraft(
        session=play.session,
        device=f"d{line.visit:020d}",
        key=f"{person:010d}{fact.id:010d}",
        sequence=fact.sequence,
        ago_ms=round((fact.heard - fact.at) / timedelta(milliseconds=1)),
    )
    session = db.get_one(LiveSession, play.session)
    recording.witness(
        db,
        session,
        fact.kind,
        draft,
        connection_id=line.id,
        boot_id=line.boot,
        by=person,
        at=fact.heard,
        opened=line.opened,
    )


def happen(rng: random.Random, play: Play, batch: list[tuple[int, Fact]]) -> None:
    """Have these told until acknowledged: the process may die before the commit, or after it and before the answer."""
    while True:
        dies = rng.random()
        try:
            with writing() as db:
                for number, fact in batch:
                    tell(db, play, play.people[number], fact, play.told[number])
                if dies < 0.05:
                    raise Killed
        except Killed:
            continue
        if dies > 0.1:
            break
    for number, fact in batch:
        if fact.kind is not Kind.DROPPED:
            person = play.people[number]
            play.acknowledged.add(f"b:{person}:{person:010d}{fact.id:010d}")


@pytest.fixture
def play(world: World, app: Flask, site: Site) -> Play:
    rng = random.Random(SEED)
    number = 200 if site.engine == "sqlite" else 40
    service = service_killed(rng)
    rates = Rates(lobby_only=0)
    with writing() as db:
        session = make_session(db, world.batch, minutes=LENGTH // 60)
        people = [make_person(db, f"Peserta {n}") for n in range(number)]
        for person in people:
            enrol(db, world.batch, person.id)
        ids = [person.id for person in people]
    lives = [live(rng, rates, None) for _ in ids]
    told = [Teller(rng, service, with_server=False).person(life, n) for n, life in enumerate(lives)]
    true = [true_judgement(life, ()).attended.total_seconds() for life in lives]
    found = Play(service, session.id, ids, told, true, set())
    run(rng, found)
    return found


def run(rng: random.Random, play: Play) -> None:
    """Play everything in the order in which it reached us."""
    events: list[tuple[datetime, int, int, Fact | None]] = []
    for number, told in enumerate(play.told):
        events += [(fact.heard, 1, number, fact) for fact in told.facts]
    for number, process in enumerate(play.service.processes):
        beats = play.service.beats(process)
        events.append((instant(process.started), 0, number, None))
        events.append((instant(beats[-1]), 2, number, None))
    batch: list[tuple[int, Fact]] = []
    for when, what, number, fact in sorted(events, key=lambda event: event[:3]):
        if fact is not None:
            batch.append((number, fact))
        # Whoever comes in the same moment shares a transaction, as when a class comes back after a death.
        if batch and (fact is None or len(batch) >= 20 or rng.random() < 0.1):
            happen(rng, play, batch)
            batch = []
        if fact is None:
            with writing() as db:
                (world.boot if what == 0 else world.beat)(db, play.service.processes[number].id, at=when)


def test_no_acknowledged_fact_is_lost_and_every_mark_is_the_reference_computations(play: Play, world: World) -> None:
    after = WINDOW.end + timedelta(minutes=30)
    with writing() as db:
        marks.judge_marks(db, db.get_one(LiveSession, play.session), at=after)
    with reading() as db:
        session = db.get_one(LiveSession, play.session)
        stored = set(db.scalars(select(Evidence.key).where(Evidence.session_id == session.id)))
        assert play.acknowledged <= stored
        assert len(stored) == db.scalar(
            select(func.count()).select_from(Evidence).where(Evidence.session_id == session.id)
        )
        written = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.session_id == session.id))}
        reference = reckon(db, session, play.people, after)
    known = world_of(play.service)
    differing = []
    for person, told, true in zip(play.people, play.told, play.true, strict=True):
        mark = written[person]
        verdict = judge(presence(told.facts, told.lines, known, at=after), WINDOW, [], POLICY, at=after)
        both = (mark.status, mark.attended_seconds)
        if both != reference[person] or both != (verdict.status.value, int(verdict.attended.total_seconds())):
            differing.append((person, both, reference[person]))
        # A minute at most for each death that struck her, a ping's length for each line she lost herself.
        struck = len({line.boot for line in told.lines.values()})
        drops = sum(fact.kind is Kind.DROPPED for fact in told.facts)
        assert mark.attended_seconds <= true + 60 * struck + 15 * drops
    assert differing == []
