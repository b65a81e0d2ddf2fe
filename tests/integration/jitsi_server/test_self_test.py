"""The administrator's self-test finds the broken link and names the setting; a sound chain is green from end to end."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts.models import Person
from lms.attendance.models import Evidence
from lms.attendance.service import server_events as interpreting
from lms.db import reading, writing
from lms.outbox.models import Notice
from lms.sessions import self_test
from lms.sessions.jitsi import knocking, self_test_there
from lms.sessions.jitsi import self_test as chain
from lms.sessions.jitsi.client import Health, JitsiClient, Reach
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.self_test import Link, State
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.service import self_test as stored
from tests.factories import NINE, World
from tests.integration.jitsi_server.places import BEARER, meeting_on, own_server, set_up
from tests.integration.jitsi_server.prosody import Prosody
from tests.integration.jitsi_server.test_posts import MINUTE, count, post, session, stay

__all__ = ["session"]
AsPerson = Callable[[int], FlaskClient]


@pytest.fixture
def prosody(client: FlaskClient) -> Prosody:
    """The meeting server behind the public address; a test may set it up wrongly."""
    return Prosody(client)


@pytest.fixture
def server(
    app: Flask, client: FlaskClient, session: int, prosody: Prosody, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JitsiServer]:
    """A server of our own that answers, and a public address that leads to this very app."""

    def through(address: str, **how: Any) -> tuple[int, Any]:
        answer = client.post(address.removeprefix("http://localhost"), **how)
        return answer.status_code, answer.get_json(silent=True)

    reachable(monkeypatch, prosody)
    lead_to(monkeypatch, through)
    with meeting_on(app, own_server()):
        yield own_server()


def reachable(monkeypatch: pytest.MonkeyPatch, prosody: Prosody) -> None:
    monkeypatch.setattr(JitsiClient, "health", lambda _self: Health(Reach.ANSWERS))
    knock = partial(knocking.knock, post=prosody, sleep=lambda _seconds: None)
    monkeypatch.setattr(self_test.self_test_there, "try_server", partial(self_test_there.try_server, knock=knock))
    monkeypatch.setattr(self_test, "PATIENCE", 0.0)


def lead_to(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., tuple[int, Any]]) -> None:
    real = chain.try_chain
    monkeypatch.setattr(chain, "try_chain", lambda *args, **named: real(*args, **named, post=answer))


def run(app: Flask) -> dict[str, Link]:
    with app.app_context():
        return {link.name: link for _, links in self_test.run(NINE + 60 * MINUTE) for link in links}


def test_a_sound_chain_is_green_and_touches_no_session(
    app: Flask, server: JitsiServer, session: int, world: World, as_person: AsPerson, prosody: Prosody
) -> None:
    links = run(app)
    assert [(name, link.state) for name, link in links.items() if link.state is not State.GOOD] == [
        ("jitsi_link_real", State.UNTRIED)
    ]
    assert list(links) == [
        "jitsi_link_settings",
        "jitsi_link_host",
        "jitsi_link_token",
        "jitsi_link_reservation",
        "jitsi_link_event",
        "jitsi_link_arrived",
        "jitsi_link_evidence",
        "jitsi_link_sign_in",
        "jitsi_link_room",
        "jitsi_link_trainee",
        "jitsi_link_teacher",
        "jitsi_link_asked",
        "jitsi_link_told",
        "jitsi_link_counted",
        "jitsi_link_heap",
        "jitsi_link_real",
    ]
    with reading() as db:
        assert set(db.scalars(select(JitsiEvent.session_id)).all()) == {None}
        assert set(db.scalars(select(JitsiEvent.outcome)).all()) == {"unknown_room", "self_test"}
        # What was made to count the test people is gone again.
        assert db.scalar(select(func.count()).select_from(LiveSession)) == 1
        assert db.scalar(select(func.count()).select_from(Evidence)) == 0
        assert db.scalars(select(Person.id).where(Person.name.startswith("self-test"))).all() == []
    page = as_person(world.admin).post("/jitsi/self-test").text
    assert page.count('data-state="good"') == 15 and "Never yet" in page
    assert not any("eyJ" in address for address in prosody.addresses), "a token stood in an address"


@pytest.mark.parametrize(
    ("wrong", "broken", "setting"),
    [
        ({"secret": "another-secret-of-32-bytes-or-more"}, "jitsi_link_sign_in", "JITSI_APP_SECRET = JWT_APP_SECRET"),
        ({"issuer": "another"}, "jitsi_link_sign_in", "JWT_ACCEPTED_ISSUERS = JITSI_APP_ID"),
        ({"focus": False}, "jitsi_link_room", "Jicofo"),
        ({"bearer": "not-ours"}, "jitsi_link_room", "reservations_api_prefix, reservations_api_headers"),
        ({"auto_owner": True}, "jitsi_link_trainee", "ENABLE_AUTO_OWNER"),
        ({"affiliations": False}, "jitsi_link_teacher", "XMPP_MUC_MODULES: token_affiliation"),
        ({"asks": False}, "jitsi_link_asked", "reservations_api_prefix"),
        ({"tells": False}, "jitsi_link_told", "event_sync: api_prefix, api_headers"),
    ],
)
def test_what_is_wrong_on_the_server_breaks_its_own_link_and_names_what_to_mend(
    app: Flask, server: JitsiServer, prosody: Prosody, wrong: dict[str, Any], broken: str, setting: str
) -> None:
    for name, value in wrong.items():
        setattr(prosody, name, value)
    links = run(app)
    bad = [link for link in links.values() if link.state is State.BAD]
    assert [(link.name, link.setting) for link in bad] == [(broken, setting)]


def test_a_server_nobody_answers_at_breaks_the_first_link_alone(
    app: Flask, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> tuple[int, bytes]:
        raise requests.ConnectionError

    for answer in (away, lambda *_: (404, b""), lambda *_: (200, b"<html><body>Welcome"), lambda *_: (200, b"<body/>")):
        knock = partial(knocking.knock, post=answer, sleep=lambda _seconds: None)
        monkeypatch.setattr(self_test.self_test_there, "try_server", partial(self_test_there.try_server, knock=knock))
        links = run(app)
        assert links["jitsi_link_sign_in"].state is State.BAD
        assert links["jitsi_link_teacher"].state is State.UNTRIED
        assert "jitsi_link_told" not in links


def test_nobody_else_can_name_a_room_that_opens(app: Flask, client: FlaskClient, server: JitsiServer) -> None:
    at = NINE + 60 * MINUTE
    secret = app.config["SETTINGS"].secret_key
    ours, forged = chain.new_room(secret, at=at), chain.new_room("another site's key", at=at)
    old = chain.new_room(secret, at=at - 11 * MINUTE)
    for room, status in ((ours, 200), (forged, 404), (old, 404), (f"{ours}0", 404), (chain.TEST_ROOM, 404)):
        answer = client.post(
            "/jitsi/reservations/conference", data={"name": room}, headers={"Authorization": f"Bearer {BEARER}"}
        )
        assert answer.status_code == status, room


def test_events_nobody_could_interpret_are_shown(
    app: Flask, client: FlaskClient, server: JitsiServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr(interpreting.marks, "judge_marks", fail)
        assert post(client, stay("joined", world.ayu, 1)).status_code == 200
    # Its effects are taken back, and the next one is interpreted all the same.
    assert count(Evidence) == 0
    post(client, stay("joined", world.budi, 1))
    assert count(Evidence) == 1
    heap = run(app)["jitsi_link_heap"]
    assert (heap.state, dict(heap.said.params)) == (State.BAD, {"waits": 0, "failed": 1})


def test_the_last_real_event_is_shown_and_looking_tries_nothing(
    client: FlaskClient, server: JitsiServer, world: World, as_person: AsPerson
) -> None:
    post(client, stay("joined", world.ayu, 1))
    before = count(JitsiEvent)
    page = as_person(world.admin).get("/jitsi/self-test").text
    assert 'data-link="jitsi_link_real" data-state="good"' in page
    assert count(JitsiEvent) == before


@pytest.mark.parametrize("who", ["ayu", "citra", "iskandar"])
def test_nobody_else_may_start_it(world: World, server: JitsiServer, as_person: AsPerson, who: str) -> None:
    assert as_person(getattr(world, who)).post("/jitsi/self-test").status_code == 403
    assert count(JitsiEvent) == 0


def refuse(*_: Any, **__: Any) -> tuple[int, Any]:
    raise requests.ConnectionError


@pytest.mark.parametrize(
    ("answer", "code", "setting"),
    [
        (refuse, "jitsi_test_unreachable", "PUBLIC_URL"),
        (lambda *_, **__: (401, {}), "jitsi_test_secret", "JITSI_EVENTS_SECRET"),
        (lambda *_, **__: (200, None), "jitsi_test_other", "PUBLIC_URL"),
        (lambda *_, **__: (302, None), "jitsi_test_other", "PUBLIC_URL"),
        (lambda *_, **__: (500, {}), "jitsi_test_other", "PUBLIC_URL"),
    ],
)
def test_a_broken_way_back_names_what_to_mend(
    app: Flask,
    server: JitsiServer,
    prosody: Prosody,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    code: str,
    setting: str,
) -> None:
    monkeypatch.undo()
    reachable(monkeypatch, prosody)
    lead_to(monkeypatch, answer)
    links = run(app)
    for name in ("jitsi_link_reservation", "jitsi_link_event"):
        assert (links[name].state, links[name].said.code, links[name].setting) == (State.BAD, code, setting)
    assert "jitsi_link_arrived" not in links


def test_an_answer_from_another_installation_is_noticed(
    app: Flask, server: JitsiServer, prosody: Prosody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    reachable(monkeypatch, prosody)
    lead_to(monkeypatch, lambda address, **_: (404, {"message": "?"}) if "reserv" in address else (200, {"ok": True}))
    links = run(app)
    assert links["jitsi_link_reservation"].said.code == "jitsi_test_other_house"
    assert links["jitsi_link_arrived"].said.code == "jitsi_test_not_stored"
    assert links["jitsi_link_evidence"].said.code == "jitsi_test_no_evidence"


def test_without_a_server_it_says_what_is_used_instead(
    app: Flask, session: int, world: World, as_person: AsPerson
) -> None:
    set_up(app)
    assert run(app) == {}
    assert "six people see and hear each other" in as_person(world.admin).get("/jitsi/self-test").text
    set_up(app, JitsiServer(kind=ServerKind.PLAIN, domain="127.0.0.1:9"))
    links = run(app)
    assert links["jitsi_link_host"].state is State.BAD
    assert links["jitsi_link_token"].said.code == "jitsi_test_plain"


def test_the_nightly_run_tells_administrators_once_and_clears_up(app: Flask, server: JitsiServer, world: World) -> None:
    run(app)
    set_up(app, own_server(events_secret=""))
    night = (NINE + 2 * 24 * 60 * MINUTE).replace(hour=self_test.NIGHT_HOUR)
    with app.app_context(), time_machine.travel(night, tick=False):
        assert self_test.test_at_night(night.replace(hour=3)) == 0
        assert (self_test.test_at_night(night), self_test.test_at_night(night)) == (3, 3)
    with reading() as db:
        told = db.scalars(select(Notice.person_id).where(Notice.template == "jitsi_broken")).all()
    assert told == [world.admin]
    assert count(JitsiEvent) == 0


def test_only_tests_are_cleared(client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 1))
    with writing() as db:
        stored.forget_tests(db, at=NINE + 7 * 24 * 60 * MINUTE)
    assert count(JitsiEvent) == 1
