"""The site that is measured: a course, a batch of forty and one of ten with past and running lectures, and a
thousand more trainees for the storm."""

import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select

from lms.accounts.models import Grant, Person, Unit
from lms.attendance.models import Connection, Evidence, Visit, WorkerBoot
from lms.attendance.service.marks import write_marks
from lms.courses.models import Course, Module
from lms.db import Db
from lms.programmes.models import Batch, Enrolment
from lms.sessions.models import LiveSession
from tests.factories import enrol, make_batch, make_person, make_session, teach
from tests.integration.live.serving import ROOT, SECRET, Site, now

PAST_LECTURES = 20
GIVEN = ["Agus", "Dewi", "Eka", "Fitri", "Gilang", "Hana", "Indra", "Joko", "Kartika", "Lestari", "Made", "Nur"]
FAMILY = ["Pratama", "Wulandari", "Saputra", "Rahmawati", "Hidayat", "Utami", "Nugroho", "Siregar", "Maulana"]


@dataclass(frozen=True)
class Class:
    """A batch as it is measured: who is in it, and its lecture that runs now."""

    batch: int
    people: list[int]
    coordinator: int
    lecture: int


@dataclass(frozen=True)
class Stage:
    site: Site
    forty: Class
    ten: Class
    module_path: str


def make_stage(site: Site) -> Stage:
    """Fill the site and return what is on it: the factories' course gets its modules and tests from the folder."""
    env = os.environ | {"JEMBATAN_HOME": str(site.home), "DATABASE_URL": site.url, "SECRET_KEY": SECRET}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "sync-courses"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    with site.database.writing() as db:
        taught = db.scalars(select(Course.id).join(Module).limit(1)).one()
        forty, ten = make_class(db, site, "Angkatan 40", 40), make_class(db, site, "Angkatan 10", 10)
        module = db.execute(
            select(Course.slug, Module.key)
            .join(Module, Module.course_id == Course.id)
            .where(Course.id == taught)
            .order_by(Module.position)
        ).first()
        assert module is not None
    return Stage(site, forty, ten, f"/courses/{module.slug}/{module.key}")


def make_class(db: Db, site: Site, name: str, size: int) -> Class:
    """Return a stored batch of this many, with its past lectures judged and one that runs."""
    begun = now() - timedelta(days=30)
    batch = make_batch(db, site.programme, name)
    units = [Unit(name=f"{name}: Dinas {n}") for n in range(8)]
    db.add_all(units)
    db.flush()
    coordinator = make_person(db, f"Citra {name}", language="id")
    enrol(db, batch.id, coordinator.id, "coordinator", starts_at=begun)
    teacher = make_person(db, f"Iskandar {name}", zone="Asia/Singapore")
    enrol(db, batch.id, teacher.id, "instructor", starts_at=begun)
    batch.contact_id = coordinator.id
    people = []
    for number in range(size):
        full = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]}"
        nip = f"1990{number % 12 + 1:02d}{number % 28 + 1:02d}2015{number % 12 + 1:02d}{number % 2 + 1}{number:03d}"
        person = make_person(db, full, nip=None if size != 40 else nip, unit_id=units[number % 8].id, language="id")
        enrol(db, batch.id, person.id, starts_at=begun)
        people.append(person.id)
    boot = WorkerBoot(id=secrets.token_hex(16), started_at=begun, beat_at=now(), ended_at=now())
    db.add(boot)
    db.flush()
    for number in range(PAST_LECTURES):
        session = make_session(db, batch.id, starts_at=now() - timedelta(days=PAST_LECTURES - number, hours=3))
        teach(db, session.id, teacher.id)
        attend(db, session, people, boot.id, came=lambda n, lecture=number: (n + lecture) % 9 != 0)
        write_marks(db, session, at=now(), person_ids=None)
    lecture = make_session(db, batch.id, starts_at=now() - timedelta(minutes=30))
    teach(db, lecture.id, teacher.id)
    attend(db, lecture, people, boot.id, came=lambda n: n % 5 != 0)
    for number in range(3):
        make_session(db, batch.id, starts_at=now() + timedelta(days=2 + number))
    return Class(batch.id, people, coordinator.id, lecture.id)


def attend(db: Db, session: LiveSession, people: Sequence[int], boot: str, *, came: object) -> None:
    """Store what a lecture leaves behind: a device each, joined, some dropped and resumed, left."""
    assert callable(came)
    evidence = []
    for number, person in enumerate(people):
        if not came(number):
            continue
        visit = Visit(
            session_id=session.id, person_id=person, device=secrets.token_hex(10), first_seen_at=session.starts_at
        )
        db.add(visit)
        db.flush()
        minutes = (
            [(0, "joined"), (40, "dropped"), (41, "resumed"), (88, "left")]
            if number % 4 == 0
            else [
                (number % 15, "joined"),
                (90, "left"),
            ]
        )
        line = ""
        for place, (minute, kind) in enumerate(minutes):
            at = session.starts_at + timedelta(minutes=minute)
            if at > now():
                continue
            if kind in ("joined", "resumed"):
                line = secrets.token_hex(10)
                db.add(
                    Connection(
                        id=line,
                        visit_id=visit.id,
                        session_id=session.id,
                        person_id=person,
                        boot_id=boot,
                        opened_at=at,
                    )
                )
            evidence.append(
                {
                    "session_id": session.id,
                    "person_id": person,
                    "source": "browser",
                    "kind": kind,
                    "received_at": at,
                    "claimed_at": at,
                    "connection_id": line,
                    "sequence": place,
                    "key": secrets.token_hex(10),
                    "detail": {},
                }
            )
    db.flush()
    db.execute(insert(Evidence), evidence)
    session.has_evidence = True


def make_crowd(site: Site, number: int) -> Class:
    """Return a batch of this many trainees and nobody's past; its lecture runs."""
    begun = now() - timedelta(days=30)
    with site.database.writing() as db:
        batch = make_batch(db, site.programme, f"Angkatan {number}")
        coordinator = make_person(db, "Citra Seribu")
        enrol(db, batch.id, coordinator.id, "coordinator", starts_at=begun)
        rows = [
            {
                "name": f"Peserta {n:04d}",
                "email": f"peserta{n}-{batch.id}@example.test",
                "phone": f"+62813{n:07d}",
                "created_at": begun,
                "language": "id",
            }
            for n in range(number)
        ]
        people = list(db.scalars(insert(Person).returning(Person.id), rows))
        db.execute(
            insert(Enrolment),
            [{"batch_id": batch.id, "person_id": p, "role": "trainee", "starts_at": begun} for p in people],
        )
        db.execute(
            insert(Grant),
            [
                {
                    "person_id": p,
                    "role": "trainee",
                    "scope_kind": "batch",
                    "scope_id": batch.id,
                    "granted_at": begun,
                }
                for p in people
            ],
        )
        lecture = make_session(db, batch.id, starts_at=now() - timedelta(minutes=5))
        return Class(batch.id, people, coordinator.id, lecture.id)


def next_lecture(site: Site, batch: int) -> int:
    """Return another lecture of the batch that runs now, nobody in it yet."""
    with site.database.writing() as db:
        return make_session(db, db.get_one(Batch, batch).id, starts_at=now() - timedelta(minutes=5)).id
