"""Setting up programmes and batches, and who sees which."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.courses.models import Course
from lms.db import reading, writing
from lms.programmes.models import Batch, Enrolment, Programme
from lms.programmes.service import batches
from tests.factories import NINE, World, grant, make_batch, make_person, make_session

AsPerson = Callable[[int], FlaskClient]
BATCH: dict[str, Any] = {"name": "Angkatan III", "starts_on": "2027-01-04", "ends_on": "2027-03-31", "place": "Aula"}


def another_course(title: str = "Kebersihan") -> int:
    with writing() as db:
        course = Course(slug=title.lower(), title_id=title, title_en="", created_at=NINE)
        db.add(course)
        db.flush()
        return course.id


def programme_of(slug: str) -> Programme | None:
    with reading() as db:
        return db.scalars(select(Programme).where(Programme.slug == slug)).one_or_none()


def test_everyone_sees_the_programmes_of_their_batches_only(as_person: AsPerson, world: World) -> None:
    mine = as_person(world.ayu).get("/programmes").text
    assert "Public Service Excellence" in mine
    assert "Angkatan I<" in mine
    assert "Angkatan II<" not in mine
    everything = as_person(world.admin).get("/programmes").text
    assert "Angkatan I<" in everything
    assert "Angkatan II<" in everything
    with writing() as db:
        stranger = make_person(db, "Nobody", role="trainee", scope="batch", scope_id=999).id
    assert "You are in no programme yet" in as_person(stranger).get("/programmes").text


def test_an_admin_sets_up_a_programme_with_courses_in_order(as_person: AsPerson, world: World) -> None:
    second = another_course()
    form = {
        "title_id": "Manajemen Antrean",
        "title_en": "Queues",
        "minimum_percent": "75",
        "course_ids": [str(second), str(world.course)],
    }
    answer = as_person(world.admin).post("/programmes/new", data=form)
    assert answer.headers["Location"] == "/programmes/manajemen-antrean"
    stored = programme_of("manajemen-antrean")
    assert stored is not None
    assert float(stored.minimum_share) == 0.75
    with reading() as db:
        assert [course.id for course in batches.courses_of(db, stored.id)] == [second, world.course]
    again = as_person(world.admin).post("/programmes/new", data=form)
    assert again.headers["Location"] == "/programmes/manajemen-antrean-2"


def test_nonsense_is_refused_with_words_and_nothing_is_stored(as_person: AsPerson, world: World) -> None:
    client = as_person(world.admin)
    page = client.post("/programmes/new", data={"title_id": "", "title_en": "Kept words", "minimum_percent": "0"})
    assert page.status_code == 422
    assert "Kept words" in page.text
    unknown = client.post("/programmes/new", data={"title_id": "X", "minimum_percent": "80", "course_ids": ["999"]})
    assert unknown.status_code == 422
    assert "does not exist" in unknown.text
    with reading() as db:
        assert len(db.scalars(select(Programme)).all()) == 1


def test_only_who_may_everywhere_begins_a_programme(as_person: AsPerson, world: World) -> None:
    for person in (world.ayu, world.iskandar, world.citra):
        assert as_person(person).get("/programmes/new").status_code == 403
    with writing() as db:
        rina = make_person(db, "Rina", role="coordinator").id
    assert as_person(rina).get("/programmes/new").status_code == 200


def test_a_coordinator_edits_her_programme_and_strangers_do_not(as_person: AsPerson, world: World) -> None:
    form = {"title_id": "Pelayanan Prima", "minimum_percent": "90", "course_ids": [str(world.course)]}
    url = "/programmes/pelayanan-prima/edit"
    assert as_person(world.citra).post(url, data=form).status_code == 302
    stored = programme_of("pelayanan-prima")
    assert stored is not None
    assert (stored.title_id, float(stored.minimum_share)) == ("Pelayanan Prima", 0.9)
    assert as_person(world.ayu).post(url, data=form).status_code == 403
    with writing() as db:
        stranger = make_person(db, "Nobody").id
    assert as_person(stranger).post(url, data=form).status_code == 404


def test_a_coordinator_cannot_open_a_course_she_may_not_read(as_person: AsPerson, world: World) -> None:
    secret = another_course("Rahasia")
    form = {"title_id": "P", "minimum_percent": "80", "course_ids": [str(world.course), str(secret)]}
    page = as_person(world.citra).post("/programmes/pelayanan-prima/edit", data=form)
    assert page.status_code == 422
    with reading() as db:
        assert [course.id for course in batches.courses_of(db, world.programme)] == [world.course]


def test_whoever_sets_up_a_batch_coordinates_it(as_person: AsPerson, world: World) -> None:
    answer = as_person(world.citra).post("/programmes/pelayanan-prima/batches/new", data=BATCH)
    assert answer.status_code == 302
    with reading() as db:
        batch = db.scalars(select(Batch).where(Batch.name == "Angkatan III")).one()
        role = db.scalars(select(Enrolment.role).where(Enrolment.batch_id == batch.id)).one()
    assert (role, batch.contact_id) == ("coordinator", world.citra)
    assert as_person(world.citra).get(f"/batches/{batch.id}").status_code == 200


def test_an_admins_batch_begins_empty(as_person: AsPerson, world: World) -> None:
    as_person(world.admin).post("/programmes/pelayanan-prima/batches/new", data=BATCH)
    with reading() as db:
        batch = db.scalars(select(Batch).where(Batch.name == "Angkatan III")).one()
        assert db.scalars(select(Enrolment).where(Enrolment.batch_id == batch.id)).all() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "Angkatan I"}, "already has a batch called"),
        ({"ends_on": "2026-01-01"}, "must not be before the first day"),
        ({"starts_on": ""}, ""),
    ],
)
def test_a_batch_that_cannot_be_is_refused(
    as_person: AsPerson, world: World, changed: dict[str, str], words: str
) -> None:
    page = as_person(world.citra).post("/programmes/pelayanan-prima/batches/new", data=BATCH | changed)
    assert page.status_code == 422
    assert words in page.text
    with reading() as db:
        assert len(db.scalars(select(Batch)).all()) == 2


def test_the_contact_is_somebody_who_runs_the_batch(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    url = f"/batches/{world.batch}/edit"
    assert client.get(url).status_code == 200
    page = client.post(url, data=BATCH | {"contact_id": str(world.mallory)})
    assert page.status_code == 422
    assert client.post(url, data=BATCH | {"contact_id": str(world.iskandar)}).status_code == 302
    with reading() as db:
        assert db.get_one(Batch, world.batch).contact_id == world.iskandar
    assert as_person(world.iskandar).post(url, data=BATCH).status_code == 403
    assert as_person(world.mallory).post(url, data=BATCH).status_code == 404


def test_a_batch_put_aside_leaves_the_list_and_comes_back(as_person: AsPerson, world: World) -> None:
    client = as_person(world.citra)
    assert client.post(f"/batches/{world.batch}/archive", data={"archived": "1"}).status_code == 302
    assert "Angkatan I<" not in client.get("/programmes").text
    assert "Angkatan I<" in client.get("/programmes?archived=1").text
    assert client.get(f"/batches/{world.batch}").status_code == 200
    client.post(f"/batches/{world.batch}/archive", data={"archived": "0"})
    assert "Angkatan I<" in client.get("/programmes").text
    assert as_person(world.ayu).post(f"/batches/{world.batch}/archive").status_code == 403


def test_a_batch_page_shows_sessions_in_date_order_courses_and_contact(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        make_session(db, world.batch, starts_at=NINE + timedelta(days=3), title_en="Second lecture")
        make_session(db, world.batch, starts_at=NINE + timedelta(days=1), title_en="First lecture")
        make_session(db, world.other_batch, title_en="Foreign lecture")
    shown = as_person(world.ayu).get(f"/batches/{world.batch}").text
    assert shown.index("First lecture") < shown.index("Second lecture")
    assert "Foreign lecture" not in shown
    assert "Service Excellence" in shown
    assert "wa.me/" in shown
    assert as_person(world.mallory).get(f"/batches/{world.batch}").status_code == 404


def test_a_batch_page_costs_the_same_for_one_and_for_twenty_sessions(
    as_person: AsPerson, world: World, counted: list[str]
) -> None:
    client = as_person(world.citra)
    with writing() as db:
        make_session(db, world.batch)
    client.get(f"/batches/{world.batch}")
    counted.clear()
    client.get(f"/batches/{world.batch}")
    few = len(counted)
    with writing() as db:
        for day in range(20):
            make_session(db, world.batch, starts_at=NINE + timedelta(days=day + 1))
    counted.clear()
    client.get(f"/batches/{world.batch}")
    assert len(counted) == few


def test_the_list_of_programmes_costs_the_same_however_many(
    as_person: AsPerson, world: World, counted: list[str]
) -> None:
    client = as_person(world.admin)
    client.get("/programmes")
    counted.clear()
    client.get("/programmes")
    few = len(counted)
    with writing() as db:
        for number in range(10):
            grant(db, world.admin, "coordinator", "batch", make_batch(db, world.programme, f"Lain {number}").id)
    counted.clear()
    assert "Lain 9" in client.get("/programmes").text
    assert len(counted) == few
