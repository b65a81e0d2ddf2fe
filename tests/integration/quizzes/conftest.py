"""A course with quizzes, two batches, and the five people, on a database of the test's own."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from lms import db as database
from lms.accounts.models import Grant, Person, Unit
from lms.courses.models import Course
from lms.db import Base, Db, reading, writing
from lms.programmes.models import Batch, Enrolment, Programme, ProgrammeCourse
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.order import as_tokens
from lms.quizzes.service import library, outages, submitting, taking
from lms.quizzes.source import read_quiz
from lms.sessions import models as _sessions  # noqa: F401  (its tables)

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

QUIZ = """\
[quiz]
title = { id = "Tes awal", en = "Pre-test" }
pass_mark = 60
attempts = 2
time_limit = 20

[[question]]
key = "one"
type = "single"
text = { id = "Pilih *satu*", en = "Choose *one*" }
choice = [
  { key = "right", text = "A", correct = true, feedback = "Bagus" },
  { key = "wrong", text = "B", feedback = "Kurang tepat" },
]

[[question]]
key = "many"
type = "multiple"
points = 2
text = "Pilih semua"
choice = [
  { key = "a", text = "A", correct = true },
  { key = "b", text = "B", correct = true },
  { key = "c", text = "C" },
]

[[question]]
key = "yes"
type = "truefalse"
text = "Benar?"
answer = true

[[question]]
key = "number"
type = "number"
text = "Berapa?"
answer = 12.5
tolerance = 0.5
unit = "menit"

[[question]]
key = "text"
type = "text"
text = "Singkatan?"
answer = "IKM"
"""

RIGHT = {"one": "right", "many": ["a", "b"], "yes": True, "number": "12,5", "text": "ikm"}


def source(name: str = "quiz-pre.toml", text: str = QUIZ) -> Any:
    quiz, problems = read_quiz(name, text)
    assert problems == []
    return quiz


@dataclass
class House:
    """Ids of what every test finds: people by name, two batches of one programme, a course with a pre-test."""

    ids: dict[str, int]

    def __getattr__(self, name: str) -> int:
        return self.ids[name]

    def sync(self, *sources: Any, at: datetime = NOW) -> library.Synced:
        with writing() as db:
            return library.sync(db, db.get_one(Course, self.course), sources, at=at)

    def quiz(self, key: str = "pre") -> int:
        with reading() as db:
            return db.scalars(select(Quiz.id).where(Quiz.course_id == self.course, Quiz.key == key)).one()

    def start(self, person: str, key: str = "pre", at: datetime = NOW) -> int:
        with writing() as db:
            quiz = db.get_one(Quiz, self.quiz(key))
            return taking.start(db, quiz, by=self.ids[person], at=at).id

    def item(self, attempt_id: int, key: str) -> int:
        with reading() as db:
            version_id = db.get_one(Attempt, attempt_id).version_id
            items = submitting.questions_of(db, version_id)
        return next(item_id for item_id, question in items if question.key == key)

    def tokens(self, attempt_id: int, key: str, response: Any) -> Any:
        """Return the response as the attempt's page names it."""
        with reading() as db:
            attempt = db.get_one(Attempt, attempt_id)
            questions = {one.key: one for _, one in submitting.questions_of(db, attempt.version_id)}
        return as_tokens(questions[key], attempt.seed, response)

    def save(
        self,
        attempt_id: int,
        key: str,
        response: Any,
        seq: int = 1,
        device: str = "phone",
        at: datetime = NOW,
        **more: Any,
    ) -> taking.Saved:
        item_id, given = self.item(attempt_id, key), self.tokens(attempt_id, key, response)
        with writing() as db:
            attempt = db.get_one(Attempt, attempt_id)
            return taking.save_answer(db, attempt, item_id, given, seq=seq, device=device, at=at, **more)

    def answer_all(self, attempt_id: int, responses: dict[str, Any] | None = None, at: datetime = NOW) -> None:
        for key, response in (responses or RIGHT).items():
            self.save(attempt_id, key, response, at=at)

    def submit(self, attempt_id: int, at: datetime = NOW) -> Attempt:
        with writing() as db:
            return submitting.submit(db, db.get_one(Attempt, attempt_id), at=at)

    def attempt(self, attempt_id: int) -> Attempt:
        with reading() as db:
            return db.get_one(Attempt, attempt_id)


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table; tests copy it, which is faster than making the tables again."""
    path = tmp_path_factory.mktemp("tables") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def base(tmp_path: Path, empty_tables: Path) -> Iterator[str]:
    shutil.copy(empty_tables, tmp_path / "quizzes.db")
    url = f"sqlite:///{tmp_path / 'quizzes.db'}"
    database.configure(url)
    yield url
    outages.provide(outages.nothing_known)


@pytest.fixture
def house(base: str) -> House:
    with writing() as db:
        ids = _furnish(db)
    house = House(ids)
    house.sync(source())
    return house


def _furnish(db: Db) -> dict[str, int]:
    unit = Unit(name="Dinas Kesehatan")
    db.add(unit)
    db.flush()
    people = {}
    for name in ("ayu", "budi", "citra", "iskandar", "mallory"):
        people[name] = Person(
            name=name.title(), email=f"{name}@example.test", unit_id=unit.id, created_at=NOW, language="id"
        )
    course = Course(slug="pelayanan", title_id="Pelayanan", title_en="Service", created_at=NOW)
    programme = Programme(slug="p", title_id="Program", created_at=NOW)
    db.add_all([*people.values(), course, programme])
    db.flush()
    batch, other = (
        Batch(
            programme_id=programme.id,
            name=name,
            starts_on=date(2026, 11, 1),
            ends_on=date(2026, 12, 31),
            created_at=NOW,
        )
        for name in ("I", "II")
    )
    db.add_all([batch, other, ProgrammeCourse(programme_id=programme.id, course_id=course.id)])
    db.flush()
    roles = [
        ("ayu", batch, "trainee"),
        ("budi", batch, "trainee"),
        ("citra", batch, "coordinator"),
        ("iskandar", batch, "instructor"),
        ("mallory", other, "trainee"),
    ]
    for name, where, role in roles:
        began = NOW - timedelta(days=10)
        db.add(Enrolment(batch_id=where.id, person_id=people[name].id, role=role, starts_at=began))
        db.add(Grant(person_id=people[name].id, role=role, scope_kind="batch", scope_id=where.id, granted_at=began))
    db.flush()
    ids = {name: person.id for name, person in people.items()}
    return ids | {"course": course.id, "batch": batch.id, "other": other.id, "programme": programme.id}
