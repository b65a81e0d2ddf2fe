"""The five people's course with quizzes, and the short ways to begin, answer and submit."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from lms.courses.models import Course
from lms.db import reading, writing
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.order import as_tokens
from lms.quizzes.service import library, outages, starting, submitting, taking
from lms.quizzes.source import read_quiz
from tests.factories import World

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
    """Ids of what every test finds, by name, and the short ways."""

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
            return starting.start(db, quiz, by=self.ids[person], at=at).id

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
            attempt = db.get_one(Attempt, attempt_id, with_for_update=True)
            return taking.save_answer(db, attempt, item_id, given, seq=seq, device=device, at=at, **more)

    def answer_all(self, attempt_id: int, responses: dict[str, Any] | None = None, at: datetime = NOW) -> None:
        for key, response in (responses or RIGHT).items():
            self.save(attempt_id, key, response, at=at)

    def submit(self, attempt_id: int, at: datetime = NOW) -> Attempt:
        with writing() as db:
            return submitting.submit(db, db.get_one(Attempt, attempt_id, with_for_update=True), at=at)

    def attempt(self, attempt_id: int) -> Attempt:
        with reading() as db:
            return db.get_one(Attempt, attempt_id)


@pytest.fixture
def house(world: World) -> Iterator[House]:
    """The five people, their course with a pre-test of five questions, and nobody has begun."""
    house = House(asdict(world))
    house.sync(source())
    yield house
    outages.provide(outages.nothing_known)
