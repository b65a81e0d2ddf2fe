"""Several meeting servers: a session keeps the one it was scheduled on, and only that one is its witness."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lms.attendance.models import Evidence
from lms.db import reading, writing
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.meeting_place import init_app, settle_meeting_places
from lms.sessions.models import JitsiEvent, LiveSession, RoomOpening
from lms.settings import BadSetting, Settings
from tests.factories import NINE, World, make_session
from tests.integration.jitsi_server.places import BEARER, meeting_on, own_server, set_up
from tests.integration.jitsi_server.test_posts import MINUTE, ROOM, count, post, stay

AsPerson = Callable[[int], FlaskClient]
SECOND = "the-second-servers-own-secret"


@pytest.fixture
def servers(app: Flask, world: World) -> Iterator[None]:
    """Two servers of our own, the first the standard, and a plain link; the clock at ten past nine."""
    second = own_server(key="second", title="Second server", domain="second.example.test", events_secret=SECOND)
    plain = JitsiServer(kind=ServerKind.PLAIN, key="plain", domain="plain.example.test")
    with meeting_on(app, own_server(), second, plain), time_machine.travel(NINE + 10 * MINUTE, tick=False):
        yield


def lecture(world: World, server: str, **fields: Any) -> int:
    with writing() as db:
        return make_session(db, world.batch, room_name=ROOM, meeting_server=server, **fields).id


def place_of(session_id: int) -> str:
    with reading() as db:
        return db.get_one(LiveSession, session_id).meeting_server


def form(**more: str) -> dict[str, str]:
    return {
        "mode": "teleconference",
        "title_id": "Kuliah",
        "on": "2026-12-10",
        "starts": "09:00",
        "ends": "11:00",
        "zone": "Asia/Makassar",
    } | more


def schedule(client: FlaskClient, world: World, **more: str) -> Any:
    return client.post(f"/batches/{world.batch}/sessions/new", data=form(**more))


def test_the_form_offers_every_server_and_the_session_keeps_the_chosen_one(
    app: Flask, world: World, servers: None, as_person: AsPerson
) -> None:
    citra = as_person(world.citra)
    page = citra.get(f"/batches/{world.batch}/sessions/new").text
    assert "Second server" in page and "plain.example.test" in page and "No evidence from the server" in page
    session_id = int(schedule(citra, world, meeting_server="second").location.rsplit("/", 1)[1])
    assert place_of(session_id) == "second"
    set_up(app, own_server(key="third", domain="third.example.test"), *app.extensions["meeting_servers"].servers)
    assert "Second server" in citra.get(f"/sessions/{session_id}").text
    left_alone = int(schedule(citra, world).location.rsplit("/", 1)[1])
    assert place_of(left_alone) == "third"


def test_a_server_nobody_knows_is_refused_and_what_was_typed_stays(
    world: World, servers: None, as_person: AsPerson
) -> None:
    refused = schedule(as_person(world.citra), world, meeting_server="invented", title_en="Typed")
    assert refused.status_code == 422
    assert "Choose another" in refused.text and 'value="Typed"' in refused.text


def test_a_server_can_be_changed_until_somebody_was_there(world: World, servers: None, as_person: AsPerson) -> None:
    session_id, citra = lecture(world, "second"), as_person(world.citra)
    moved = form(meeting_server="plain", on="2026-12-01", sequence="0")
    assert citra.post(f"/sessions/{session_id}/edit", data=moved).status_code == 302
    assert place_of(session_id) == "plain"
    with writing() as db:
        db.get_one(LiveSession, session_id).has_evidence = True
    again = citra.post(f"/sessions/{session_id}/edit", data=moved | {"meeting_server": "second", "sequence": "1"})
    assert again.status_code == 422 and "can no longer be changed" in again.text
    assert place_of(session_id) == "plain"
    kept = citra.post(f"/sessions/{session_id}/edit", data=moved | {"sequence": "1"})
    assert kept.status_code == 302


def test_the_room_is_the_one_of_the_sessions_own_server(world: World, servers: None, as_person: AsPerson) -> None:
    session_id, ayu = lecture(world, "second"), as_person(world.ayu)
    page = ayu.get(f"/sessions/{session_id}/room")
    assert "frame-src 'self' https://second.example.test;" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert ayu.post(f"/sessions/{session_id}/room/ticket").get_json()["config"]["domain"] == "second.example.test"


def test_a_plain_link_says_that_its_server_gives_no_evidence(world: World, servers: None, as_person: AsPerson) -> None:
    session_id, ayu = lecture(world, "plain"), as_person(world.ayu)
    assert "no server evidence" in ayu.get(f"/sessions/{session_id}").text
    assert ayu.post(f"/sessions/{session_id}/room/ticket").get_json()["config"]["kind"] == "link"


def test_the_built_in_room_may_be_chosen_beside_servers(world: World, servers: None, as_person: AsPerson) -> None:
    session_id, ayu = lecture(world, "built_in"), as_person(world.ayu)
    page = ayu.get(f"/sessions/{session_id}/room").text
    assert "This is the built-in room" in page and "No meeting server has been set up" not in page
    assert ayu.post(f"/sessions/{session_id}/room/ticket").get_json()["config"]["kind"] == "practice"


def test_a_server_that_is_gone_is_told_and_the_standard_takes_its_place(
    world: World, servers: None, as_person: AsPerson
) -> None:
    session_id = lecture(world, "sold")
    assert "no longer set up" in as_person(world.citra).get(f"/sessions/{session_id}").text
    ticket = as_person(world.ayu).post(f"/sessions/{session_id}/room/ticket").get_json()
    assert ticket["config"]["domain"] == "meet.example.test"


def test_another_server_is_no_witness_and_gets_no_room(client: FlaskClient, world: World, servers: None) -> None:
    session_id = lecture(world, "main")
    assert post(client, stay("joined", world.ayu, 1), SECOND).status_code == 200
    assert (count(JitsiEvent), count(Evidence)) == (1, 0)
    # What another server said first does not make the true witness a repeat.
    assert post(client, stay("joined", world.ayu, 1), BEARER).get_json()["new"] is True
    assert count(Evidence) == 1
    asked = {"name": ROOM, "mail_owner": "u@meet.example.test"}
    for secret, status in ((SECOND, 403), (BEARER, 200)):
        answer = client.post(
            "/jitsi/reservations/conference", data=asked, headers={"Authorization": f"Bearer {secret}"}
        )
        assert answer.status_code == status
    elsewhere = client.get(
        f"/jitsi/reservations/conference/session-{session_id}", headers={"Authorization": f"Bearer {SECOND}"}
    )
    assert elsewhere.status_code == 404


def test_a_killed_servers_room_is_a_conflict_until_it_is_said_to_be_gone(
    client: FlaskClient, world: World, servers: None
) -> None:
    session_id = lecture(world, "main")
    named = {"headers": {"Authorization": f"Bearer {BEARER}"}}
    asked = {"name": ROOM, "mail_owner": "u@meet.example.test"}
    path = "/jitsi/reservations/conference"
    first = client.post(path, data=asked, **named)
    again = client.post(path, data=asked, **named)
    assert (first.status_code, again.status_code) == (200, 409)
    pointed_to = client.get(f"{path}/{again.get_json()['conflict_id']}", **named)
    assert pointed_to.status_code == 200
    assert {key: value for key, value in pointed_to.get_json().items() if key != "mail_owner"} == {
        key: value for key, value in first.get_json().items() if key != "mail_owner"
    }
    assert client.delete(f"{path}/session-{session_id}", **named).status_code == 200
    assert client.post(path, data=asked, **named).status_code == 200
    assert count(RoomOpening) == 2


def test_sessions_that_name_no_server_keep_the_standard_of_when_their_doors_open(
    app: Flask, world: World, servers: None
) -> None:
    soon = lecture(world, "", starts_at=NINE + 30 * MINUTE)
    with writing() as db:
        later = make_session(db, world.batch, starts_at=NINE + timedelta(days=1)).id
    with app.app_context():
        assert settle_meeting_places(NINE + 9 * MINUTE) == 0
        assert settle_meeting_places(NINE + 10 * MINUTE) == 1
        assert settle_meeting_places(NINE + 11 * MINUTE) == 0
    assert (place_of(soon), place_of(later)) == ("main", "")


def test_a_mistake_stops_the_start_with_the_setting_to_mend(app: Flask, tmp_path: Any) -> None:
    (tmp_path / "servers.toml").write_text('[servers.umum]\ndomain = "meet.jit.si"\napp_id = "x"\n', encoding="utf-8")
    given = {
        "JEMBATAN_HOME": str(tmp_path),
        "JITSI_DOMAIN": "meet.example.test",
        "JITSI_APP_ID": "jembatan",
        "JITSI_APP_SECRET": "short",
        "JITSI_SERVERS_FILE": str(tmp_path / "servers.toml"),
    }
    kept, before = app.config["SETTINGS"], app.extensions["meeting_servers"]
    app.config["SETTINGS"] = Settings.read(given)
    try:
        with pytest.raises(BadSetting) as refused:
            init_app(app)
    finally:
        app.config["SETTINGS"] = kept
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    assert lines[1].strip().startswith("JITSI_APP_SECRET: ") and "32" in lines[1]
    assert "[servers.umum] domain: " in lines[2] and "[servers.umum] secret: " in lines[3]
    assert "short" not in str(refused.value).replace("too short", "").replace("is short", "")
    assert app.extensions["meeting_servers"] is before
