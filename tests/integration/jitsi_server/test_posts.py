"""What a meeting server posts: authenticated, stored once, made into evidence, whatever the order."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from lms.attendance.models import Evidence
from lms.attendance.service import server_witness, standing
from lms.attendance.tasks import interpret_server_events
from lms.db import reading, writing
from lms.kernel.intervals import Interval
from lms.sessions.jitsi.signature import sign
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.service import server_events as storing
from tests.factories import NINE, World, make_session
from tests.integration.jitsi_server.places import BEARER, WEBHOOK, meeting_on, own_server, set_up

ROOM = "sesi-ruang-uji-coba"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(app: Flask, world: World) -> Iterator[int]:
    """A lecture at nine in a known room, on a site that takes posts, with the clock at ten."""
    with writing() as db:
        session_id = make_session(db, world.batch, room_name=ROOM).id
    with meeting_on(app, own_server()), time_machine.travel(NINE + 60 * MINUTE, tick=False):
        yield session_id


def post(client: FlaskClient, body: dict[str, Any], secret: str = BEARER) -> Any:
    return client.post("/jitsi/events/room/any", data=json.dumps(body), headers={"Authorization": f"Bearer {secret}"})


def stay(
    event: str, person: int | str | None, minutes: float, left: float | None = None, **more: Any
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "occupant_jid": f"occupant-{person}@meet.example.test/x",
        "joined_at": int((NINE + minutes * MINUTE).timestamp()),
    }
    if person is not None:
        told |= {"id": str(person), "name": "Somebody"}
    if left is not None:
        told["left_at"] = int((NINE + left * MINUTE).timestamp())
    base = {"event_name": f"muc-occupant-{event}", "room_name": ROOM, "room_jid": f"{ROOM}@muc", "is_breakout": False}
    return base | {"occupant": told} | more


def presence(session_id: int, person: int) -> list[Interval]:
    with reading() as db:
        found = standing.read_standing(db, db.get_one(LiveSession, session_id), [person])
        return found.presence(person, NINE + 60 * MINUTE).intervals


def count(model: type) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def span(start: float, end: float) -> Interval:
    return Interval(NINE + start * MINUTE, NINE + end * MINUTE)


def test_a_stay_becomes_presence(client: FlaskClient, world: World, session: int) -> None:
    assert post(client, stay("joined", world.ayu, 2)).get_json() == {"ok": True, "new": True}
    assert presence(session, world.ayu) == [span(2, 60)]
    post(client, stay("left", world.ayu, 2, 40))
    assert presence(session, world.ayu) == [span(2, 40)]


def test_the_same_post_twice_is_one(client: FlaskClient, world: World, session: int) -> None:
    body = stay("joined", world.ayu, 2)
    post(client, body)
    assert post(client, body).get_json() == {"ok": True, "new": False}
    assert (count(JitsiEvent), count(Evidence)) == (1, 1)


def test_a_left_tells_of_the_joined_that_was_lost(client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("left", world.ayu, 2, 40))
    assert presence(session, world.ayu) == [span(2, 40)]
    post(client, stay("joined", world.ayu, 2))
    assert presence(session, world.ayu) == [span(2, 40)]
    assert count(Evidence) == 2


def test_a_server_whose_clock_is_ahead_takes_no_minutes_from_who_comes(
    client: FlaskClient, world: World, session: int
) -> None:
    post(client, stay("joined", world.ayu, 62))
    with reading() as db:
        assert db.scalars(select(Evidence.claimed_at)).all() == [NINE + 60 * MINUTE]


def test_the_order_of_posts_does_not_matter(app: Flask, world: World, session: int) -> None:
    told = [
        stay("joined", world.ayu, 0),
        stay("left", world.ayu, 0, 20),
        stay("joined", world.ayu, 20, is_breakout=True, breakout_room_id="b1"),
        stay("left", world.ayu, 20, 30, is_breakout=True, breakout_room_id="b1"),
    ]
    for order in list(permutations(told))[::5]:
        with writing() as db:
            db.execute(delete(Evidence))
            db.execute(delete(JitsiEvent))
        for body in order:
            post(app.test_client(), body)
        assert presence(session, world.ayu) == [span(0, 30)]


def test_destroyed_closes_only_what_is_open(client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 0))
    post(client, stay("joined", world.budi, 5))
    post(client, stay("left", world.budi, 5, 25))
    listed = [stay("left", world.ayu, 0, 35)["occupant"], stay("left", world.budi, 5, 35)["occupant"]]
    post(
        client,
        {
            "event_name": "muc-room-destroyed",
            "room_name": ROOM,
            "room_jid": f"{ROOM}@muc",
            "is_breakout": False,
            "created_at": int(NINE.timestamp()),
            "destroyed_at": int((NINE + 40 * MINUTE).timestamp()),
            "all_occupants": listed,
        },
    )
    assert presence(session, world.ayu) == [span(0, 35)]
    assert presence(session, world.budi) == [span(5, 25)]


def test_guests_and_strangers_go_to_a_list(client: FlaskClient, world: World, session: int) -> None:
    for person in (None, world.mallory, "999999", "not-a-number"):
        post(client, stay("joined", person, 1))
    assert count(Evidence) == 0
    with reading() as db:
        assert len(server_witness.strangers(db, session)) == 4


def test_a_room_we_do_not_know_is_kept_and_not_interpreted(client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 1, room_name="elsewhere"))
    assert (count(JitsiEvent), count(Evidence)) == (1, 0)


def test_what_could_not_be_interpreted_at_once_is_interpreted_by_the_job(
    client: FlaskClient, world: World, session: int, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(storing, "_interpret", storing.nothing_to_interpret)
    post(client, stay("joined", world.ayu, 1))
    assert count(Evidence) == 0
    interpret_server_events(NINE + 60 * MINUTE)
    interpret_server_events(NINE + 60 * MINUTE)
    assert count(Evidence) == 1


@pytest.mark.parametrize("secret", ["", "wrong", BEARER[:-1], BEARER + "x"])
def test_without_the_secret_nothing_is_stored(client: FlaskClient, world: World, session: int, secret: str) -> None:
    assert post(client, stay("joined", world.ayu, 1), secret).status_code == 401
    assert count(JitsiEvent) == 0


def test_from_another_network_nothing_is_stored(app: Flask, client: FlaskClient, world: World, session: int) -> None:
    set_up(app, own_server(events_from="10.0.0.0/8"))
    assert post(client, stay("joined", world.ayu, 1)).status_code == 403
    set_up(app, own_server(events_from="10.0.0.0/8, 127.0.0.1"))
    assert post(client, stay("joined", world.ayu, 1)).status_code == 200


def test_nonsense_is_refused_and_nothing_is_stored(client: FlaskClient, session: int) -> None:
    headers = {"Authorization": f"Bearer {BEARER}"}
    assert client.post("/jitsi/events/x", data=b"{", headers=headers).status_code == 400
    assert client.post("/jitsi/events/x", data=b"x" * 600_000, headers=headers).status_code == 413
    assert count(JitsiEvent) == 0


def webhook(client: FlaskClient, body: bytes, signature: str | None = None) -> int:
    made_at = str(int((NINE + 60 * MINUTE).timestamp()))
    header = f"t={made_at},v1={signature or sign(made_at, body, WEBHOOK)}"
    return client.post("/jitsi/webhook", data=body, headers={"X-Jaas-Signature": header}).status_code


def test_a_signed_webhook_becomes_presence_and_a_forged_one_nothing(
    client: FlaskClient, world: World, session: int
) -> None:
    body = json.dumps(
        {
            "idempotencyKey": "k1",
            "eventType": "PARTICIPANT_JOINED",
            "timestamp": int((NINE + 3 * MINUTE).timestamp() * 1000),
            "fqn": f"vpaas-magic-cookie-1/{ROOM}",
            "data": {"id": str(world.ayu), "name": "Ayu", "participantJid": "a@8x8.vc"},
        }
    ).encode()
    assert webhook(client, body, "AAAA") == 401
    assert count(JitsiEvent) == 0
    assert webhook(client, body) == 200
    assert webhook(client, body) == 200
    assert presence(session, world.ayu) == [span(3, 60)]
    assert count(Evidence) == 1


def test_a_reservation_opens_the_sessions_room_and_no_other(client: FlaskClient, world: World, session: int) -> None:
    headers = {"Authorization": f"Bearer {BEARER}"}
    asked = {"name": ROOM, "mail_owner": "u@meet.example.test", "start_time": "2026-12-01T02:00:00.000Z"}
    found = client.post("/jitsi/reservations/conference", data=asked, headers=headers)
    assert found.status_code == 200
    assert found.get_json()["id"] == f"session-{session}"
    unknown = client.post("/jitsi/reservations/conference", data=asked | {"name": "other"}, headers=headers)
    assert unknown.status_code == 404 and " / " in unknown.get_json()["message"]
    assert client.get(f"/jitsi/reservations/conference/session-{session}", headers=headers).status_code == 200
    assert client.get("/jitsi/reservations/conference/session-x", headers=headers).status_code == 404
    assert client.delete(f"/jitsi/reservations/conference/session-{session}", headers=headers).status_code == 200
    assert client.post("/jitsi/reservations/conference", data=asked).status_code == 401
    with writing() as db:
        db.get_one(LiveSession, session).status = "cancelled"
    cancelled = client.post("/jitsi/reservations/conference", data=asked, headers=headers)
    assert cancelled.status_code == 403


def browser_says(session_id: int, person: int, minutes: float) -> None:
    """Record that this person's browser says she is in the meeting."""
    at = NINE + minutes * MINUTE
    with writing() as db:
        db.add(
            Evidence(
                session_id=session_id,
                person_id=person,
                source="browser",
                kind="joined",
                received_at=at,
                claimed_at=at,
                key=f"b:{person}:{minutes}",
                detail={},
            )
        )


def silence(session_id: int, minutes: float) -> server_witness.Silence | None:
    with reading() as db:
        return server_witness.silence(db, db.get_one(LiveSession, session_id), at=NINE + minutes * MINUTE)


def test_silence_of_the_server_is_noticed(client: FlaskClient, world: World, session: int) -> None:
    browser_says(session, world.ayu, 50)
    assert silence(session, 51) is None
    assert silence(session, 60) == server_witness.Silence(1, None)
    post(client, stay("joined", world.ayu, 50))
    assert silence(session, 60) is None


def test_a_server_that_falls_silent_in_the_middle_is_noticed(client: FlaskClient, world: World, session: int) -> None:
    browser_says(session, world.ayu, 1)
    post(client, stay("joined", world.ayu, 1))  # arrives at minute 60 by the frozen clock
    browser_says(session, world.budi, 61)
    assert silence(session, 62) is None
    found = silence(session, 65)
    assert found == server_witness.Silence(1, NINE + 60 * MINUTE)


def test_one_whom_the_server_missed_among_many_is_no_silence_and_two_are(
    client: FlaskClient, world: World, session: int
) -> None:
    browser_says(session, world.budi, 40)
    post(client, stay("joined", world.ayu, 50))
    assert silence(session, 60) is None
    browser_says(session, world.iskandar, 41)
    assert silence(session, 60) == server_witness.Silence(2, NINE + 60 * MINUTE)
