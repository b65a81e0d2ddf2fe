"""The administrator's self-test finds the broken link and names the setting; a sound chain is green from end to end."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.db import reading, writing
from lms.outbox.models import Notice
from lms.sessions import self_test
from lms.sessions.jitsi import self_test as chain
from lms.sessions.jitsi.client import Health, JitsiClient, Reach
from lms.sessions.jitsi.rules import JitsiServer, ServerKind
from lms.sessions.jitsi.self_test import Link, State
from lms.sessions.models import JitsiEvent, LiveSession
from lms.sessions.service import self_test as stored
from tests.factories import NINE, World
from tests.integration.jitsi_server.places import meeting_on, own_server, set_up
from tests.integration.jitsi_server.test_posts import MINUTE, count, post, session, stay

__all__ = ["session"]
AsPerson = Callable[[int], FlaskClient]


@pytest.fixture
def server(app: Flask, client: FlaskClient, session: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[JitsiServer]:
    """A server of our own that answers, and a public address that leads to this very app."""
    found = own_server()
    monkeypatch.setattr(JitsiClient, "health", lambda _self: Health(Reach.ANSWERS))

    def through(address: str, **how: Any) -> tuple[int, Any]:
        answer = client.post(address.removeprefix("http://localhost"), **how)
        return answer.status_code, answer.get_json(silent=True)

    lead_to(monkeypatch, through)
    with meeting_on(app, found):
        yield found


def lead_to(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., tuple[int, Any]]) -> None:
    real = chain.try_chain
    monkeypatch.setattr(chain, "try_chain", lambda *args, **named: real(*args, **named, post=answer))


def run(app: Flask) -> dict[str, Link]:
    with app.app_context():
        return {link.name: link for _, links in self_test.run(NINE + 60 * MINUTE) for link in links}


def test_a_sound_chain_is_green_and_touches_no_session(
    app: Flask, server: JitsiServer, session: int, world: World, as_person: AsPerson
) -> None:
    links = run(app)
    assert [link.state for link in links.values()] == [State.GOOD] * 6 + [State.UNTRIED]
    with reading() as db:
        assert db.scalars(select(JitsiEvent.session_id)).all() == [None]
        assert db.scalar(select(func.count()).select_from(LiveSession)) == 1
    page = as_person(world.admin).post("/jitsi/self-test").text
    assert page.count('data-state="good"') == 6 and "Never yet" in page


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
    app: Flask, server: JitsiServer, monkeypatch: pytest.MonkeyPatch, answer: Any, code: str, setting: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(JitsiClient, "health", lambda _self: Health(Reach.ANSWERS))
    lead_to(monkeypatch, answer)
    links = run(app)
    for name in ("jitsi_link_reservation", "jitsi_link_event"):
        assert (links[name].state, links[name].said.code, links[name].setting) == (State.BAD, code, setting)
    assert "jitsi_link_arrived" not in links


def test_an_answer_from_another_installation_is_noticed(
    app: Flask, server: JitsiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(JitsiClient, "health", lambda _self: Health(Reach.ANSWERS))
    lead_to(monkeypatch, lambda address, **_: (404, {"message": "?"}) if "reserv" in address else (200, {"ok": True}))
    assert run(app)["jitsi_link_arrived"].said.code == "jitsi_test_not_stored"


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
        assert (self_test.test_at_night(night), self_test.test_at_night(night)) == (2, 2)
    with reading() as db:
        told = db.scalars(select(Notice.person_id).where(Notice.template == "jitsi_broken")).all()
    assert told == [world.admin]
    assert count(JitsiEvent) == 0


def test_only_tests_are_cleared(client: FlaskClient, world: World, session: int) -> None:
    post(client, stay("joined", world.ayu, 1))
    with writing() as db:
        stored.forget_tests(db, at=NINE + 7 * 24 * 60 * MINUTE)
    assert count(JitsiEvent) == 1
