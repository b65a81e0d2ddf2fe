"""Signing in by e-mail or NIP, how often it may be tried, and what ends it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.accounts import principal
from lms.accounts.models import Person
from lms.accounts.service import credentials, people
from lms.db import reading, writing
from tests.factories import NINE, World
from tests.integration.accounts.conftest import PASSWORD


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def email_of(person_id: int) -> str:
    with reading() as db:
        email = db.get_one(Person, person_id).email
    assert email is not None
    return email


def is_in(client: FlaskClient) -> bool:
    return client.get("/settings").status_code == 200


def test_an_e_mail_address_in_any_case_signs_in(client: FlaskClient, passwords: World) -> None:
    answer = sign_in(client, email_of(passwords.ayu).upper())
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert is_in(client)


@pytest.mark.parametrize("nip", ["198609262015052001", "19860926 201505 2 001", "'19860926.201505.2.001"])
def test_a_nip_in_any_spelling_signs_in(client: FlaskClient, passwords: World, nip: str) -> None:
    sign_in(client, nip)
    assert is_in(client)


def test_the_page_asked_for_comes_after_signing_in(client: FlaskClient, passwords: World) -> None:
    asked = client.get("/settings")
    assert asked.headers["Location"] == "/sign-in?next=/settings"
    assert 'name="next" value="/settings"' in client.get(asked.headers["Location"]).text
    assert sign_in(client, email_of(passwords.ayu), next="/settings").headers["Location"] == "/settings"


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "/\t/evil.test"])
def test_a_sign_in_never_leads_to_another_site(client: FlaskClient, passwords: World, elsewhere: str) -> None:
    assert 'name="next" value=""' in client.get("/sign-in", query_string={"next": elsewhere}).text
    assert sign_in(client, email_of(passwords.ayu), next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_an_unknown_account_and_a_closed_one_get_the_same_answer(
    client: FlaskClient, passwords: World
) -> None:
    with writing() as db:
        people.deactivate(db, db.get_one(Person, passwords.budi), by=None, at=NINE)
    tries = [
        sign_in(client, email_of(passwords.ayu), "something else"),
        sign_in(client, "nobody@example.test"),
        sign_in(client, "no address and no number"),
        sign_in(client, email_of(passwords.budi)),
    ]
    assert [answer.status_code for answer in tries] == [422] * 4
    assert all("do not match" in answer.text for answer in tries)
    # What was typed comes back, and a form's token tells the second it was made.
    own = re.compile(r'name="(login|csrf_token)"( type="text")? value="[^"]*"')
    assert len({own.sub("", answer.text) for answer in tries}) == 1
    assert not is_in(client)


def test_somebody_without_a_password_cannot_sign_in(client: FlaskClient, world: World) -> None:
    assert sign_in(client, email_of(world.ayu), "x").status_code == 422


def test_empty_fields_are_named(client: FlaskClient, world: World) -> None:
    answer = sign_in(client, "", "")
    assert answer.status_code == 422
    assert answer.text.count("field-error") == 2


@pytest.mark.usefixtures("counting")
def test_the_eleventh_try_waits_also_with_the_right_password_and_is_told_how_long(
    client: FlaskClient, passwords: World
) -> None:
    ayu, budi = email_of(passwords.ayu), email_of(passwords.budi)
    assert [sign_in(client, ayu, "guess").status_code for _ in range(10)] == [422] * 10
    answer = sign_in(client, ayu)
    assert answer.status_code == 429
    assert "too many tries. Wait 15 min" in answer.text
    assert not is_in(client)
    assert sign_in(client, budi).status_code == 302


@pytest.mark.usefixtures("counting")
def test_every_spelling_of_a_nip_counts_as_the_same_account(client: FlaskClient, passwords: World) -> None:
    for extra in range(10):
        assert sign_in(client, "198609262015052001" + " ." * extra, "guess").status_code == 422
    assert sign_in(client, "19860926 201505 2 001").status_code == 429


@pytest.mark.usefixtures("counting")
def test_success_clears_the_tries_and_an_office_of_hundreds_gets_in(client: FlaskClient, passwords: World) -> None:
    ayu = email_of(passwords.ayu)
    for _ in range(3):
        for _ in range(5):
            sign_in(client, ayu, "guess")
        assert sign_in(client, ayu).status_code == 302


def test_signing_out_ends_it_on_this_browser(as_person: Callable[[int], FlaskClient], world: World) -> None:
    client = as_person(world.ayu)
    assert client.post("/sign-out").status_code == 302
    assert not is_in(client)


def test_signing_out_everywhere_ends_every_browser_at_once(
    as_person: Callable[[int], FlaskClient], world: World
) -> None:
    phone, laptop, budi = as_person(world.ayu), as_person(world.ayu), as_person(world.budi)
    assert is_in(phone)
    assert laptop.post("/settings/sign-out-everywhere").status_code == 302
    assert not is_in(phone)
    assert not is_in(laptop)
    assert is_in(budi)


def test_a_cookie_newer_than_the_cache_of_this_process_is_believed(
    as_person: Callable[[int], FlaskClient], world: World
) -> None:
    principal.cached(world.ayu)
    with writing() as db:
        # As another process does it, which cannot clear this one's cache.
        credentials.sign_out_everywhere(db, db.get_one(Person, world.ayu), by=None, at=NINE)
    client = as_person(world.budi)
    with client.session_transaction() as session:
        session["_user_id"] = f"{world.ayu}.2"
    assert is_in(client)


def test_a_visitor_reads_on_in_the_language_chosen(client: FlaskClient, world: World) -> None:
    client.delete_cookie("language")
    assert "Lupa kata sandi?" in client.get("/sign-in", headers={"Accept-Language": "id"}).text
    answer = client.post("/language", data={"language": "en", "back": "/sign-in?next=/settings"})
    assert answer.headers["Location"] == "/sign-in?next=/settings"
    assert "Forgotten your password?" in client.get("/sign-in", headers={"Accept-Language": "id"}).text


def test_a_persons_language_is_kept_with_the_person(as_person: Callable[[int], FlaskClient], world: World) -> None:
    client = as_person(world.ayu)
    assert client.post("/language", data={"language": "id", "back": "//evil.test"}).headers["Location"] == "/"
    with reading() as db:
        assert db.get_one(Person, world.ayu).language == "id"
    assert "Pengaturan saya" in client.get("/settings").text
    assert client.post("/language", data={"language": "xx"}).status_code == 422
