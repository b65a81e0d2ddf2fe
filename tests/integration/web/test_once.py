"""A form sent twice, as people do who wait for a slow answer, is done once and answered the same."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import clock
from lms.accounts.models import Person
from lms.accounts.service import credentials
from lms.db import reading, writing
from lms.programmes.models import Programme
from lms.programmes.views.programmes import batches
from lms.web import once
from tests.factories import World

AsPerson = Callable[[int], FlaskClient]

FORM = {"title_id": "Dikirim dua kali", "minimum_percent": "80", "kind": "3", "scope": "national"}


@pytest.fixture(autouse=True)
def nothing_sent_yet(app: Flask) -> None:
    """The app outlives a test and remembers for half a minute, while its database begins anew."""
    app.extensions["sendings"].done.clear()


def from_page(name: str) -> dict[str, str]:
    return {"csrf_token": f"token~{name}"}


def made() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Programme).where(Programme.title_id == FORM["title_id"])) or 0


def test_a_second_press_is_answered_as_the_first_and_makes_nothing_new(as_person: AsPerson, world: World) -> None:
    admin = as_person(world.admin)
    first = admin.post("/programmes/new", data=FORM | from_page("one"))
    with admin.session_transaction() as session:
        said = session.pop("_flashes")
    again = admin.post("/programmes/new", data=FORM | from_page("one"))
    assert (again.status_code, again.location) == (first.status_code, first.location) == (302, first.location)
    with admin.session_transaction() as session:
        assert session["_flashes"] == said
    assert made() == 1


@pytest.mark.parametrize("other", [from_page("three"), from_page("two") | {"minimum_percent": "75"}, {}], ids=str)
def test_another_page_and_another_filling_in_are_another_form(
    as_person: AsPerson, world: World, other: dict[str, str]
) -> None:
    admin = as_person(world.admin)
    admin.post("/programmes/new", data=FORM | from_page("two"))
    admin.post("/programmes/new", data=FORM | other)
    assert made() == 2


def test_a_second_press_waits_for_the_first(as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    create, begun, go_on = batches.create_programme, threading.Event(), threading.Event()

    def slowly(*args: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(10)
        return create(*args, **named)

    monkeypatch.setattr(batches, "create_programme", slowly)
    admin, same = as_person(world.admin), as_person(world.admin)
    with ThreadPoolExecutor(2) as hands:
        first = hands.submit(lambda: admin.post("/programmes/new", data=FORM | from_page("slow")))
        assert begun.wait(10)
        second = hands.submit(lambda: same.post("/programmes/new", data=FORM | from_page("slow")))
        go_on.set()
        assert first.result().location == second.result().location
    assert made() == 1


def test_a_form_that_was_refused_is_looked_at_anew(
    as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = as_person(world.admin)
    wrong = FORM | from_page("wrong") | {"minimum_percent": "800"}
    assert [admin.post("/programmes/new", data=wrong).status_code for _ in range(2)] == [422, 422]

    def fail(*_args: object, **_named: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(batches, "create_programme", fail)
        broken.setitem(admin.application.config, "PROPAGATE_EXCEPTIONS", False)
        assert admin.post("/programmes/new", data=FORM | from_page("fault")).status_code == 500
    assert admin.post("/programmes/new", data=FORM | from_page("fault")).status_code == 302
    assert made() == 1


def test_what_changes_the_sign_in_is_done_each_time(as_person: AsPerson, world: World) -> None:
    with reading() as db:
        assert db.get_one(Person, world.ayu).active
    ayu, same = as_person(world.ayu), as_person(world.ayu)
    for browser in (ayu, same):
        browser.post("/sign-out", data=from_page("out"))
        assert browser.get("/settings").status_code == 302


def test_the_token_names_its_page_and_still_protects(
    app: Flask, as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    admin = as_person(world.admin)
    tokens = [admin.get("/form-token").json["token"] for _ in range(2)]
    assert len({token.partition(once.MARK)[2] for token in tokens}) == 2
    assert admin.post("/programmes/new", data=FORM | {"csrf_token": "forged~page"}).status_code == 400
    for _ in range(2):
        assert admin.post("/programmes/new", data=FORM | {"csrf_token": tokens[0]}).status_code == 302
    assert made() == 1


def test_what_was_undone_meanwhile_is_done_again(as_person: AsPerson, world: World) -> None:
    """On a page that the browser still has, the same is pressed again after something else was sent."""
    admin = as_person(world.admin)
    there = FORM | from_page("kept by the browser")
    admin.post("/programmes/new", data=there)
    admin.post("/programmes/new", data=FORM | from_page("another") | {"title_id": "Yang lain"})
    admin.post("/programmes/new", data=there)
    assert made() == 2


@pytest.mark.redis
def test_several_processes_know_of_each_other_s_forms(redis_url: str) -> None:
    one, other = once._InRedis(redis_url), once._InRedis(redis_url)
    assert one.claim("form") and not other.claim("form") and other.find("me", "form") is None
    one.keep("me", "form", "the answer")
    one.release("form")
    assert other.find("me", "form") == "the answer"
    assert other.find("somebody else", "form") is None and other.find("me", "another") is None
    assert other.claim("form")
    other.release("form")


def test_nobody_is_let_in_by_what_somebody_else_has_sent(app: Flask, world: World) -> None:
    at = clock.now()
    with writing() as db:
        ayu = db.get_one(Person, world.ayu)
        form = {"login": ayu.email, "code": credentials.hand_out_code(db, ayu, by=None, at=at)}
    form |= {"password": "tujuh langkah ke pasar"} | from_page("code")
    first, again = (app.test_client() for _ in range(2))
    assert first.post("/code", data=form).status_code == 302
    assert again.post("/code", data=form).status_code == 422
    assert again.get("/settings").status_code == 302
