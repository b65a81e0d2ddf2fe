"""Several people given access at once: by mail, on paper; never those whom the asker may not manage."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lms import clock
from lms.accounts.models import OneTimeCode, Person
from lms.db import reading, writing
from lms.outbox.delivery import deliver_due
from lms.outbox.models import Message
from lms.outbox.postmen import Folder
from tests.factories import World, grant, make_person

AsPerson = Callable[[int], FlaskClient]


@pytest.fixture
def nobodies(world: World) -> list[int]:
    """Three people of the unit who have never signed in; the last has no e-mail."""
    with writing() as db:
        grant(db, world.citra, "coordinator", "unit", world.unit)
        found = [make_person(db, f"Baru {number}", unit_id=world.unit) for number in range(3)]
        ids = [person.id for person in found]
        db.execute(update(Person).where(Person.id.in_(ids)).values(password_hash=None))
        db.execute(update(Person).where(Person.id == ids[2]).values(email=None, nip="199003152014032007"))
    return ids


def count(table: type, *where: object) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def test_invitations_go_to_everybody_chosen_and_their_way_can_be_followed(
    app: Flask, as_person: AsPerson, world: World, nobodies: list[int]
) -> None:
    citra = as_person(world.citra)
    answer = citra.post("/people/invite", data={"person": [str(one) for one in nobodies], "back": "/people?state=new"})
    assert answer.status_code == 302
    assert count(Message, Message.template == "invitation") == 2
    page = citra.get(answer.location)
    assert "left out" in page.text
    assert "Baru 0" in page.text and "Baru 2" not in page.text
    told = citra.get(f"{answer.location}/state").get_json()
    assert (told["sent"], told["failed"], told["all"]) == (0, 0, 2)
    with app.app_context():
        settings = app.config["SETTINGS"]
        deliver_due(settings, at=_latest(), by=Folder(settings.home / "mail"))
    told = citra.get(f"{answer.location}/state").get_json()
    assert told["sent"] == 2
    assert set(told["letters"].values()) == {"sent"}
    # Somebody else's coordinator follows nobody's letters, and an address nobody made leads nowhere.
    assert as_person(world.admin).get(answer.location).status_code == 200
    assert as_person(world.ayu).get(answer.location).status_code == 403
    assert citra.get("/letters/20260101T000000000000").status_code == 404
    assert citra.get("/letters/yesterday").status_code == 404


def test_invitations_are_taken_back_while_their_letters_wait(
    app: Flask, as_person: AsPerson, world: World, nobodies: list[int]
) -> None:
    citra = as_person(world.citra)
    # One of them had an invitation already, which works again once the new one is taken back.
    citra.post(f"/people/{nobodies[0]}/invite")
    first = _links_that_work()
    chosen = {"person": [str(one) for one in nobodies]}
    location = citra.post("/people/invite", data=chosen).location
    assert "Take the invitations back" in citra.get(location).text
    # Nobody takes back what somebody else sent.
    as_person(world.admin).post(f"{location}/undo")
    assert as_person(world.ayu).post(f"{location}/undo").status_code == 403
    assert citra.get(f"{location}/state").get_json()["open"] == 2
    page = citra.post(f"{location}/undo", follow_redirects=True)
    assert "2 invitations are taken back" in page.text
    assert "Take the invitations back" not in page.text
    assert set(citra.get(f"{location}/state").get_json()["letters"].values()) == {"taken_back"}
    assert _links_that_work() == first
    # Once they have left it is too late.
    late = citra.post("/people/invite", data=chosen).location
    with app.app_context():
        settings = app.config["SETTINGS"]
        deliver_due(settings, at=_latest(), by=Folder(settings.home / "mail"))
    assert "can no longer be taken back" in citra.post(f"{late}/undo", follow_redirects=True).text
    assert citra.get(f"{late}/state").get_json()["sent"] == 2
    assert citra.post("/letters/yesterday/undo").status_code == 404


def _links_that_work() -> set[int]:
    with reading() as db:
        return set(
            db.scalars(
                select(OneTimeCode.id).where(OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > clock.now())
            )
        )


def _latest() -> object:
    with reading() as db:
        return db.scalar(select(func.max(Message.due_at)))


def test_slips_carry_a_code_for_each_that_works(
    as_person: AsPerson, client: FlaskClient, world: World, nobodies: list[int]
) -> None:
    page = as_person(world.citra).post("/people/codes", data={"person": [str(one) for one in nobodies]})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    codes = re.findall(r'class="slip-code">(\d{4} \d{4})<', page.text)
    assert len(set(codes)) == 3
    assert count(OneTimeCode, OneTimeCode.purpose == "handed_out", OneTimeCode.used_at.is_(None)) == 3
    with reading() as db:
        nip = db.scalar(select(Person.nip).where(Person.id == nobodies[2]))
    used = client.post("/code", data={"login": nip, "code": codes[2], "password": "sebuah kalimat panjang"})
    assert used.status_code == 302


@pytest.mark.parametrize("address", ["/people/invite", "/people/codes"])
def test_people_beyond_ones_reach_are_passed_over(as_person: AsPerson, world: World, address: str) -> None:
    with writing() as db:
        grant(db, world.citra, "coordinator", "unit", world.unit)
    chosen = {"person": [str(world.mallory), str(world.admin), "999999", "x", str(2**40)]}
    answer = as_person(world.citra).post(address, data=chosen)
    assert answer.status_code == 302 and answer.location == "/people"
    assert count(OneTimeCode) == count(Message) == 0
    assert as_person(world.ayu).post(address, data=chosen).status_code == 403
    assert as_person(world.admin).post(address, data={"back": "//evil.example"}).location == "/people"


def test_the_list_is_sorted_and_narrowed_by_its_address(as_person: AsPerson, world: World, nobodies: list[int]) -> None:
    admin = as_person(world.admin)

    def names(query: str) -> list[str]:
        page = admin.get(f"/people?{query}")
        assert page.status_code == 200
        return re.findall(r'class="person-name plain-link"[^>]*>([^<]+)<', page.text)

    assert names("state=new&q=baru") == ["Baru 0", "Baru 1", "Baru 2"]
    assert names("state=new&q=baru&sort=-name") == ["Baru 2", "Baru 1", "Baru 0"]
    assert sorted(names("sort=unit")) == sorted(names("sort=-unit")) == sorted(names(""))
    assert names("sort=nonsense") == names("sort=name")
