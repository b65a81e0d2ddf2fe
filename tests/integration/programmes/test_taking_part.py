"""Asking to take part with the superior's consent, places and the waiting list; phases; copying for a new year."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lms.db import reading, writing
from lms.outbox.models import Message
from lms.programmes.models import Batch, Enrolment, EnrolmentRequest, Programme, ProgrammeCourse
from lms.programmes.service import asking
from lms.programmes.tasks import fill_free_places
from tests.factories import NINE, World, make_person
from tests.integration.programmes.conftest import AsPerson

TODAY = date(2026, 12, 1)


@pytest.fixture
def opened(world: World, app: Flask) -> int:
    """The other batch, open to people who ask, with one place beside Mallory's."""
    with writing() as db:
        db.execute(
            update(Batch).where(Batch.id == world.other_batch).values(capacity=2, asks_until=TODAY + timedelta(days=7))
        )
    return world.other_batch


def superior(world: World) -> str:
    with writing() as db:
        return make_person(db, "Sri Atasan", nip="197001012000031077").nip or ""


def ask(client: FlaskClient, batch: int, login: str) -> int:
    return client.post(f"/batches/{batch}/ask", data={"superior": login, "note": "Ingin belajar"}).status_code


def states(batch: int) -> dict[int, str]:
    with reading() as db:
        rows = db.execute(
            select(EnrolmentRequest.person_id, EnrolmentRequest.state).where(EnrolmentRequest.batch_id == batch)
        )
        return {row.person_id: row.state for row in rows}


def trainees(batch: int) -> set[int]:
    with reading() as db:
        return set(
            db.scalars(
                select(Enrolment.person_id).where(
                    Enrolment.batch_id == batch, Enrolment.role == "trainee", Enrolment.ends_at.is_(None)
                )
            )
        )


def request_of(person: int) -> int:
    with reading() as db:
        return db.scalars(select(EnrolmentRequest.id).where(EnrolmentRequest.person_id == person)).one()


def test_with_the_superiors_consent_one_is_enrolled_and_the_next_waits_for_a_place(
    world: World, opened: int, as_person: AsPerson
) -> None:
    boss = superior(world)
    ayu, budi = as_person(world.ayu), as_person(world.budi)
    assert ask(ayu, opened, boss) == ask(budi, opened, boss) == 302
    with reading() as db:
        boss_id = db.scalars(select(EnrolmentRequest.superior_id)).first()
    sri = as_person(boss_id or 0)
    assert "Ingin belajar" in sri.get("/take-part").text
    for person in (world.ayu, world.budi):
        sri.post(f"/take-part/{request_of(person)}/decide", data={"agreed": "1"})
    assert states(opened) == {world.ayu: "enrolled", world.budi: "waiting"}
    assert trainees(opened) == {world.mallory, world.ayu}
    assert "waiting list" in budi.get("/take-part").text.lower()
    assert fill_free_places(NINE) == 0
    with writing() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == world.mallory).values(ends_at=NINE))
    assert fill_free_places(NINE) == 1
    assert states(opened)[world.budi] == "enrolled"


def test_a_refusal_needs_a_reason_and_reaches_who_asked(world: World, opened: int, as_person: AsPerson) -> None:
    ask(as_person(world.ayu), opened, superior(world))
    with reading() as db:
        boss = db.scalars(select(EnrolmentRequest.superior_id)).one()
    sri, request = as_person(boss), request_of(world.ayu)
    assert sri.post(f"/take-part/{request}/decide", data={"agreed": "0"}).status_code == 422
    sri.post(f"/take-part/{request}/decide", data={"agreed": "0", "reason": "Sedang ada audit"})
    assert "Sedang ada audit" in as_person(world.ayu).get("/take-part").text
    with reading() as db:
        assert db.scalar(select(func.count()).where(Message.template == "enrolment_refused")) == 1
    assert sri.post(f"/take-part/{request}/decide", data={"agreed": "1"}).status_code == 409


def test_only_the_named_superior_decides_and_only_who_asked_takes_back(
    world: World, opened: int, as_person: AsPerson
) -> None:
    ask(as_person(world.ayu), opened, superior(world))
    request = request_of(world.ayu)
    for person in (world.ayu, world.citra, world.admin):
        assert as_person(person).post(f"/take-part/{request}/decide", data={"agreed": "1"}).status_code == 404
    assert as_person(world.budi).post(f"/take-part/{request}/take-back").status_code == 404
    assert as_person(world.ayu).post(f"/take-part/{request}/take-back").status_code == 302
    # And may ask again.
    assert ask(as_person(world.ayu), opened, "197001012000031077") == 302


@pytest.mark.parametrize(("login", "status"), [("nobody@example.test", 422), ("198609262015052001", 422), ("", 422)])
def test_a_superior_who_is_nobody_or_oneself_is_refused_in_words(
    world: World, opened: int, as_person: AsPerson, login: str, status: int
) -> None:
    answer = as_person(world.ayu).post(f"/batches/{opened}/ask", data={"superior": login, "note": "Tetap di sini"})
    assert answer.status_code == status and "Tetap di sini" in answer.text
    assert states(opened) == {}


def test_a_closed_batch_and_one_that_one_is_in_take_nobody(world: World, opened: int, as_person: AsPerson) -> None:
    boss = superior(world)
    assert ask(as_person(world.ayu), world.batch, boss) == 409
    assert ask(as_person(world.mallory), opened, boss) == 409
    assert ask(as_person(world.ayu), opened, boss) == 302
    assert ask(as_person(world.ayu), opened, boss) == 409


def test_two_superiors_who_agree_at_once_give_the_last_place_once(world: World, opened: int, app: Flask) -> None:
    with writing() as db:
        boss = make_person(db, "Sri Atasan", nip="197001012000031077")
        batch = db.get_one(Batch, opened)
        people = [make_person(db, f"Calon {n}").id for n in range(6)]
        requests = [asking.ask(db, batch, person, boss.nip or "", "", today=TODAY, at=NINE).id for person in people]
        boss_id = boss.id

    def agree(request_id: int) -> None:
        with writing() as db:
            request = db.get_one(EnrolmentRequest, request_id, with_for_update=True)
            asking.decide(db, request, agreed=True, reason="", by=boss_id, at=NINE)

    threads = [threading.Thread(target=agree, args=[request]) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states(opened).values()) == ["enrolled"] + ["waiting"] * 5
    assert len(trainees(opened)) == 2


PHASES = {
    "stage": ["city", "visit", "teleconference", "city"], "strand": ["all", "delegates", "home", "all"],
    "title_id": ["Lokakarya", "Kunjungan", "Dari rumah", ""], "title_en": ["", "", "", ""],
    "first_day": ["1", "20", "20", ""], "days": ["5", "5", "5", ""],
}  # fmt: skip


def test_phases_are_planned_once_and_seen_with_their_dates_on_each_batch(world: World, as_person: AsPerson) -> None:
    citra = as_person(world.citra)
    assert citra.post("/programmes/pelayanan-prima/phases", data=PHASES).status_code == 302
    page = as_person(world.ayu).get(f"/batches/{world.batch}/phases").text
    assert "Kunjungan" in page and "20–24 November 2026" in page and "phase--visit" in page
    wrong = citra.post("/programmes/pelayanan-prima/phases", data=PHASES | {"days": ["0", "5", "5", ""]})
    assert wrong.status_code == 422 and "Lokakarya" in wrong.text
    # What was planned before stands.
    assert "Kunjungan" in citra.get("/programmes/pelayanan-prima").text


def test_a_programme_is_copied_with_objectives_hours_and_phases_but_without_people(
    world: World, as_person: AsPerson
) -> None:
    admin = as_person(world.admin)
    edited = {
        "title_id": "Pelayanan Publik Prima", "minimum_percent": "80", "objectives_id": "Melayani\nMengukur",
        "kind": "4", "scope": "international", "organiser": "CSC", "course_ids": [world.course],
        f"hours-{world.course}": "6,5",
    }  # fmt: skip
    assert admin.post("/programmes/pelayanan-prima/edit", data=edited).status_code == 302
    admin.post("/programmes/pelayanan-prima/phases", data=PHASES)
    admin.post("/programmes/pelayanan-prima/copy", data={"title_id": "Pelayanan Publik Prima 2027", "title_en": ""})
    with reading() as db:
        copy = db.scalars(select(Programme).where(Programme.title_id == "Pelayanan Publik Prima 2027")).one()
        assert (copy.kind, copy.scope, copy.organiser, copy.objectives_id) == (
            4, "international", "CSC", "Melayani\r\nMengukur".replace("\r", ""),
        )  # fmt: skip
        course = db.scalars(select(ProgrammeCourse).where(ProgrammeCourse.programme_id == copy.id)).one()
        assert course.lesson_hours == Decimal("6.5")
        assert db.scalar(select(func.count()).where(Batch.programme_id == copy.id)) == 0
    assert "Kunjungan" in admin.get(f"/programmes/{copy.slug}").text
    assert admin.post("/programmes/pelayanan-prima/copy", data={"title_id": " "}).status_code == 422
    wrong = admin.post("/programmes/pelayanan-prima/edit", data=edited | {f"hours-{world.course}": "enam"})
    assert wrong.status_code == 422 and "enam" in wrong.text
