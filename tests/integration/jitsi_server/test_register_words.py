"""The register says when the meeting server is silent, and whom it saw that nobody knows."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.attendance.models import Evidence
from lms.db import writing
from tests.factories import NINE, World, make_session
from tests.integration.jitsi_server.places import meeting_on, own_server, set_up
from tests.integration.jitsi_server.test_posts import ROOM, post, stay

SILENT = "Attendance is not being recorded by the server"
UNKNOWN = "Seen by the meeting server, not of this batch"
AsPerson = Callable[[int], FlaskClient]


@pytest.fixture
def session(app: Flask, world: World) -> Iterator[int]:
    """A lecture at nine at which Ayu's browser says she is in, on a site with a server of its own, ten minutes on."""
    with writing() as db:
        session_id = make_session(db, world.batch, room_name=ROOM).id
        db.add(
            Evidence(
                session_id=session_id,
                person_id=world.ayu,
                source="browser",
                kind="joined",
                received_at=NINE,
                claimed_at=NINE,
                key="b:1:x",
                detail={},
            )
        )
    with meeting_on(app, own_server()), time_machine.travel(NINE + timedelta(minutes=10), tick=False):
        yield session_id


def test_a_silent_server_is_told_until_it_speaks(
    app: Flask, world: World, session: int, as_person: AsPerson, client: FlaskClient
) -> None:
    citra, asked = as_person(world.citra), f"/sessions/{session}/register/silence"
    page = citra.get(f"/sessions/{session}/register").text
    assert SILENT in page and asked in page and "/jitsi/self-test" not in page
    # Whoever leads the meeting is told in the room, by the page's script.
    assert asked in as_person(world.iskandar).get(f"/sessions/{session}/room").text
    assert asked not in as_person(world.ayu).get(f"/sessions/{session}/room").text
    assert SILENT in as_person(world.iskandar).get(asked).text
    post(client, stay("joined", world.ayu, 1))
    assert SILENT not in citra.get(f"/sessions/{session}/register").text
    assert citra.get(asked).text.strip() == ""


def test_without_a_server_that_speaks_nobody_waits_for_its_word(
    app: Flask, world: World, session: int, as_person: AsPerson
) -> None:
    set_up(app, own_server(events_secret=""))
    assert SILENT not in as_person(world.citra).get(f"/sessions/{session}/register").text
    set_up(app)
    assert SILENT not in as_person(world.citra).get(f"/sessions/{session}/register").text


def test_guests_and_unknown_ids_are_listed_for_the_coordinator_alone(
    world: World, session: int, as_person: AsPerson, client: FlaskClient
) -> None:
    guest = stay("joined", None, 1)
    guest["occupant"]["name"] = "<b>Tamu</b>"
    post(client, guest)
    jibri = stay("joined", None, 1)
    jibri["occupant"] |= {"occupant_jid": "recorder@hidden.meet.example.test/Q3", "name": "Perekam"}
    post(client, jibri)
    post(client, stay("joined", world.mallory, 2))
    post(client, stay("joined", world.mallory, 4))
    page = as_person(world.citra).get(f"/sessions/{session}/register").text
    assert UNKNOWN in page
    assert "&lt;b&gt;Tamu&lt;/b&gt;" in page and "Perekam" not in page
    assert page.count(f"not enrolled, number {world.mallory}<") == 1
    assert UNKNOWN not in as_person(world.iskandar).get(f"/sessions/{session}/register").text
