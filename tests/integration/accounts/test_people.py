"""The list of people, entering and editing them, closing and opening accounts."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.accounts.models import AuditEntry, Person
from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.service import people
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid
from tests.factories import NINE, World, grant, make_person

AsPerson = Callable[[int], FlaskClient]
DEWI = {"name": "Dewi Anggraini", "nip": "19900315 201403 2 007", "language": "id", "zone": "Asia/Makassar"}


def count_people() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Person)) or 0


def actions(person_id: int) -> list[str]:
    with reading() as db:
        return list(
            db.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == person_id).order_by(AuditEntry.id))
        )


def citra_for_unit(world: World) -> None:
    """Let Citra coordinate her unit as well as the batch."""
    with writing() as db:
        grant(db, world.citra, "coordinator", "unit", world.unit)


def test_a_coordinator_sees_her_batchs_people_with_the_nip_masked(as_person: AsPerson, world: World) -> None:
    page = as_person(world.citra).get("/people").text
    assert all(name in page for name in ("Ayu Lestari", "Budi Santoso", "Iskandar Rahman"))
    assert "Mallory" not in page
    assert "1986**********2001" in page
    assert "198609262015052001" not in page


def test_trainees_and_instructors_see_no_list(as_person: AsPerson, world: World) -> None:
    for person_id in (world.ayu, world.iskandar):
        assert as_person(person_id).get("/people").status_code == 403


def test_a_stranger_is_not_found_and_a_classmate_not_open(as_person: AsPerson, world: World) -> None:
    assert as_person(world.citra).get(f"/people/{world.mallory}").status_code == 404
    assert as_person(world.ayu).get(f"/people/{world.mallory}").status_code == 404
    assert as_person(world.ayu).get(f"/people/{world.budi}").status_code == 403
    assert as_person(world.citra).get("/people/999999").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lestari", {"Ayu Lestari"}),
        ("q=19860926 201505", {"Ayu Lestari"}),
        ("q=100%25", set()),
        ("q=_", set()),
        ("role=instructor", {"Iskandar Rahman"}),
        ("role=nonsense&unit=any&page=99", {"Ayu Lestari", "Budi Santoso", "Citra Dewi", "Iskandar Rahman"}),
        ("state=inactive", set()),
    ],
)
def test_the_list_is_narrowed_by_the_address(as_person: AsPerson, world: World, query: str, found: set[str]) -> None:
    page = as_person(world.citra).get(f"/people?{query}").text
    table = page.partition("<tbody>")[2]
    names = {"Ayu Lestari", "Budi Santoso", "Citra Dewi", "Iskandar Rahman", "Mallory Siregar"}
    assert {name for name in names if name in table} == found


def test_a_unit_in_the_filter_holds_the_units_below_it(as_person: AsPerson, world: World) -> None:
    page = as_person(world.citra).get(f"/people?unit={world.unit}").text.partition("<tbody>")[2]
    assert "Ayu Lestari" in page
    assert "Budi Santoso" not in page


def test_the_list_costs_the_same_statements_for_many_as_for_few(
    as_person: AsPerson, world: World, counted: list[str]
) -> None:
    client = as_person(world.admin)
    client.get("/people")
    counted.clear()
    client.get("/people?state=active")
    few = len(counted)
    with writing() as db:
        for number in range(30):
            make_person(db, f"Peserta {number:02}", role="instructor", unit_id=world.unit)
    counted.clear()
    page = client.get("/people?state=active").text
    assert len(counted) == few
    assert "Page 1 of 2" in page


def test_entering_somebody_shows_what_the_nip_tells_before_anything_is_stored(
    as_person: AsPerson, world: World
) -> None:
    citra_for_unit(world)
    client, before = as_person(world.citra), count_people()
    given = DEWI | {"unit_id": str(world.unit)}
    asked = client.post("/people/new", data=given)
    assert asked.status_code == 200
    assert "15 March 1990" in asked.text
    assert "female" in asked.text
    assert count_people() == before
    done = client.post("/people/new", data=given | {"confirmed_nip": "199003152014032007"})
    assert done.status_code == 302
    assert "Dewi Anggraini" in client.get(done.headers["Location"]).text
    assert count_people() == before + 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": ""}, "enter the name"),
        ({"nip": "199003152014032"}, "18 digits"),
        ({"nip": "199002302014032007"}, "not a date of birth"),
        ({"nip": "198609262015052001"}, "registered with this NIP"),
        ({"nip": "", "email": ""}, "cannot sign in"),
        ({"phone": "none"}, "cannot be dialled"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_stored(
    as_person: AsPerson, world: World, wrong: dict[str, str], word: str
) -> None:
    before = count_people()
    nip = wrong.get("nip", "199003152014032007")
    answer = as_person(world.admin).post("/people/new", data=DEWI | {"confirmed_nip": nip} | wrong)
    assert answer.status_code == 422
    assert word in answer.text
    assert count_people() == before


def test_a_coordinator_of_a_unit_enters_people_there_only(as_person: AsPerson, world: World) -> None:
    citra_for_unit(world)
    given = DEWI | {"confirmed_nip": "199003152014032007"}
    client = as_person(world.citra)
    assert client.post("/people/new", data=given | {"unit_id": str(world.other_unit)}).status_code == 422
    assert client.post("/people/new", data=given).status_code == 422
    assert client.post("/people/new", data=given | {"unit_id": str(world.unit)}).status_code == 302


def test_a_coordinator_of_a_batch_alone_enters_nobody(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    assert client.get("/people/new").status_code == 403
    assert "/people/new" not in client.get("/people").text


def test_the_same_nip_entered_twice_at_once_is_one_person(app: Flask, world: World) -> None:
    draft = PersonDraft(name="Dewi", nip=DEWI["nip"])
    together, outcomes = threading.Barrier(2), []

    def enter() -> None:
        together.wait()
        try:
            with writing() as db:
                people.create_person(db, draft, by=None, at=NINE)
            outcomes.append("entered")
        except Invalid as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["entered", "nip_taken"]


def test_an_edit_is_kept_with_old_and_new_in_the_trail(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    with reading() as db:
        ayu = db.get_one(Person, world.ayu)
        given = {name: getattr(ayu, name) or "" for name in PersonDraft.model_fields}
    answer = client.post(f"/people/{world.ayu}/edit", data=given | {"rank": "IIId", "position": "Analis"})
    assert answer.status_code == 302
    with reading() as db:
        ayu = db.get_one(Person, world.ayu)
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "person_edited")).one()
    assert (ayu.rank, ayu.position) == ("III/d", "Analis")
    assert entry.by_id == world.citra
    assert entry.detail == {"changes": {"rank": ["", "III/d"], "position": ["", "Analis"]}}


def test_a_changed_nip_is_shown_for_confirmation_too(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    given = {"name": "Ayu Lestari", "nip": "198609262015052002", "language": "en", "zone": "Asia/Makassar"}
    given["unit_id"] = str(world.unit)
    assert client.post(f"/people/{world.ayu}/edit", data=given).status_code == 200
    with reading() as db:
        assert db.get_one(Person, world.ayu).nip == "198609262015052001"
    confirmed = given | {"confirmed_nip": "198609262015052002"}
    assert client.post(f"/people/{world.ayu}/edit", data=confirmed).status_code == 302


def test_nobody_takes_over_a_stronger_account(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        grant(db, world.budi, "admin")
    client = as_person(world.citra)
    for act in ("code", "invite", "deactivate", "sign-out"):
        answer = client.post(f"/people/{world.budi}/{act}")
        assert answer.status_code == 403
        assert "greater rights" in answer.text
    page = client.get(f"/people/{world.budi}").text
    assert "Hand out a code" not in page
    assert "19800101 200501" not in page


def test_a_deactivated_person_is_out_at_once_and_can_come_back(as_person: AsPerson, world: World) -> None:
    ayu, citra = as_person(world.ayu), as_person(world.citra)
    assert ayu.get("/settings").status_code == 200
    assert citra.post(f"/people/{world.ayu}/deactivate").status_code == 302
    assert ayu.get("/settings").status_code == 302
    assert "Ayu" not in citra.get("/people").text.partition("<tbody>")[2]
    assert "Ayu" in citra.get("/people?state=inactive").text.partition("<tbody>")[2]
    assert citra.post(f"/people/{world.ayu}/code").status_code == 409
    assert citra.post(f"/people/{world.ayu}/reactivate").status_code == 302
    assert ayu.get("/settings").status_code == 302
    assert actions(world.ayu) == ["person_deactivated", "person_reactivated"]


def test_nobody_deactivates_themselves_or_the_last_admin(as_person: AsPerson, world: World) -> None:
    assert as_person(world.admin).post(f"/people/{world.admin}/deactivate").status_code == 409
    with writing() as db, pytest.raises(Conflict, match="last_admin"):
        people.deactivate(db, db.get_one(Person, world.admin), by=None, at=NINE)
