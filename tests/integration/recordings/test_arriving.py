"""Recordings arrive from Jibri and from JaaS, once each, and are held back where nobody was told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import responses
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import clock
from lms.db import reading, writing
from lms.demo import film
from lms.outbox.models import Notice
from lms.sessions.jitsi.signature import sign
from lms.sessions.models import LiveSession
from lms.sessions.recordings import files
from lms.sessions.recordings.models import Recording
from lms.sessions.recordings.tasks import delete_expired_recordings, take_recordings
from tests.factories import NINE, World, make_session, teach
from tests.integration.jitsi_server.places import BEARER, WEBHOOK, meeting_on, own_server

ROOM = "sesi-ruang-uji-coba"
LINK = "https://recordings.example/film?signature=secret"


@pytest.fixture
def session(app: Flask, world: World) -> Iterator[int]:
    """A lecture that may be recorded and has ended, on a site that takes posts."""
    settings = app.config["SETTINGS"]
    with writing() as db:
        made = make_session(db, world.batch, room_name=ROOM, may_be_recorded=True)
        teach(db, made.id, world.iskandar)
        session_id = made.id
    with meeting_on(app, own_server()), time_machine.travel(NINE + timedelta(hours=2), tick=False), app.app_context():
        yield session_id
    app.config["SETTINGS"] = settings


def announce(client: FlaskClient, name: str = "abc-1", secret: str = BEARER, room: str = ROOM) -> Any:
    body = {"meeting_url": f"https://meet.example/{room}", "participants": [{"user": {"name": "Ayu"}}]}
    return client.post(f"/jitsi/recordings/{name}", json=body, headers={"Authorization": f"Bearer {secret}"})


def bring(client: FlaskClient, content: bytes, name: str = "abc-1", secret: str = BEARER) -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    return client.put(f"/jitsi/recordings/{name}/film", data=content, headers=headers, content_type="video/mp4")


def uploaded(client: FlaskClient, link: str = LINK, key: str = "k1") -> Any:
    at = int(clock.now().timestamp())
    data = {"preAuthenticatedLink": link, "durationSec": 61, "startTimestamp": at * 1000 - 61_000}
    event = {"idempotencyKey": key, "eventType": "RECORDING_UPLOADED", "timestamp": at * 1000, "fqn": f"x/{ROOM}"}
    body = json.dumps(event | {"data": data}).encode()
    header = f"t={at},v1={sign(str(at), body, WEBHOOK)}"
    return client.post("/jitsi/webhook", data=body, headers={"X-Jaas-Signature": header})


def only() -> Recording:
    with reading() as db:
        return db.scalars(select(Recording)).one()


def noticed(person_id: int) -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Notice.template).where(Notice.person_id == person_id)))


def test_jibri_brings_a_film_and_the_batch_is_told(client: FlaskClient, app: Flask, world: World, session: int) -> None:
    content = film.make(60)
    assert announce(client).get_json() == {"ok": True, "state": "coming"}
    assert bring(client, content).get_json() == {"ok": True, "seconds": 60}
    found = only()
    assert (found.session_id, found.state, found.size) == (session, "ready", len(content))
    assert found.shown_at is not None and found.expires_at == clock.now() + timedelta(days=30)
    assert files.path_of(app.config["SETTINGS"], found.id).read_bytes() == content
    assert noticed(world.ayu) == ["recording_ready"]
    assert noticed(world.mallory) == []
    # The script runs once more: nothing changes.
    assert announce(client).get_json()["state"] == "ready"
    again = bring(client, film.make(10))
    assert (again.status_code, again.get_json()["code"]) == (409, "recording_is_here")
    assert only().size == len(content)


@pytest.mark.parametrize("secret", ["", "wrong", BEARER + "x"])
def test_without_the_secret_nothing_is_taken(client: FlaskClient, session: int, secret: str) -> None:
    assert announce(client, secret=secret).status_code == 401
    assert bring(client, film.make(1), secret=secret).status_code == 401
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Recording)) == 0


def test_a_room_of_no_session_and_a_film_nobody_announced_are_refused(client: FlaskClient, session: int) -> None:
    assert announce(client, room="elsewhere").get_json()["code"] == "recording_room_unknown"
    assert bring(client, film.make(1)).get_json()["code"] == "recording_not_announced"
    assert (
        client.post("/jitsi/recordings/x", data="{", headers={"Authorization": f"Bearer {BEARER}"}).status_code == 422
    )


def test_what_is_no_film_or_too_large_leaves_nothing_behind(client: FlaskClient, app: Flask, session: int) -> None:
    announce(client)
    assert bring(client, b"<html>not a film</html>").get_json()["code"] == "recording_not_film"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], recording_limit=1000)
    assert bring(client, film.make(30)).status_code in (413, 422)
    assert only().state == "coming"
    assert list(app.config["SETTINGS"].recordings.glob("incoming-*")) == []


def test_where_nobody_was_told_the_recording_is_held_back(client: FlaskClient, world: World, session: int) -> None:
    with writing() as db:
        db.get_one(LiveSession, session).may_be_recorded = False
    announce(client)
    bring(client, film.make(5))
    assert only().shown_at is None
    assert noticed(world.ayu) == []
    assert noticed(world.iskandar) == ["recording_held"]


@responses.activate
def test_what_jaas_uploaded_is_fetched_while_its_link_works(client: FlaskClient, world: World, session: int) -> None:
    responses.get(LINK, status=503)
    assert uploaded(client).status_code == 200
    assert uploaded(client).get_json()["new"] is False
    take_recordings(clock.now())
    assert (only().state, only().seconds) == ("coming", 61)
    responses.replace("GET", LINK, body=film.make(60))
    take_recordings(clock.now())
    take_recordings(clock.now())
    found = only()
    assert (found.state, found.link, round(found.seconds or 0)) == ("ready", "", 60)
    assert noticed(world.ayu) == ["recording_ready"]
    assert len(responses.calls) == 2


@responses.activate
def test_what_cannot_be_kept_is_linked_until_its_link_ends(client: FlaskClient, session: int) -> None:
    responses.get(LINK, body=b"something else")
    uploaded(client)
    take_recordings(clock.now())
    assert (only().state, only().link) == ("link", LINK)
    take_recordings(clock.now() + timedelta(hours=25))
    assert (only().state, only().link) == ("lost", "")


@responses.activate
@pytest.mark.parametrize("link", ["http://recordings.example/x", "file:///etc/passwd", ""])
def test_an_address_that_is_not_https_is_never_asked(client: FlaskClient, session: int, link: str) -> None:
    uploaded(client, link)
    take_recordings(clock.now())
    assert only().state == "lost"
    assert len(responses.calls) == 0


def test_what_was_announced_and_never_came_is_given_up(client: FlaskClient, session: int) -> None:
    announce(client)
    take_recordings(clock.now() + timedelta(days=1))
    assert only().state == "coming"
    take_recordings(clock.now() + timedelta(days=3))
    assert only().state == "lost"


def test_when_its_time_is_over_the_film_goes_and_the_row_stays(client: FlaskClient, app: Flask, session: int) -> None:
    announce(client)
    bring(client, film.make(5))
    path = files.path_of(app.config["SETTINGS"], only().id)
    delete_expired_recordings(clock.now() + timedelta(days=29))
    assert path.exists()
    delete_expired_recordings(clock.now() + timedelta(days=31))
    assert not path.exists()
    assert only().state == "deleted" and only().deleted_at is not None
