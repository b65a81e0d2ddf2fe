"""A lecture of the batch from nine to half past ten, the clock in it, and pages on its socket."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from lms.attendance.models import WorkerBoot
from lms.db import writing
from lms.pulses import watching
from lms.quizzes.models import Question
from lms.web import sockets
from tests.factories import NINE, World, make_quiz, make_session, teach

Connect = Callable[[int], "RoomPage"]


@pytest.fixture
def lecture(world: World, app: Flask) -> int:
    with writing() as db:
        session = make_session(db, world.batch)
        teach(db, session.id, world.iskandar)
        beat = {"started_at": NINE - timedelta(hours=2), "beat_at": NINE + timedelta(hours=10)}
        db.add(WorkerBoot(id="b" * 32, **beat))
    return session.id


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """The clock, standing at five past nine."""
    with time_machine.travel(NINE + timedelta(minutes=5), tick=False) as coordinates:
        yield coordinates


class RoomPage:
    """One page in the room, as static/js/pulses/panel.js speaks."""

    def __init__(self, client: Any, lecture: int) -> None:
        self.client = client
        self.lecture = lecture
        self.page = secrets.token_hex(8)
        self.taps = 0

    def ask(self, event: str, **payload: Any) -> dict[str, Any]:
        return self.client.emit(event, {"session": self.lecture, **payload}, callback=True)  # type: ignore[no-any-return]

    def tap(self, pulse: int, choice: str, sequence: int | None = None) -> dict[str, Any]:
        self.taps += 1
        return self.ask("pulse:answer", pulse=pulse, choice=choice, page=self.page, sequence=sequence or self.taps)

    def heard(self) -> list[dict[str, Any]]:
        """Return what was pushed since the last look."""
        watching.send(self.lecture)
        return [one["args"][0] for one in self.client.get_received() if one["name"] == "pulse:now"]


@pytest.fixture
def connect(app: Flask, lecture: int, as_person: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Gives this person's page in the room. What is sent is sent by `heard`, not by a thread that a test must await."""
    monkeypatch.setattr(watching.Publisher, "publish", lambda _self, _session_id: None)

    def page(person_id: int) -> RoomPage:
        return RoomPage(sockets.io().test_client(app, flask_test_client=as_person(person_id)), lecture)

    return page


@pytest.fixture
def bank_question(world: World, app: Flask) -> int:
    """A question of the course's bank that is true."""
    with writing() as db:
        make_quiz(db, world.course)
        return db.scalars(select(Question.id)).one()
