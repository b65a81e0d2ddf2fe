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
from lms.attendance.service import server_witness
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
    monkeypatch.setattr(JitsiClient, "room_occupants", lambda _self, _room: frozenset({"occupant"}))
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


def sees(monkeypatch: pytest.MonkeyPatch, size: int, *people: int) -> None:
    """Let the server's own list hold so many, these people's first devices among them."""
    names = frozenset(device(person)[:8] for person in people)
    monkeypatch.setattr(JitsiClient, "room_size", lambda _self, _room: size)
    monkeypatch.setattr(JitsiClient, "room_occupants", lambda _self, _room: names)


def device(person: int) -> str:
    return f"{person:08x}-0000@meet.example.test/web"


def comes(person: int, minutes: float, left: float | None = None, **more: Any) -> dict[str, Any]:
    body = stay("joined" if left is None else "left", person, minutes, left, **more)
    body["occupant"]["occupant_jid"] = device(person)
    return body


def test_whoever_the_servers_list_lacks_twice_is_closed_when_first_missed(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (world.ayu, world.budi):
        post(client, comes(person, 0))
    sees(monkeypatch, 2, world.ayu, world.budi)
    assert reconcile(app, 60 * MINUTE) == 0
    sees(monkeypatch, 1, world.budi)
    assert (reconcile(app, 61 * MINUTE), reconcile(app, 62 * MINUTE), reconcile(app, 63 * MINUTE)) == (0, 1, 0)
    with time_machine.travel(NINE + 70 * MINUTE, tick=False):
        assert presence(session, world.ayu) == [span(0, 61)]
    # The goodbye was only late: what the server says itself stands above what was concluded.
    with time_machine.travel(NINE + 71 * MINUTE, tick=False):
        post(client, comes(world.ayu, 0, 64))
    assert presence(session, world.ayu) == [span(0, 64)]


def test_a_room_that_vanished_with_its_server_closes_everybody_in_it(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, comes(world.ayu, 0))
    post(client, comes(world.budi, 0, is_breakout=True, breakout_room_id="b1"))
    sees(monkeypatch, 1, world.ayu)
    reconcile(app, 60 * MINUTE)
    sees(monkeypatch, 0)
    assert (reconcile(app, 61 * MINUTE), reconcile(app, 62 * MINUTE)) == (0, 2)
    for person in (world.ayu, world.budi):
        assert presence(session, person) == [span(0, 61)]


def test_a_room_the_server_never_knew_closes_nobody(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, comes(world.ayu, 0))
    sees(monkeypatch, 0)
    assert [reconcile(app, minute * MINUTE) for minute in (60, 61, 62)] == [0, 0, 0]
    assert presence(session, world.ayu) == [span(0, 60)]


def test_people_in_breakout_rooms_are_not_missed_in_the_main_room(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, comes(world.ayu, 0))
    post(client, comes(world.budi, 0, is_breakout=True, breakout_room_id="b1"))
    sees(monkeypatch, 1, world.ayu)
    assert [reconcile(app, minute * MINUTE) for minute in (60, 61, 62)] == [0, 0, 0]


def test_a_surplus_of_people_nobody_can_name_is_reported(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (world.ayu, world.budi, world.citra, world.iskandar):
        post(client, comes(person, 0))
    monkeypatch.setattr(JitsiClient, "room_size", lambda _self, _room: 1)
    monkeypatch.setattr(JitsiClient, "room_occupants", lambda _self, _room: frozenset({"renamed"}))
    assert [reconcile(app, minute * MINUTE) for minute in (60, 61, 62)] == [0, 0, 0]
    assert told("server_overcounts") > 0
    assert len(presence(session, world.ayu)) == 1


def test_a_meeting_is_ended_when_its_doors_have_closed_where_only_we_can(
    app: Flask, client: FlaskClient, world: World, session: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(JitsiClient, "end_meeting", lambda _self, room, at: bool(ended.append(room)) or True)
    with reading() as db:
        closing = db.get_one(LiveSession, session).ends_at + DOOR_AFTER - NINE
    set_up(app, own_server(api_url="http://127.0.0.1:9"))
    reconcile(app, closing + MINUTE)
    assert ended == []
    set_up(app, own_server(api_url="http://127.0.0.1:9", system_key="a key", system_key_id="k"))
    reconcile(app, closing - MINUTE)
    assert ended == []
    reconcile(app, closing + MINUTE)
    assert ended == [ROOM]


def test_a_server_that_does_not_answer_stops_nothing(
    app: Flask, client: FlaskClient, world: World, session: int, server: JitsiServer
) -> None:
    post(client, stay("joined", world.ayu, 0))
    assert reconcile(app, 60 * MINUTE) == 0
    assert told("server_misses") == 0


def test_silence_is_told_once_and_not_without_such_a_server(
    app: Flask, world: World, session: int, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = server_witness.Silence(2, None)
    monkeypatch.setattr(tasks.server_witness, "silence", lambda *_args, **_named: silent)
    for _ in range(3):
        reconcile(app, 60 * MINUTE)
    once = told("server_silent")
    assert once > 0
    set_up(app, own_server(events_secret=""))
    reconcile(app, 61 * MINUTE)
    assert told("server_silent") == once
