"""What people set for themselves."""

from collections.abc import Callable

from flask.testing import FlaskClient

from lms.accounts.models import Person
from lms.accounts.passwords import verify_password
from lms.db import reading
from tests.factories import World
from tests.integration.accounts.conftest import PASSWORD

AsPerson = Callable[[int], FlaskClient]
NEW = "tujuh langkah ke pasar"


def person(person_id: int) -> Person:
    with reading() as db:
        return db.get_one(Person, person_id)


def test_language_zone_and_phone_are_kept(as_person: AsPerson, world: World) -> None:
    client = as_person(world.ayu)
    given = {"language": "id", "zone": "Asia/Singapore", "phone": "0812-3456-7890"}
    assert client.post("/settings", data=given).status_code == 302
    kept = person(world.ayu)
    assert (kept.language, kept.zone, kept.phone) == ("id", "Asia/Singapore", "+6281234567890")
    assert "Pengaturan saya" in client.get("/settings").text


def test_nonsense_is_refused_and_nothing_stored(as_person: AsPerson, world: World) -> None:
    before = person(world.ayu)
    given = {"language": "xx", "zone": "Mars/Olympus", "phone": "call me"}
    answer = as_person(world.ayu).post("/settings", data=given)
    assert answer.status_code == 422
    after = person(world.ayu)
    assert (after.language, after.zone, after.phone) == (before.language, before.zone, before.phone)


def test_a_visitor_has_no_settings(client: FlaskClient, world: World) -> None:
    assert client.get("/settings").status_code == 302
    assert client.post("/settings", data={}, headers={"Accept": "application/json"}).status_code == 401


def test_changing_the_password_keeps_this_browser_and_ends_the_others(as_person: AsPerson, passwords: World) -> None:
    phone, laptop = as_person(passwords.ayu), as_person(passwords.ayu)
    answer = laptop.post("/settings/password", data={"current": PASSWORD, "password": NEW})
    assert answer.status_code == 302
    assert verify_password(person(passwords.ayu).password_hash, NEW)
    assert laptop.get("/settings").status_code == 200
    assert phone.get("/settings").status_code == 302


def test_the_present_password_must_be_known_and_the_new_one_good(as_person: AsPerson, passwords: World) -> None:
    client = as_person(passwords.ayu)
    for given in ({"current": "a guess", "password": NEW}, {"current": PASSWORD, "password": "ayulestari99"}):
        assert client.post("/settings/password", data=given).status_code == 422
    assert verify_password(person(passwords.ayu).password_hash, PASSWORD)
    assert client.get("/settings").status_code == 200
