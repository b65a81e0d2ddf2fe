"""A form that cannot be taken is not lost: it comes back in the page that says so, to be sent again."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from lms.db import reading
from lms.programmes.models import Programme
from lms.programmes.views.programmes import batches
from tests.factories import World

AsPerson = Callable[[int], FlaskClient]

OURS = {"Sec-Fetch-Site": "same-origin"}
TITLE = 'Pelayanan "prima" <untuk> semua warga'
SUMMARY = "\nBaris pertama dari ringkasan,\r\nlalu baris kedua."
PROGRAMME = {"title_id": TITLE, "summary_id": SUMMARY, "minimum_percent": "80", "kind": "3", "scope": "national"}


def kept_in(page: str) -> dict[str, str]:
    """Return the fields that the page would send again, as a browser reads them."""
    found = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(value) for name, value in found}


def test_a_form_sent_after_the_sign_in_has_ended_comes_back_whole(client: FlaskClient, world: World) -> None:
    answer = client.post("/programmes/new?from=here", data=PROGRAMME, headers=OURS)
    assert answer.status_code == 401
    assert kept_in(answer.text) == PROGRAMME
    assert 'action="/programmes/new?from=here"' in answer.text
    assert 'href="/sign-in" target="_blank"' in answer.text


def test_older_browsers_say_where_a_form_comes_from_in_another_way(client: FlaskClient, world: World) -> None:
    answer = client.post("/programmes/new", data=PROGRAMME, headers={"Origin": "http://localhost"})
    assert kept_in(answer.text) == PROGRAMME


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_nobody_is_led_to_send_what_another_site_put_together(
    client: FlaskClient, world: World, headers: dict[str, str]
) -> None:
    answer = client.post("/programmes/new", data=PROGRAMME, headers=headers)
    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_a_password_is_never_sent_back(client: FlaskClient, world: World) -> None:
    form = {"current_password": "lama sekali", "password": "sebuah kalimat baru"}
    answer = client.post("/settings/password", data=form, headers=OURS)
    assert answer.status_code == 302
    assert "kalimat" not in answer.text


def test_files_are_said_to_be_missing(client: FlaskClient, world: World) -> None:
    form = {"batch_id": "1", "file": (io.BytesIO(b"name\nAyu\n"), "people.csv")}
    answer = client.post("/people/import", data=form, headers=OURS, content_type="multipart/form-data")
    assert kept_in(answer.text) == {"batch_id": "1"}
    assert "pilih sekali lagi" in answer.text


def test_a_form_with_the_token_of_an_earlier_sign_in_can_be_sent_with_the_page_that_refuses_it(
    app: Flask, as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    admin = as_person(world.admin)
    refused = admin.post("/programmes/new", data=PROGRAMME | {"csrf_token": "of yesterday"}, headers=OURS)
    assert refused.status_code == 400
    assert kept_in(refused.text) == PROGRAMME
    token = re.search(r'name="csrf_token" value="([^"]+)"', refused.text.split('id="kept"')[1])
    assert token is not None
    taken = admin.post("/programmes/new", data=kept_in(refused.text) | {"csrf_token": token[1]}, headers=OURS)
    assert taken.status_code == 302
    with reading() as db:
        assert db.scalars(select(Programme.title_id).where(Programme.title_id == TITLE)).all() == [TITLE]


def test_the_token_for_the_page_is_that_of_whoever_is_signed_in_now(
    app: Flask, client: FlaskClient, as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    nobody = client.get("/form-token")
    assert nobody.json["is_signed_in"] is False
    assert nobody.headers["Cache-Control"] == "no-store"
    admin = as_person(world.admin)
    told = admin.get("/form-token").json
    assert told["is_signed_in"] is True
    answer = admin.post("/programmes/new", data=PROGRAMME | {"csrf_token": told["token"]}, headers=OURS)
    assert answer.status_code == 302


def test_what_a_fault_has_kept_from_being_saved_comes_back(
    app: Flask, as_person: AsPerson, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the database is away"))

    monkeypatch.setattr(batches, "create_programme", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = as_person(world.admin).post("/programmes/new", data=PROGRAMME, headers=OURS)
    assert answer.status_code == 500
    assert kept_in(answer.text) == PROGRAMME


def test_what_would_be_refused_again_is_only_shown_to_be_copied(as_person: AsPerson, world: World) -> None:
    answer = as_person(world.ayu).post("/programmes/new", data=PROGRAMME, headers=OURS)
    assert answer.status_code in (403, 404)
    assert kept_in(answer.text) == {}
    assert "Baris pertama dari ringkasan," in answer.text
