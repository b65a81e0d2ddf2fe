"""A batch of any size with its sessions, evidence and marks, put straight into the tables by the thousand.

Seeded: the same numbers give the same people, the same comings and goings.
"""

import random
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from lms.accounts.models import Person, Unit
from lms.attendance.models import Connection, Evidence, Mark, Visit, WorkerBoot
from lms.attendance.rules.judgement import stored_reasons
from lms.db import Base, Db
from lms.kernel.errors import Said
from lms.programmes.models import Enrolment
from lms.sessions.models import LiveSession
from tests.factories import enrol, make_batch, make_person, make_session

FIRST = [
    "Ayu",
    "Bima",
    "Citra",
    "Dian",
    "Eko",
    "Fitri",
    "Gilang",
    "Hana",
    "Indra",
    "Joko",
    "Kartika",
    "Lukman",
    "Mira",
    "Nanda",
    "Okta",
    "Putri",
    "Rizky",
    "Sari",
    "Tono",
    "Umar",
    "Vina",
    "Wahyu",
    "Yanti",
    "Zainal",
]
LAST = [
    "Adiputra",
    "Baskoro",
    "Cahyani",
    "Darmawan",
    "Erlangga",
    "Fauzi",
    "Gunadi",
    "Hidayat",
    "Iskandar",
    "Jatmiko",
    "Kusuma",
    "Lestari",
    "Maulana",
    "Nugraha",
    "Oktavia",
    "Pratama",
    "Rahman",
    "Siregar",
    "Tanjung",
    "Utami",
    "Wibowo",
    "Yulianti",
]
UNITS = (
    "Dinas Kependudukan dan Pencatatan Sipil",
    "Dinas Kesehatan",
    "Dinas Perhubungan",
    "Dinas Sosial",
    "Dinas Pendidikan dan Kebudayaan",
    "Badan Pengelola Pajak dan Retribusi Daerah",
    "Kecamatan Balikpapan Tengah",
    "Kecamatan Balikpapan Utara",
)
BOOT = "c" * 32


@dataclass(frozen=True)
class Multitude:
    """A batch with its coordinator, the ids of its trainees, and of its sessions in order of time."""

    batch: int
    coordinator: int
    people: tuple[int, ...]
    sessions: tuple[int, ...]


def make_multitude(
    db: Db, programme: int, *, people: int, starts: Iterable[datetime], name: str = "Angkatan Akbar"
) -> Multitude:
    """Store a batch of so many trainees with a session of ninety minutes at each of these instants."""
    draw = random.Random(people)
    starts = list(starts)
    since = min(starts) - timedelta(days=30)
    units = [Unit(name=f"{unit} {secrets.token_hex(3)}") for unit in UNITS]
    db.add_all(units)
    batch = make_batch(db, programme, name)
    coordinator = make_person(db, "Citra Koordinator", email=f"{secrets.token_hex(6)}@example.test")
    enrol(db, batch.id, coordinator.id, "coordinator", starts_at=since)
    sessions = [
        make_session(
            db,
            batch.id,
            starts_at=start,
            uid=secrets.token_hex(12),
            title_id=f"Pertemuan {number}",
            title_en=f"Meeting {number}",
        )
        for number, start in enumerate(starts, 1)
    ]
    first = (db.scalar(select(func.max(Person.id))) or 0) + 1
    ids = tuple(range(first, first + people))
    insert_many(db, Person, (_person(number, draw, units, since) for number in ids))
    enrolled = ({"batch_id": batch.id, "person_id": i, "role": "trainee", "starts_at": since} for i in ids)
    insert_many(db, Enrolment, enrolled)
    return Multitude(batch.id, coordinator.id, ids, tuple(session.id for session in sessions))


def _person(number: int, draw: random.Random, units: list[Unit], since: datetime) -> dict[str, Any]:
    born = f"{draw.randint(1968, 1999)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
    # The last three digits go round every thousand people, the month of hiring does not.
    year, month = divmod(number // 1000, 12)
    hired = f"20{10 + year % 13}{month + 1:02d}"
    return {
        "id": number,
        "name": f"{draw.choice(FIRST)} {draw.choice(LAST)} {draw.choice(LAST)}",
        "title_after": draw.choice(["", "", "S.Sos.", "S.E., M.M.", "A.Md."]),
        "nip": f"{born}{hired}{draw.randint(1, 2)}{number % 1000:03d}",
        "email": f"multitude{number}@example.test",
        "phone": f"+62812{number:08d}",
        "position": draw.choice(["Analis Kebijakan", "Pengadministrasi Umum", "Petugas Loket"]),
        "rank": "III/a",
        "unit_id": draw.choice(units).id,
        "created_at": since,
    }


class _Book:
    """Rows of evidence in the making."""

    def __init__(self, session: LiveSession, first_visit: int) -> None:
        self.session = session
        self.first_visit = first_visit
        self.visits: dict[int, dict[str, Any]] = {}
        self.lines: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any]] = []

    def arrive(self, person: int, at: datetime) -> str:
        """Open a new connection of the person's device and return its id."""
        visit = self.visits.setdefault(
            person,
            {
                "id": self.first_visit + len(self.visits),
                "session_id": self.session.id,
                "person_id": person,
                "device": f"{person:020d}",
                "first_seen_at": at,
            },
        )
        line = secrets.token_hex(10)
        self.lines.append(
            {
                "id": line,
                "visit_id": visit["id"],
                "session_id": self.session.id,
                "person_id": person,
                "boot_id": BOOT,
                "opened_at": at,
            }
        )
        return line

    def tell(self, person: int, kind: str, at: datetime, line: str, sequence: int) -> None:
        self.facts.append(
            {
                "session_id": self.session.id,
                "person_id": person,
                "source": "browser",
                "kind": kind,
                "received_at": at,
                "claimed_at": at,
                "connection_id": line,
                "sequence": sequence,
                "key": f"load:{self.session.id}:{len(self.facts)}:{line}",
                "detail": {},
            }
        )


def witness(db: Db, session: LiveSession, people: Iterable[int], *, until: datetime, losses: int = 0) -> int:
    """Store what browsers tell of these people up to an instant; return how many facts.

    Seven of ten come in time, some late; one of ten never comes, some only open the page.
    With `losses` everybody comes, loses her line so many times and stays to the end: three facts and two a loss.
    """
    if db.get(WorkerBoot, BOOT) is None:
        far = timedelta(days=2)
        db.add(WorkerBoot(id=BOOT, started_at=session.starts_at - far, beat_at=session.ends_at + far))
        db.flush()
    book = _Book(session, (db.scalar(select(func.max(Visit.id))) or 0) + 1)
    for person in people:
        _attend(book, person, random.Random(session.id * 1_000_003 + person), until, losses)
    insert_many(db, Visit, book.visits.values())
    insert_many(db, Connection, book.lines)
    insert_many(db, Evidence, book.facts)
    session.has_evidence = bool(book.facts)
    return len(book.facts)


def _attend(book: _Book, person: int, draw: random.Random, until: datetime, losses: int) -> None:
    start, end = book.session.starts_at, book.session.ends_at
    story = draw.random() if not losses else 0.5
    came = start + timedelta(minutes=draw.uniform(-12, 4) if story < 0.85 else draw.uniform(5, 30))
    if story < 0.1 or came > until:
        return
    line = book.arrive(person, came)
    book.tell(person, "connected", came, line, 0)
    if story < 0.16:
        return
    inside = came + timedelta(seconds=draw.uniform(5, 40))
    if inside > until:
        return
    book.tell(person, "joined", inside, line, 1)
    leaves = (
        end + timedelta(minutes=draw.uniform(-3, 3)) if losses or draw.random() < 0.9 else start + timedelta(minutes=50)
    )
    now = inside
    for left in range(losses, 0, -1):
        now += (leaves - now) / (left + 1)
        back = now + timedelta(seconds=draw.choice([12, 25, 40, 70, 240]))
        book.tell(person, "dropped", now, line, 1_000_001)
        line = book.arrive(person, back)
        book.tell(person, "resumed", back, line, 1)
        now = back
    if leaves < until:
        book.tell(person, "left", leaves, line, 5)


def mark(db: Db, sessions: Iterable[LiveSession], people: Iterable[int], *, at: datetime) -> int:
    """Store a mark for each of these people in each of these sessions; return how many."""
    people, sessions = list(people), list(sessions)
    insert_many(db, Mark, (row for session in sessions for row in _marks(session, people, at)))
    return len(people) * len(sessions)


def _marks(session: LiveSession, people: list[int], at: datetime) -> Iterator[dict[str, Any]]:
    draw = random.Random(session.id)
    for person in people:
        story = draw.random()
        share = 0.0 if story < 0.04 else draw.uniform(0.2, 0.8) if story < 0.1 else draw.uniform(0.83, 1.0)
        seconds = int(5400 * share)
        left = session.starts_at + timedelta(seconds=seconds)
        told = Said("attended_of", {"minutes": seconds // 60, "planned": 90})
        yield {
            "session_id": session.id,
            "person_id": person,
            "status": "attended" if share >= 0.8 else "partial" if share else "absent",
            "late": draw.random() < 0.05,
            "left_early": False,
            "attended_seconds": seconds,
            "counted_seconds": 5400,
            "presence": [[session.starts_at.isoformat(), left.isoformat()]] if share else [],
            "reasons": stored_reasons([told if share else Said("never_in_the_room")]),
            "judged_at": at,
            "rules_version": 1,
        }


def insert_many(db: Db, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Store rows, a few thousand a statement."""
    db.flush()
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == 4000:
            db.execute(insert(model), part)
            part = []
    if part:
        db.execute(insert(model), part)
