"""Somebody came who is not enrolled: on the register in one step, asked about afterwards."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import Grant, Person
from lms.attendance.models import Evidence, Mark, WalkIn
from lms.attendance.rules.petition_drafts import NewWalkInDraft, WalkInDraft
from lms.attendance.service import decisions, register, walk_ins
from lms.attendance.tasks import judge_ended_sessions, locked_session
from lms.db import reading, writing
from lms.kernel.errors import Conflict, Invalid
from lms.programmes.models import Batch, Enrolment
from tests.factories import World, enrol, grant, make_person, make_session
from tests.integration.attendance.conftest import at
from tests.integration.attendance.witnessing import count, judge, line_of, mark_of, session_of

Client = Callable[[int], FlaskClient]


def add(world: World, hall: int, person: int, minutes: float = 20, **fields: Any) -> bool:
    draft = WalkInDraft(**({"person": person, "key": "w" * 20} | fields))
    with writing() as db:
        return walk_ins.add(db, locked_session(db, hall), draft, by=world.citra, at=at(minutes))


def waiting() -> list[walk_ins.Guest]:
    with reading() as db:
        return walk_ins.undecided(db, WalkIn.session_id.is_not(None))


def settle(world: World, person: int, *, enrolled: bool, minutes: float = 200) -> bool:
    with writing() as db:
        batch = db.get_one(Batch, world.batch)
        return walk_ins.settle(db, batch, person, enrolled=enrolled, by=world.citra, at=at(minutes))


def test_a_walk_in_stands_on_this_register_and_on_no_other(world: World, hall: int) -> None:
    assert add(world, hall, world.mallory)
    line = line_of(hall, world.mallory, 30)
    assert line.person.walked_in and line.seen and line.group == "present"
    judge(hall)
    assert mark_of(hall, world.mallory) == ("attended", None)
    with writing() as db:
        other = make_session(db, world.batch, starts_at=at(1440)).id
    with reading() as db:
        lines = register.read_lines(db, session_of(db, other), at=at(1500))
        assert world.mallory not in {one.person.id for one in lines}


def test_here_from_now_on_counts_from_now_on(world: World, hall: int) -> None:
    add(world, hall, world.mallory, 40, since="now")
    assert line_of(hall, world.mallory, 60).verdict.attended.total_seconds() == 20 * 60


def test_added_after_the_end_she_gets_her_mark_at_once(world: World, hall: int) -> None:
    judge_ended_sessions(at(95))
    add(world, hall, world.mallory, 120)
    assert mark_of(hall, world.mallory) == ("attended", None)


def test_added_twice_or_expected_anyway_she_is_there_once(world: World, hall: int) -> None:
    assert add(world, hall, world.mallory)
    assert not add(world, hall, world.mallory)
    assert not add(world, hall, world.ayu)
    assert count(WalkIn) == 1 and count(Evidence) == 1


def test_added_by_two_at_once_she_is_there_once(world: World, hall: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: add(world, hall, world.mallory, key=f"{n}" * 20), range(4)))
    assert count(WalkIn) == 1 and count(Evidence) == 1


def test_nobody_walks_in_before_the_doors_open(world: World, hall: int) -> None:
    with pytest.raises(Conflict, match="session_not_open"):
        add(world, hall, world.mallory, -20)


def test_somebody_new_needs_a_name_and_a_number(world: World, hall: int) -> None:
    with writing() as db:
        draft = NewWalkInDraft(name="Siti Aminah", phone="0812 1111 2222", key="n" * 20)
        person = walk_ins.add_new(db, locked_session(db, hall), draft, by=world.citra, at=at(10))
    line = line_of(hall, person, 30)
    assert line.person.name == "Siti Aminah" and line.person.phone == "+6281211112222" and line.person.walked_in
    with reading() as db:
        assert db.scalars(select(Grant).where(Grant.person_id == person)).all() == []


def test_a_nip_we_know_is_that_person(world: World, hall: int) -> None:
    people = count(Person)
    with writing() as db:
        draft = NewWalkInDraft(name="Mallory S.", nip="19900101 201503 2 001", key="n" * 20)
        db.get_one(Person, world.mallory).nip = "199001012015032001"
        assert walk_ins.add_new(db, locked_session(db, hall), draft, by=world.citra, at=at(10)) == world.mallory
    assert count(Person) == people


def test_a_bad_nip_leaves_nothing_behind(world: World, hall: int) -> None:
    people = count(Person)
    with pytest.raises(Invalid), writing() as db:
        draft = NewWalkInDraft(name="Siti Aminah", nip="123", key="n" * 20)
        walk_ins.add_new(db, locked_session(db, hall), draft, by=world.citra, at=at(10))
    assert (count(Person), count(WalkIn), count(Evidence)) == (people, 0, 0)


def test_added_by_mistake_she_is_taken_off_with_her_mark(world: World, hall: int) -> None:
    add(world, hall, world.mallory)
    judge(hall)
    with writing() as db:
        walk_ins.remove(db, locked_session(db, hall), world.mallory, key="r" * 20, by=world.citra, at=at(110))
    assert count(WalkIn) == 0 and mark_of(hall, world.mallory) is None
    assert count(Evidence) == 2
    # And she can be added again.
    assert add(world, hall, world.mallory, 115, key="x" * 20)
    assert mark_of(hall, world.mallory) == ("attended", None)


def test_enrolled_afterwards_she_belongs_to_the_batch_from_that_session_on(world: World, hall: int) -> None:
    add(world, hall, world.mallory)
    (guest,) = waiting()
    assert guest.person.id == world.mallory and [session.id for session in guest.sessions] == [hall]
    assert settle(world, world.mallory, enrolled=True)
    assert not settle(world, world.mallory, enrolled=False)
    assert waiting() == []
    with reading() as db:
        row = db.scalars(
            select(Enrolment).where(Enrolment.person_id == world.mallory, Enrolment.batch_id == world.batch)
        ).one()
        assert row.starts_at == at(0)
    assert not line_of(hall, world.mallory, 100).person.walked_in


def test_left_a_guest_she_keeps_her_line_and_belongs_to_nothing(world: World, hall: int) -> None:
    add(world, hall, world.mallory)
    assert settle(world, world.mallory, enrolled=False)
    assert waiting() == []
    assert line_of(hall, world.mallory, 100).person.walked_in
    judge(hall)
    assert mark_of(hall, world.mallory) == ("attended", None)


def test_on_a_signed_register_she_waits_for_an_amendment(world: World, hall: int) -> None:
    judge(hall)
    with reading() as db:
        seen = register.version(db, hall)
    with writing() as db:
        decisions.sign(db, session_of(db, hall), seen_version=seen, by=world.citra, at=at(110))
    add(world, hall, world.mallory, 120)
    assert mark_of(hall, world.mallory) is None and line_of(hall, world.mallory, 121).late_evidence == 1
    with writing() as db:
        decisions.accept_late_evidence(
            db, session_of(db, hall), world.mallory, reason="Lupa dicatat", by=world.citra, at=at(125)
        )
    assert mark_of(hall, world.mallory) == ("attended", None)
    with reading() as db:
        assert decisions.verify(db, hall)
    with writing() as db, pytest.raises(Conflict, match="register_already_signed"):
        walk_ins.remove(db, session_of(db, hall), world.mallory, key="r" * 20, by=world.citra, at=at(130))


def test_the_page_finds_adds_and_shows_it_on_the_register(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(20))
    citra = as_person(world.citra)
    assert "Mallory" not in citra.get(f"/sessions/{hall}/walk-in?q=Ma").text
    # What was searched for in vain stands in the field it belongs to.
    assert re.search(r'name="name"[^>]*value="Zulkifli"', citra.get(f"/sessions/{hall}/walk-in?q=Zulkifli").text)
    assert re.search(r'name="nip"[^>]*value="200012 3120"', citra.get(f"/sessions/{hall}/walk-in?q=200012+3120").text)
    page = citra.get(f"/sessions/{hall}/walk-in?q=mallory")
    assert "Mallory Siregar" in page.text
    fields = {"person": world.mallory, "since": "start", "key": "w" * 20}
    assert citra.post(f"/sessions/{hall}/walk-in", data=fields).status_code == 302
    assert "Mallory Siregar" in citra.get(f"/sessions/{hall}/register").text
    new = {"name": "Siti Aminah", "phone": "0812 1111 2222", "key": "n" * 20}
    assert citra.post(f"/sessions/{hall}/walk-in/new", data=new | {"phone": ""}).status_code == 422
    assert citra.post(f"/sessions/{hall}/walk-in/new", data=new).status_code == 302
    assert "Siti Aminah" in citra.get(f"/sessions/{hall}/register").text
    assert "Mallory Siregar" in citra.get(f"/sessions/{hall}/register.csv").text
    inbox = citra.get("/excuses").text
    assert "Mallory Siregar" in inbox and "Siti Aminah" in inbox
    settled = citra.post(f"/batches/{world.batch}/guests/{world.mallory}", data={"enrolled": "1"})
    assert settled.status_code == 302
    assert "Mallory Siregar" not in citra.get("/excuses").text


@pytest.mark.parametrize(("who", "status"), [("ayu", 403), ("iskandar", 403), ("mallory", 404)])
def test_nobody_else_adds_or_enrols(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller, who: str, status: int
) -> None:
    clock.move_to(at(20))
    browser = as_person(getattr(world, who))
    fields = {"person": world.mallory, "since": "start", "key": "w" * 20}
    assert browser.get(f"/sessions/{hall}/walk-in?q=mallory").status_code == status
    assert browser.post(f"/sessions/{hall}/walk-in", data=fields).status_code == status
    new = {"name": "Siti", "phone": "081211112222", "key": "n" * 20}
    assert browser.post(f"/sessions/{hall}/walk-in/new", data=new).status_code == status
    guests = f"/batches/{world.batch}/guests/{world.mallory}"
    assert browser.post(guests, data={"enrolled": "1"}).status_code == status
    assert count(WalkIn) == 0 and count(Mark) == 0


def test_a_coordinator_of_a_unit_finds_and_adds_her_people_alone(
    world: World, hall: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(20))
    with writing() as db:
        dewi = make_person(db, "Dewi")
        grant(db, dewi.id, "coordinator", "unit", world.unit)
        hers = make_person(db, "Rahmat", unit_id=world.unit).id
        enrol(db, world.other_batch, hers)
    browser = as_person(dewi.id)
    assert "Rahmat" in browser.get(f"/sessions/{hall}/walk-in?q=rahmat").text
    assert "Mallory" not in browser.get(f"/sessions/{hall}/walk-in?q=mallory").text
    fields = {"since": "start", "key": "w" * 20}
    assert browser.post(f"/sessions/{hall}/walk-in", data=fields | {"person": world.mallory}).status_code == 422
    assert browser.post(f"/sessions/{hall}/walk-in", data=fields | {"person": hers}).status_code == 302
    new = {"name": "Siti", "phone": "081211112222", "key": "n" * 20, "unit_id": str(world.other_unit)}
    assert browser.post(f"/sessions/{hall}/walk-in/new", data=new).status_code == 422
