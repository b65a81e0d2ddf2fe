"""Makes the five people everywhere and what they need, straight into the tables."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms.accounts.models import Grant, Person, Unit
from lms.certificates.models.certificates import Certificate, NumberBook
from lms.courses.models import Course
from lms.db import Db
from lms.evaluations.models import Survey
from lms.evaluations.rules.questionnaires import usual_content
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.quizzes.models import Quiz
from lms.quizzes.service import library as quizzes
from lms.quizzes.source import read_quiz
from lms.sessions.models import DeviceCheck, LiveSession, SessionInstructor
from lms.sessions.recordings.models import Recording
from lms.sessions.rules import Policy

# A lecture day nobody works on: every test that names a time names this one.
NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 09.00 WITA

DEVICE = "d" * 24

_serial = iter(range(1, 1_000_000))


@dataclass(frozen=True)
class World:
    """Ayu and Budi learn in `batch`, Citra coordinates and Iskandar teaches it; Mallory learns in `other_batch`."""

    ayu: int
    budi: int
    citra: int
    iskandar: int
    mallory: int
    admin: int
    programme: int
    batch: int
    other_batch: int
    course: int
    unit: int
    other_unit: int


def make_person(
    db: Db, name: str, *, role: str = "", scope: str = "everything", scope_id: int = 0, **fields: Any
) -> Person:
    """Return a stored person; with `role` also a grant."""
    number = next(_serial)
    values: dict[str, Any] = {
        "email": f"{name.split()[0].lower()}{number}@example.test",
        "phone": f"+62812{number:07d}",
        "created_at": NINE - timedelta(days=90),
        "language": "en",
    }
    person = Person(name=name, **(values | fields))
    db.add(person)
    db.flush()
    if role:
        grant(db, person.id, role, scope, scope_id)
    return person


def grant(
    db: Db, person_id: int, role: str, scope: str = "everything", scope_id: int = 0, source: str = "manual"
) -> None:
    db.add(
        Grant(
            person_id=person_id,
            role=role,
            scope_kind=scope,
            scope_id=scope_id,
            source=source,
            granted_at=NINE - timedelta(days=60),
        )
    )


def make_batch(db: Db, programme_id: int, name: str = "Angkatan I") -> Batch:
    batch = Batch(
        programme_id=programme_id,
        name=name,
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 2, 28),
        created_at=NINE - timedelta(days=60),
    )
    db.add(batch)
    db.flush()
    return batch


def enrol(db: Db, batch_id: int, person_id: int, role: str = "trainee", **fields: Any) -> Enrolment:
    """Store an enrolment with its grant, as the enrolling use case does."""
    values: dict[str, Any] = {"starts_at": NINE - timedelta(days=30)}
    enrolment = Enrolment(batch_id=batch_id, person_id=person_id, role=role, **(values | fields))
    db.add(enrolment)
    grant(db, person_id, role, "batch", batch_id, source="enrolment")
    db.flush()
    return enrolment


def make_session(db: Db, batch_id: int, *, starts_at: datetime = NINE, minutes: int = 90, **fields: Any) -> LiveSession:
    """Return a stored teleconference of `minutes`."""
    number = next(_serial)
    values: dict[str, Any] = {
        "mode": "teleconference",
        "title_id": "Layanan yang ramah",
        "title_en": "Friendly service",
        "lesson_hours": 2,
        "room_name": f"sesi-{secrets.token_hex(8)}",
        "policy": Policy().stored(),
        "uid": f"session-{number}@jembatan.test",
        "created_at": starts_at - timedelta(days=7),
        "changed_at": starts_at - timedelta(days=7),
    }
    session = LiveSession(
        batch_id=batch_id, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **(values | fields)
    )
    db.add(session)
    db.flush()
    return session


def make_recording(db: Db, session_id: int, *, at: datetime = NINE, **fields: Any) -> Recording:
    """Return a stored recording that the session's batch may watch; no film lies anywhere."""
    values: dict[str, Any] = {
        "key": f"jibri:{next(_serial)}",
        "source": "jibri",
        "state": "ready",
        "seconds": 120.0,
        "arrived_at": at,
        "shown_at": at,
        "expires_at": at + timedelta(days=30),
    }
    recording = Recording(session_id=session_id, **(values | fields))
    db.add(recording)
    db.flush()
    return recording


def make_quiz(db: Db, course_id: int, key: str = "pre", more: str = "") -> Quiz:
    """Return a stored quiz with one true-or-false question; `more` is further TOML."""
    text = f'[quiz]\ntitle = "Tes"\n[[question]]\nkey = "q"\ntype = "truefalse"\ntext = "Benar?"\nanswer = true\n{more}'
    source, problems = read_quiz(f"quiz-{key}.toml", text)
    assert source is not None and problems == []
    quizzes.sync(db, db.get_one(Course, course_id), [source], at=NINE - timedelta(days=7))
    return db.scalars(select(Quiz).where(Quiz.course_id == course_id, Quiz.key == key)).one()


def make_survey(db: Db, batch_id: int, kind: str = "organiser", **fields: Any) -> Survey:
    """Return a stored survey with the usual questions, opened three weeks ago and open for two more."""
    number = next(_serial)
    values: dict[str, Any] = {
        "key": f"{kind}-{batch_id}-{number}",
        "content": usual_content(kind),
        "opens_at": NINE - timedelta(days=21),
        "closes_at": NINE + timedelta(days=14),
    }
    survey = Survey(batch_id=batch_id, kind=kind, **(values | fields))
    db.add(survey)
    db.flush()
    return survey


def make_certificate(db: Db, batch_id: int, person_id: int, serial: int = 1, **fields: Any) -> Certificate:
    """Return a stored certificate of this trainee, a draft unless told otherwise."""
    book = db.scalars(select(NumberBook)).first()
    if book is None:
        book = NumberBook(name="Sertifikat", pattern="S/{serial:3}/{year}", created_at=NINE)
        db.add(book)
        db.flush()
    person = db.get_one(Person, person_id)
    values: dict[str, Any] = {
        "year": 2026,
        "number": f"S/{serial:03}/2026",
        "code": f"23456789AB{serial:02}".replace("0", "C").replace("1", "D"),
        "content": certificate_content(person),
        "issued_on": date(2026, 12, 1),
        "issued_at": NINE,
    }
    made = Certificate(batch_id=batch_id, person_id=person_id, book_id=book.id, serial=serial, **(values | fields))
    db.add(made)
    db.flush()
    return made


def certificate_content(person: Person) -> dict[str, Any]:
    return {
        "version": 1,
        "wording": "passed",
        "name": f"{person.name}, S.Sos.",
        "plain_name": person.name,
        "nip": person.nip or "",
        "rank": "Penata Muda (III/a)",
        "position": "Analis",
        "unit": "Dinas",
        "programme": {"id": "Pelayanan Publik Prima", "en": "Public Service Excellence"},
        "batch": "Angkatan I",
        "starts_on": "2026-11-01",
        "ends_on": "2026-11-30",
        "venue": "Balikpapan",
        "subjects": [{"id": "Layanan yang ramah", "en": "Friendly service", "hours": "2", "by": ["Iskandar Rahman"]}],
        "hours": "2",
        "grade": "very_good",
        "mean": 84.5,
        "share": 100,
        "criteria": "The participant passed every post-test.",
        "agency": {"id": "BKPSDM Kota Balikpapan", "en": "Personnel Agency"},
        "place": "Balikpapan",
        "issued_on": "2026-12-01",
        "signer": {"name": "Purnama", "nip": "", "rank": "", "position": {"id": "Kepala Badan", "en": "Head"}},
    }


def teach(db: Db, session_id: int, person_id: int) -> None:
    db.add(SessionInstructor(session_id=session_id, person_id=person_id))


def make_world(db: Db) -> World:
    """Store the five people with a programme, its course and two batches."""
    unit = Unit(name="Dinas Kependudukan dan Pencatatan Sipil")
    other_unit = Unit(name="Dinas Kesehatan")
    db.add_all([unit, other_unit])
    course = Course(**_course_fields())
    programme = Programme(
        slug="pelayanan-prima",
        title_id="Pelayanan Publik Prima",
        title_en="Public Service Excellence",
        created_at=NINE - timedelta(days=90),
    )
    db.add_all([course, programme])
    db.flush()
    db.add(ProgrammeCourse(programme_id=programme.id, course_id=course.id, position=1))
    batch = make_batch(db, programme.id, "Angkatan I")
    other = make_batch(db, programme.id, "Angkatan II")
    ayu = make_person(db, "Ayu Lestari", unit_id=unit.id, nip="198609262015052001")
    budi = make_person(db, "Budi Santoso", unit_id=other_unit.id, nip="198001012005011002")
    citra = make_person(db, "Citra Dewi", unit_id=unit.id)
    iskandar = make_person(db, "Iskandar Rahman", zone="Asia/Singapore")
    mallory = make_person(db, "Mallory Siregar", unit_id=other_unit.id)
    admin = make_person(db, "Admin Jembatan", role="admin")
    for person, role in ((ayu, "trainee"), (budi, "trainee"), (citra, "coordinator"), (iskandar, "instructor")):
        enrol(db, batch.id, person.id, role)
    enrol(db, other.id, mallory.id, "trainee")
    batch.contact_id = citra.id
    # Nobody is new here: everybody has been offered the test of the device before.
    people = (ayu, budi, citra, iskandar, mallory, admin)
    db.add_all(DeviceCheck(person_id=one.id, device=DEVICE, tested_at=NINE - timedelta(days=30)) for one in people)
    return World(
        ayu.id,
        budi.id,
        citra.id,
        iskandar.id,
        mallory.id,
        admin.id,
        programme.id,
        batch.id,
        other.id,
        course.id,
        unit.id,
        other_unit.id,
    )


def _course_fields() -> dict[str, Any]:
    return {
        "slug": "pelayanan-publik-prima",
        "title_id": "Pelayanan Publik Prima",
        "title_en": "Service Excellence",
        "created_at": NINE - timedelta(days=90),
    }
