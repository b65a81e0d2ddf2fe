"""A lecture at nine, and ways to be witnessed in it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask

from lms.accounts.models import Person
from lms.attendance.models import WorkerBoot
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import recording
from lms.db import writing
from lms.sessions.models import LiveSession
from tests.factories import NINE, World, make_session, teach

MINUTE = timedelta(minutes=1)
BOOT = "b" * 32


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after nine."""
    return NINE + minutes * MINUTE


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """The clock, standing at nine; `clock.move_to` moves it."""
    with time_machine.travel(NINE, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def lecture(world: World, app: Flask) -> int:
    """A lecture of the batch from nine to half past ten, and a process that beats all day."""
    with writing() as db:
        session = make_session(db, world.batch)
        teach(db, session.id, world.iskandar)

        db.add(WorkerBoot(id=BOOT, started_at=at(-120), beat_at=at(600)))
    return session.id


@pytest.fixture
def hall(world: World, app: Flask) -> int:
    """A session of the batch in one room, from nine to half past ten."""
    with writing() as db:
        session = make_session(db, world.batch, mode="in_person", place="Aula BKPSDM")
        teach(db, session.id, world.iskandar)
    return session.id


@pytest.fixture
def call(world: World, lecture: int) -> int:
    """The lecture, held elsewhere, with the e-mails of the invented files in tests/unit/attendance/callfiles."""
    with writing() as db:
        db.get_one(Person, world.ayu).email = "ayu@balikpapan.example"
        db.get_one(Person, world.iskandar).email = "host@csc.example"
    return lecture


Tell = Callable[..., bool]


@pytest.fixture
def tell(lecture: int) -> Tell:
    """Has a person's browser report something: tell(person, Kind.JOINED, minutes, line="a")."""
    sequence = iter(range(1, 10_000))

    def report(person: int, kind: Kind, minutes: float, line: str = "a", key: str = "", device: str = "d" * 20) -> bool:
        number = next(sequence)
        draft = WitnessDraft(session=lecture, device=device, key=key or f"{number:020d}", sequence=number, ago_ms=0)
        with writing() as db:
            session = db.get_one(LiveSession, lecture)
            return recording.witness(
                db,
                session,
                kind,
                draft,
                connection_id=f"{line}{person}",
                boot_id=BOOT,
                by=person,
                at=at(minutes),
            )

    return report


def attend(tell: Tell, person: int, start: float = 0, end: float = 90) -> None:
    """Have a person in the room from start to end."""
    tell(person, Kind.JOINED, start)
    tell(person, Kind.LEFT, end)


__all__ = ["BOOT", "MINUTE", "at", "attend"]
