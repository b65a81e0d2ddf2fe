"""Several people at one screen: each confirms with the own phone, and has the screen's time from then on."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms import db as database
from lms.attendance.models import Evidence, Mark, Visit, WorkerBoot
from lms.attendance.rules.codes import Codes, Purpose
from lms.attendance.rules.drafts import WitnessDraft
from lms.attendance.rules.evidence import Kind
from lms.attendance.service import recording, register
from lms.attendance.service import world as processes
from lms.attendance.service.marks import judge_marks
from lms.attendance.tasks import judge_ended_sessions
from lms.db import reading, writing
from lms.sessions.models import LiveSession
from tests.factories import World, enrol, make_person
from tests.integration.attendance.conftest import BOOT, Tell, at
from tests.integration.conftest import Statements

Client = Callable[[int], FlaskClient]
DEVICE = "d" * 20


def visit_of(person: int) -> int:
    with reading() as db:
        return db.scalars(select(Visit.id).where(Visit.person_id == person)).one()


def joins(client: FlaskClient, host: int, minutes: float) -> Any:
    """Scan the code of the host's screen and tap."""
    code = Codes("test-secret").show(Purpose.SHARED, visit_of(host), at(minutes)).code
    page = client.get(f"/c/{code}")
    found = re.search(r'name="scan" value="([\w-]+)"', page.text)
    return client.post("/c", data={"scan": found[1]}) if found else page


def line_of(lecture: int, person: int, minutes: float) -> register.RegisterLine:
    with reading() as db:
        lines = register.read_lines(db, db.get_one(LiveSession, lecture), at=at(minutes), person_ids=[person])
    return lines[0]


def attended(lecture: int, person: int, minutes: float = 100) -> float:
    return line_of(lecture, person, minutes).verdict.attended / timedelta(minutes=1)


def test_the_guest_has_the_hosts_time_from_the_confirmation_on(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    clock.move_to(at(10))
    budi = as_person(world.budi)
    answer = joins(budi, world.ayu, 10)
    assert answer.status_code == 302
    page = budi.get(answer.headers["Location"])
    assert "Ayu Lestari" in page.text and "shared screen" in page.text
    line = line_of(lecture, world.budi, 30)
    assert line.group == "present" and line.shares and not line.checked_in
    tell(world.ayu, Kind.LEFT, 80)
    assert attended(lecture, world.budi) == 70
    assert attended(lecture, world.ayu) == 80
    with reading() as db:
        fact = db.scalars(select(Evidence).where(Evidence.person_id == world.budi)).one()
    assert (fact.kind, fact.claimed_at, fact.host_visit_id) == ("shared", at(10), visit_of(world.ayu))
    why = as_person(world.citra).get(f"/sessions/{lecture}/register/{world.budi}")
    assert "(Ayu Lestari)" in why.text


def test_the_host_lost_for_a_while_is_everyones_gap(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    with writing() as db:
        recording.drop(db, f"a{world.ayu}", last_heard=at(40), reason="ping timeout", at=at(40.4))
    assert line_of(lecture, world.budi, 41).group == "missing"
    tell(world.ayu, Kind.RESUMED, 43, line="b")
    tell(world.ayu, Kind.LEFT, 90, line="b")
    assert attended(lecture, world.budi) == 87


def test_another_device_of_the_host_is_not_the_screen(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    tell(world.ayu, Kind.LEFT, 30)
    # She goes on at home with her phone; who watched with her in the office is not there.
    tell(world.ayu, Kind.JOINED, 31, line="phone", device="p" * 20)
    assert attended(lecture, world.ayu, 60) > 55
    assert attended(lecture, world.budi, 60) == 30


def test_the_guest_may_leave_earlier_and_tapping_twice_is_leaving_once(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    budi = as_person(world.budi)
    joins(budi, world.ayu, 0)
    clock.move_to(at(25))
    leave = f"/sessions/{lecture}/here/leave"
    assert [budi.post(leave, data={"key": "k" * 20}).status_code for _ in range(2)] == [302, 302]
    assert budi.post(leave, data={"key": "l" * 20}).status_code == 409
    assert budi.post(leave, data={"key": "no"}).status_code == 422
    assert as_person(world.mallory).post(leave, data={"key": "m" * 20}).status_code == 404
    assert attended(lecture, world.budi, 60) == 25
    assert "Not recorded" in budi.get(f"/sessions/{lecture}/here").text


def test_the_room_page_is_given_its_own_devices_code_and_its_guests(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    ayu, address = as_person(world.ayu), f"/sessions/{lecture}/room/screen"
    body = ayu.get(address, query_string={"device": DEVICE}).get_json()
    assert body["code"][0] == "B" and body["people"] == []
    joins(as_person(world.budi), world.ayu, 0)
    assert ayu.get(address, query_string={"device": DEVICE}).get_json()["people"] == ["Budi Santoso"]


def test_only_a_device_that_is_in_the_meeting_has_a_code(
    world: World, lecture: int, tell: Tell, as_person: Client, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    address = f"/sessions/{lecture}/room/screen"
    query = {"device": DEVICE}
    assert as_person(world.ayu).get(address, query_string=query).status_code == 409
    tell(world.ayu, Kind.CONNECTED, 0)
    assert as_person(world.ayu).get(address, query_string=query).status_code == 409
    tell(world.ayu, Kind.JOINED, 0)
    assert as_person(world.ayu).get(address, query_string=query).status_code == 200
    # Nobody gets the code of somebody else's device.
    assert as_person(world.budi).get(address, query_string=query).status_code == 409
    assert as_person(world.mallory).get(address, query_string=query).status_code == 404
    assert as_person(world.ayu).get(address).status_code == 422
    assert client.get(address, query_string=query, headers={"Accept": "application/json"}).status_code == 401


def test_a_screen_that_is_not_in_the_meeting_takes_no_guests(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    tell(world.ayu, Kind.LEFT, 5)
    clock.move_to(at(10))
    refused = joins(as_person(world.budi), world.ayu, 10)
    assert refused.status_code == 409 and "not in the meeting" in refused.text


@pytest.mark.parametrize(("who", "status"), [("ayu", 409), ("mallory", 404)])
def test_neither_the_host_herself_nor_another_batch_watches_along(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller, who: str, status: int
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    assert joins(as_person(getattr(world, who)), world.ayu, 0).status_code == status
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Evidence)) == 1


def test_marks_of_guests_are_written_and_rewritten_with_the_hosts(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    tell(world.ayu, Kind.LEFT, 50)
    judge_ended_sessions(at(92))
    assert mark_of(world.budi) == ("partial", 3000)
    # What her device says late changes the marks of both.
    tell(world.ayu, Kind.RESUMED, 52, line="b")
    tell(world.ayu, Kind.LEFT, 90, line="b")
    with writing() as db:
        judge_marks(db, db.get_one(LiveSession, lecture), at=at(93), person_ids=[world.ayu])
    assert mark_of(world.budi) == ("attended", 5280)


def mark_of(person: int) -> tuple[str, int]:
    with reading() as db:
        mark = db.scalars(select(Mark).where(Mark.person_id == person)).one()
    return mark.status, mark.attended_seconds


def test_whoever_watches_a_register_sees_guests_come_and_go_with_the_screen(
    world: World,
    lecture: int,
    tell: Tell,
    as_person: Client,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[set[tuple[int, int | None]]] = []
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    monkeypatch.setattr(database.current(), "publish", seen.append)
    tell(world.ayu, Kind.LEFT, 20)
    assert seen.pop() == {(lecture, world.ayu), (lecture, world.budi)}
    with writing() as db:
        processes.touch_connections_of(db, [BOOT])
    assert seen.pop() == {(lecture, world.ayu), (lecture, world.budi)}


def test_our_own_death_is_given_back_to_guests_as_to_the_host(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller
) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    with writing() as db:
        db.get_one(WorkerBoot, BOOT).beat_at = at(40)
        db.add(WorkerBoot(id="c" * 32, started_at=at(40.5), beat_at=at(600)))
    with writing() as db:
        draft = WitnessDraft(session=lecture, device=DEVICE, key="r" * 20, sequence=1)
        session = db.get_one(LiveSession, lecture)
        recording.witness(
            db, session, Kind.RESUMED, draft, connection_id="new", boot_id="c" * 32, by=world.ayu, at=at(41)
        )
    assert attended(lecture, world.budi, 60) == attended(lecture, world.ayu, 60) == 60


def test_statements_do_not_grow_with_guests(
    world: World, lecture: int, tell: Tell, as_person: Client, clock: time_machine.Traveller, counted: Statements
) -> None:
    with writing() as db:
        guests = [make_person(db, f"Peserta {n}").id for n in range(30)]
        for guest in guests:
            enrol(db, world.batch, guest)
    tell(world.ayu, Kind.JOINED, 0)
    joins(as_person(world.budi), world.ayu, 0)
    few = statements(counted, lecture, [world.budi])
    for guest in guests:
        joins(as_person(guest), world.ayu, 0)
    assert statements(counted, lecture, guests) == few
    assert statements(counted, lecture, None) <= few
    assert line_of(lecture, guests[-1], 30).group == "present"


def statements(counted: Statements, lecture: int, people: list[int] | None) -> int:
    counted.clear()
    with reading() as db:
        register.read_lines(db, db.get_one(LiveSession, lecture), at=at(30), person_ids=people)
    return len(counted)
