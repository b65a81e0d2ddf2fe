"""What the meeting server left open is closed, and told where it is no good witness: once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.attendance import tasks
from lms.attendance.models import Evidence
from lms.attendance.service.telling import coordinators_of
from lms.db import reading
from lms.outbox.models import Notice
from lms.sessions.jitsi.client import JitsiClient
from lms.sessions.jitsi.rules import JitsiServer
from lms.sessions.models import LiveSession
from lms.sessions.rules import DOOR_AFTER
from tests.factories import NINE, World
from tests.integration.jitsi_server.places import meeting_on, own_server, set_up
from tests.integration.jitsi_server.test_posts import MINUTE, ROOM, count, post, presence, session, span, stay

__all__ = ["session"]
AFTER = timedelta(hours=6)


@pytest.fixture
def server(app: Flask) -> Iterator[JitsiServer]:
    found = own_server(api_url="http://127.0.0.1:9")
    with meeting_on(app, found):
        yield found
    tasks._suspected.clear()


def made(minutes: float) -> dict[str, Any]:
    at = int((NINE + minutes * MINUTE).timestamp())
    return {"event_name": "muc-room-created", "room_name": ROOM, "room_jid": f"{ROOM}@muc", "created_at": at}


def reconcile(app: Flask, after: timedelta) -> int:
    with app.app_context():
        return tasks.reconcile_meetings(NINE + after)


def told(template: str) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Notice).where(Notice.template == template)) or 0


def closings(session_id: int) -> list[Evidence]:
    with reading() as db:
        found = db.scalars(select(Evidence).where(Evidence.session_id == session_id, Evidence.kind == "left")).all()
        return list(found)


def test_a_stay_without_a_goodbye_ends_with_the_doors_and_only_once(
    app: Flask, client: FlaskClient, world: World, session: int
) -> None:
    post(client, stay("joined", world.ayu, 0))
    assert reconcile(app, 60 * MINUTE) == 0
    assert (reconcile(app, AFTER), reconcile(app, AFTER)) == (1, 0)
    (closing,) = closings(session)
    with reading() as db:
        assert closing.claimed_at == db.get_one(LiveSession, session).ends_at + DOOR_AFTER


def test_a_server_started_again_ends_what_it_forgot(
    app: Flask, client: FlaskClient, world: World, session: int
) -> None:
    post(client, made(0))
    post(client, stay("joined", world.ayu, 1))
    post(client, stay("joined", world.budi, 2))
    # Killed; twenty minutes on the room is made anew, and Budi alone comes back.
    post(client, made(22))
    again = stay("joined", world.budi, 22)
    again["occupant"]["occupant_jid"] = "another@meet.example.test/y"
    post(client, again)
    left = stay("left", world.budi, 22, 40)
    left["occupant"]["occupant_jid"] = "another@meet.example.test/y"
    post(client, left)
    assert reconcile(app, AFTER) == 2
    assert presence(session, world.ayu) == [span(1, 22)]
    assert presence(session, world.budi) == [span(2, 40)]


def test_a_goodbye_that_comes_after_all_counts(app: Flask, client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 0))
    assert reconcile(app, AFTER) == 1
    with time_machine.travel(NINE + AFTER, tick=False):
        post(client, stay("left", world.ayu, 0, 30))
    assert presence(session, world.ayu) == [span(0, 30)]


def test_a_complete_story_is_left_alone(app: Flask, client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 0))
    post(client, stay("left", world.ayu, 0, 30))
    before = count(Evidence)
    assert reconcile(app, AFTER) == 0
    assert count(Evidence) == before


def test_people_the_server_counts_and_did_not_tell_are_reported_once(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [2]
    monkeypatch.setattr(JitsiClient, "room_size", lambda _self, _room: counted[0])
    post(client, stay("joined", world.ayu, 0))
    for _ in range(2):
        reconcile(app, 60 * MINUTE)
    assert told("server_misses") == 0
    counted[0] = 9
    reconcile(app, 61 * MINUTE)
    assert told("server_misses") == 0
    for minute in (62, 63, 64):
        reconcile(app, minute * MINUTE)
    with reading() as db:
        coordinators = coordinators_of(db, db.get_one(LiveSession, session))
    assert told("server_misses") == len(coordinators) > 0


def test_a_server_that_does_not_answer_stops_nothing(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer
) -> None:
    post(client, stay("joined", world.ayu, 0))
    assert reconcile(app, 60 * MINUTE) == 0
    assert told("server_misses") == 0


def test_silence_is_told_once_and_not_without_such_a_server(
    app: Flask, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.server_witness, "is_silent", lambda *_args, **_named: True)
    for _ in range(3):
        reconcile(app, 60 * MINUTE)
    once = told("server_silent")
    assert once > 0
    set_up(app, own_server(events_secret=""))
    reconcile(app, 61 * MINUTE)
    assert told("server_silent") == once
