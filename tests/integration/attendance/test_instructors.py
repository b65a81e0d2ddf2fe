"""Who taught: by evidence, in whose place, on paper."""

from collections.abc import Callable

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.service import teaching
from lms.attendance.tasks import locked_session
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.sessions.models import SessionInstructor
from lms.sessions.rules import SessionDraft
from lms.sessions.service import scheduling
from lms.sessions.service.standing_in import stand_in
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import session_of, templates

Client = Callable[[int], FlaskClient]


@pytest.fixture
def weiling(world: World) -> int:
    """Another instructor of the batch."""
    with writing() as db:
        person = make_person(db, "Tan Wei Ling", zone="Asia/Singapore").id
        enrol(db, world.batch, person, "instructor")
    return person


def replace(world: World, lecture: int, person: int, instead_of: int, minutes: float = -30) -> bool:
    with writing() as db:
        session = locked_session(db, lecture)
        return stand_in(
            db, session, person, instead_of=instead_of, reason="Sakit mendadak", by=world.citra, at=at(minutes)
        )


def teachers(lecture: int, minutes: float = 100) -> list[teaching.Teacher]:
    with reading() as db:
        return teaching.read_teachers(db, session_of(db, lecture), at=at(minutes))


def test_hours_are_by_evidence(world: World, lecture: int, tell: Tell) -> None:
    (teacher,) = teachers(lecture)
    assert teacher.hours is None
    attend(tell, world.iskandar, -5, 88)
    (teacher,) = teachers(lecture)
    assert teacher.hours == 2 and teacher.verdict.attended.total_seconds() == 88 * 60


def test_whoever_left_halfway_taught_whole_hours_only(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.iskandar, 0, 50)
    assert teachers(lecture)[0].hours == 1


def test_who_stands_in_is_recorded_with_the_reason_and_both_are_told(world: World, lecture: int, weiling: int) -> None:
    assert replace(world, lecture, weiling, world.iskandar)
    assert not replace(world, lecture, weiling, world.iskandar)
    (teacher,) = teachers(lecture)
    assert teacher.person.id == weiling and teacher.reason == "Sakit mendadak"
    assert teacher.stands_in_for is not None and teacher.stands_in_for.id == world.iskandar
    assert templates(weiling) == templates(world.iskandar) == ["instructor_replaced"]


def test_the_record_of_who_stood_in_survives_an_edit_of_the_session(world: World, lecture: int, weiling: int) -> None:
    replace(world, lecture, weiling, world.iskandar)
    with writing() as db:
        session = session_of(db, lecture)
        draft = SessionDraft(
            mode="teleconference",
            title_id="Judul baru",
            zone="Asia/Makassar",
            on="2026-12-01",
            starts="09:00",
            ends="10:30",
            instructor_ids=[weiling],
        )
        scheduling.edit(db, session, draft, by=world.citra, at=at(-20))
    with reading() as db:
        row = db.scalars(select(SessionInstructor).where(SessionInstructor.session_id == lecture)).one()
        assert (row.person_id, row.stands_in_for, row.reason) == (weiling, world.iskandar, "Sakit mendadak")


def test_whoever_was_planned_may_take_it_back(world: World, lecture: int, weiling: int) -> None:
    replace(world, lecture, weiling, world.iskandar)
    assert replace(world, lecture, world.iskandar, weiling)
    (teacher,) = teachers(lecture)
    assert teacher.person.id == world.iskandar and teacher.stands_in_for is None and teacher.reason == ""


def test_only_an_instructor_of_the_batch_in_the_place_of_one_who_teaches(
    world: World, lecture: int, weiling: int
) -> None:
    with pytest.raises(Invalid):
        replace(world, lecture, world.ayu, world.iskandar)
    with pytest.raises(NotFound):
        replace(world, lecture, world.iskandar, weiling)
    with pytest.raises(Conflict, match="stand_in_teaches_already"):
        replace(world, lecture, world.iskandar, world.iskandar)


def test_the_page_and_the_sheet_name_who_taught(
    world: World, lecture: int, weiling: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    attend(tell, weiling, 0, 90)
    clock.move_to(at(100))
    citra = as_person(world.citra)
    fields = {"instead_of": world.iskandar, "person": weiling, "reason": "Sakit"}
    assert citra.post(f"/sessions/{lecture}/instructors", data=fields | {"reason": ""}).status_code == 422
    assert citra.post(f"/sessions/{lecture}/instructors", data=fields).status_code == 302
    assert "Tan Wei Ling" in citra.get(f"/sessions/{lecture}/instructors").text
    sheet = citra.get(f"/sessions/{lecture}/instructors/sheet").text
    assert "menggantikan Iskandar Rahman: Sakit" in sheet and "09.00" in sheet and "10.30" in sheet


def test_an_instructor_in_the_room_is_seen_by_the_coordinator(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(30))
    address = f"/sessions/{hall}/instructors/{world.iskandar}/seen"
    assert as_person(world.iskandar).post(address, data={"key": "k" * 20}).status_code == 403
    stranger = f"/sessions/{hall}/instructors/{world.ayu}/seen"
    assert as_person(world.citra).post(stranger, data={"key": "k" * 20}).status_code == 404
    assert as_person(world.citra).post(address, data={"key": "k" * 20}).status_code == 302
    assert teachers(hall)[0].hours == 2


@pytest.mark.parametrize(("who", "status"), [("ayu", 403), ("mallory", 404)])
def test_nobody_else_names_an_instructor(
    world: World, lecture: int, weiling: int, as_person: Client, who: str, status: int
) -> None:
    fields = {"instead_of": world.iskandar, "person": weiling, "reason": "Sakit"}
    browser = as_person(getattr(world, who))
    assert browser.post(f"/sessions/{lecture}/instructors", data=fields).status_code == status
    assert teachers(lecture)[0].person.id == world.iskandar
