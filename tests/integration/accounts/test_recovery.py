"""Setting a password by a link from a letter, or by a code from a coordinator."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts.models import AuditEntry, OneTimeCode, Person
from lms.accounts.passwords import verify_password
from lms.accounts.service import credentials
from lms.accounts.service.credentials import Purpose
from lms.db import reading, writing
from lms.kernel.errors import NotFound
from lms.outbox.models import Message
from tests.factories import NINE, World

NEW = "tujuh langkah ke pasar"
AsPerson = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def at_nine() -> object:
    with time_machine.travel(NINE, tick=True):
        yield


def make_link(person_id: int, purpose: Purpose = Purpose.INVITE) -> str:
    with writing() as db:
        return credentials.issue_link(db, db.get_one(Person, person_id), purpose, by=None, at=NINE)


def make_code(person_id: int) -> str:
    with writing() as db:
        return credentials.hand_out_code(db, db.get_one(Person, person_id), by=None, at=NINE)


def password_is(person_id: int, password: str) -> bool:
    with reading() as db:
        return verify_password(db.get_one(Person, person_id).password_hash, password)


def email_of(person_id: int) -> str:
    with reading() as db:
        return db.get_one(Person, person_id).email or ""


def test_an_invitation_is_mailed_and_its_link_sets_the_password_once(
    client: FlaskClient, as_person: AsPerson, world: World
) -> None:
    assert as_person(world.citra).post(f"/people/{world.ayu}/invite").status_code == 302
    with reading() as db:
        message = db.scalars(select(Message)).one()
    assert (message.person_id, message.template, message.state) == (world.ayu, "invitation", "waiting")
    assert "Ayu Lestari" in client.get(message.link).text
    answer = client.post(message.link, data={"password": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/settings").status_code == 200
    assert password_is(world.ayu, NEW)
    again = client.post(message.link, data={"password": "another one entirely"})
    assert again.status_code == 404
    assert "no longer works" in again.text
    assert password_is(world.ayu, NEW)


def test_no_secret_is_stored_as_it_is(world: World) -> None:
    token, code = make_link(world.ayu), make_code(world.budi)
    with reading() as db:
        kept = db.scalars(select(OneTimeCode.secret_hash)).all()
        trail = str([entry.detail for entry in db.scalars(select(AuditEntry))])
    assert token not in kept
    assert not any(code in one for one in kept)
    assert token not in trail
    assert code not in trail


def test_without_mail_the_link_is_shown_once_to_be_passed_on(
    client: FlaskClient, as_person: AsPerson, world: World
) -> None:
    with writing() as db:
        db.get_one(Person, world.ayu).email = None
    page = as_person(world.citra).post(f"/people/{world.ayu}/invite")
    link = re.search(r"http://localhost(/invitation/\S+?)<", page.text)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Message)) == 0


def test_an_unsuitable_password_is_refused_and_the_link_still_works(client: FlaskClient, world: World) -> None:
    token = make_link(world.ayu)
    for weak in ("short", "ayulestari99", "password2026"):
        answer = client.post(f"/invitation/{token}", data={"password": weak})
        assert answer.status_code == 422
        assert "field-error" in answer.text
    with reading() as db:
        assert db.get_one(Person, world.ayu).password_hash is None
    assert client.post(f"/invitation/{token}", data={"password": NEW}).status_code == 302


def test_a_link_ends_with_its_time_with_a_newer_one_and_with_the_account(client: FlaskClient, world: World) -> None:
    old, new = make_link(world.ayu), make_link(world.ayu)
    assert client.get(f"/invitation/{old}").status_code == 404
    with time_machine.travel(NINE + timedelta(days=6)):
        assert client.get(f"/invitation/{new}").status_code == 200
    with time_machine.travel(NINE + timedelta(days=8)):
        assert client.get(f"/invitation/{new}").status_code == 404
    with writing() as db:
        db.get_one(Person, world.ayu).active = False
    assert client.get(f"/invitation/{new}").status_code == 404


def test_a_link_used_twice_at_once_sets_one_password(app: Flask, world: World) -> None:
    token = make_link(world.ayu)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def use(password: str) -> None:
        together.wait()
        try:
            with writing() as db:
                credentials.use_link(db, token, password, f"hash of {password}", at=NINE)
            outcomes.append(password)
        except NotFound:
            outcomes.append("refused")

    threads = [threading.Thread(target=use, args=(password,)) for password in (NEW, "delapan ekor angsa")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 1
    with reading() as db:
        winner = next(one for one in outcomes if one != "refused")
        assert db.get_one(Person, world.ayu).password_hash == f"hash of {winner}"


def test_a_forgotten_password_is_answered_alike_for_known_and_unknown(client: FlaskClient, world: World) -> None:
    known, unknown = email_of(world.ayu), "nobody@example.test"
    pages = [client.post("/forgotten", data={"login": login}).text.replace(login, "…") for login in (known, unknown)]
    assert "Look into your mailbox" in pages[0]
    # A form's token tells the second it was made.
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    assert token.sub("", pages[0]) == token.sub("", pages[1])
    with reading() as db:
        messages = db.scalars(select(Message)).all()
    assert [(m.person_id, m.template) for m in messages] == [(world.ayu, "password_reset")]


def test_a_mailbox_is_not_filled_by_asking_again_and_again(client: FlaskClient, world: World) -> None:
    for _ in range(4):
        client.post("/forgotten", data={"login": email_of(world.ayu)})
    with time_machine.travel(NINE + timedelta(minutes=10)):
        client.post("/forgotten", data={"login": email_of(world.ayu)})
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Message)) == 2


def test_the_reset_link_works_and_signs_other_browsers_out(
    client: FlaskClient, as_person: AsPerson, world: World
) -> None:
    laptop = as_person(world.ayu)
    client.post("/forgotten", data={"login": "19860926 201505 2 001"})
    with reading() as db:
        link = db.scalars(select(Message.link)).one()
    assert client.post(link, data={"password": NEW}).status_code == 302
    assert laptop.get("/settings").status_code == 302
    assert client.get("/settings").status_code == 200


def test_a_coordinator_hands_out_a_code_and_it_sets_the_password(
    client: FlaskClient, as_person: AsPerson, world: World
) -> None:
    page = as_person(world.citra).post(f"/people/{world.ayu}/code")
    shown = re.search(r"data-copied>(\d{4} \d{4})<", page.text)
    assert shown is not None
    given = {"login": "198609262015052001", "code": shown[1], "password": NEW}
    assert client.post("/code", data=given).status_code == 302
    assert client.get("/settings").status_code == 200
    assert password_is(world.ayu, NEW)
    assert client.post("/code", data=given | {"password": "sesuatu yang lain"}).status_code == 422


def test_a_code_is_another_persons_business(as_person: AsPerson, world: World) -> None:
    assert as_person(world.citra).post(f"/people/{world.mallory}/code").status_code == 404
    assert as_person(world.budi).post(f"/people/{world.ayu}/code").status_code == 403
    assert as_person(world.iskandar).post(f"/people/{world.ayu}/code").status_code == 403
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(OneTimeCode)) == 0


def test_after_five_wrong_tries_even_the_right_code_is_refused(client: FlaskClient, world: World) -> None:
    code = make_code(world.ayu)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    given = {"login": "198609262015052001", "password": NEW}
    for _ in range(5):
        assert client.post("/code", data=given | {"code": wrong}).status_code == 422
    answer = client.post("/code", data=given | {"code": code})
    assert answer.status_code == 422
    assert "does not match or no longer works" in answer.text
    assert not password_is(world.ayu, NEW)


def test_a_code_is_its_owners_alone_and_lasts_half_an_hour(client: FlaskClient, world: World) -> None:
    code = make_code(world.ayu)
    other = {"login": email_of(world.budi), "code": code, "password": NEW}
    assert client.post("/code", data=other).status_code == 422
    mine = other | {"login": email_of(world.ayu)}
    with time_machine.travel(NINE + timedelta(minutes=31)):
        assert client.post("/code", data=mine).status_code == 422
    assert client.post("/code", data=mine).status_code == 302


def test_an_unsuitable_password_does_not_cost_the_code(client: FlaskClient, world: World) -> None:
    given = {"login": email_of(world.ayu), "code": make_code(world.ayu)}
    for _ in range(7):
        assert client.post("/code", data=given | {"password": "ayulestari99"}).status_code == 422
    assert client.post("/code", data=given | {"password": NEW}).status_code == 302


def test_a_reset_asked_for_by_a_stranger_leaves_the_code_alive(client: FlaskClient, world: World) -> None:
    code = make_code(world.ayu)
    client.post("/forgotten", data={"login": email_of(world.ayu)})
    given = {"login": email_of(world.ayu), "code": code, "password": NEW}
    assert client.post("/code", data=given).status_code == 302


@pytest.mark.usefixtures("counting")
def test_guessing_codes_is_throttled(client: FlaskClient, world: World) -> None:
    given = {"login": email_of(world.ayu), "code": "00000000", "password": NEW}
    assert [client.post("/code", data=given).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_burst_of_guesses_cannot_overtake_the_counting(app: Flask, world: World) -> None:
    code = make_code(world.ayu)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    together = threading.Barrier(12)

    def guess() -> None:
        together.wait()
        with writing() as db:
            assert credentials.try_code(db, "198609262015052001", wrong, at=NINE) is None

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as db:
        assert db.scalars(select(OneTimeCode.tries)).one() == credentials.MOST_TRIES


def test_a_nip_never_gets_into_an_address(client: FlaskClient, world: World) -> None:
    nip = "199109262015032001"
    assert f"login={nip}" not in client.post("/forgotten", data={"login": nip}).text
    assert "login=ayu" in client.post("/forgotten", data={"login": "ayu@example.test"}).text
