"""Why a mark says what it says: a lane a witness or device, the sum in words, the same for trainee and coordinator."""

from collections.abc import Callable

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.models import Visit
from lms.attendance.rules.evidence import Kind, Source
from lms.attendance.rules.timeline import Span
from lms.attendance.service import lanes, recording, seeing
from lms.attendance.service.lanes import Lane, Stay
from lms.db import reading, writing
from lms.kernel.intervals import Interval
from tests.factories import World
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import line_of, occupied, session_of

As = Callable[[int], FlaskClient]


def lanes_of(lecture: int, person: int, minutes: float = 100) -> dict[tuple[str, int], Lane]:
    with reading() as db:
        found = lanes.read_lanes(db, session_of(db, lecture), person, at=at(minutes))
    return {(lane.code, lane.number): lane for lane in found}


def present(*spans: tuple[float, float]) -> tuple[Span, ...]:
    return tuple(Span(at(start), at(end), "present") for start, end in spans)


def share(lecture: int, guest: int, visit: int, minutes: float) -> None:
    with writing() as db:
        recording.record(
            db,
            session_of(db, lecture),
            guest,
            Kind.SHARED,
            source=Source.CHECK_IN,
            key=f"scan:{guest}",
            claimed_at=at(minutes),
            at=at(minutes),
            host_visit_id=visit,
            detail={"device": "x", "address": "10.0.0.0/24"},
        )


def see(lecture: int, person: int, by: int, minutes: float) -> None:
    with writing() as db:
        seeing.see(db, session_of(db, lecture), [person], since=at(minutes), key="k" * 20, by=by, at=at(minutes))


def test_each_device_and_each_witness_has_a_lane_of_its_own(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.CONNECTED, -5, line="a")
    tell(world.ayu, Kind.JOINED, 0, line="a")
    tell(world.ayu, Kind.DROPPED, 40, line="a")
    tell(world.ayu, Kind.JOINED, 38, line="b", device="e" * 20)
    tell(world.ayu, Kind.LEFT, 60, line="b", device="e" * 20)
    occupied(lecture, world.ayu, 1, 59)
    see(lecture, world.ayu, world.citra, 70)
    found = lanes_of(lecture, world.ayu)
    assert list(found) == [("lane_device", 1), ("lane_device", 2), ("source_jitsi", 1), ("source_coordinator", 1)]
    assert found["lane_device", 1].spans == present((0, 40))
    assert [fact.kind for fact in found["lane_device", 1].facts] == [Kind.CONNECTED, Kind.JOINED, Kind.DROPPED]
    assert found["lane_device", 2].spans == present((38, 60))
    assert found["source_jitsi", 1].spans == present((1, 59))
    assert found["source_coordinator", 1].spans == present((70, 90))
    assert found["source_coordinator", 1].facts == ()


def test_what_was_taken_back_has_no_lane(world: World, lecture: int) -> None:
    see(lecture, world.ayu, world.citra, 10)
    with writing() as db:
        seeing.unsee(db, session_of(db, lecture), world.ayu, key="u" * 20, by=world.citra, at=at(12))
    assert lanes_of(lecture, world.ayu) == {}


def test_a_shared_screen_names_its_owner_and_its_time(world: World, lecture: int, tell: Tell) -> None:
    tell(world.ayu, Kind.JOINED, 0)
    with reading() as db:
        screen = db.scalars(select(Visit.id).where(Visit.person_id == world.ayu)).one()
    share(lecture, world.budi, screen, 20)
    tell(world.ayu, Kind.LEFT, 80)
    (lane,) = lanes_of(lecture, world.budi).values()
    assert (lane.code, lane.host) == ("lane_shared", "Ayu Lestari")
    assert lane.spans == present((20, 80))


def test_the_drawing_covers_the_session_and_what_was_heard_while_the_doors_were_open(
    world: World, lecture: int, tell: Tell
) -> None:
    tell(world.ayu, Kind.CONNECTED, -7)
    tell(world.ayu, Kind.JOINED, 3)
    tell(world.ayu, Kind.DROPPED, 300)
    found = list(lanes_of(lecture, world.ayu, 400).values())
    with reading() as db:
        session = session_of(db, lecture)
    # A page left open all afternoon neither earns time nor stretches the drawing beyond the doors.
    assert lanes.axis(session, found) == Interval(at(-7), at(120))
    assert lanes.axis(session, []) == Interval(at(0), at(90))


def test_stays_tell_when_somebody_came_and_went_and_who_says_so(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 30)
    occupied(lecture, world.ayu, 1, 29)
    see(lecture, world.ayu, world.citra, 60)
    assert lanes.stays(line_of(lecture, world.ayu, 100)) == [
        Stay(at(0), at(30), ("source_browser", "source_jitsi")),
        Stay(at(60), at(90), ("source_coordinator",)),
    ]
    assert lanes.stays(line_of(lecture, world.budi, 100)) == []


def test_trainee_and_coordinator_read_the_same_reasons(
    world: World, lecture: int, tell: Tell, as_person: As, clock: time_machine.Traveller
) -> None:
    attend(tell, world.ayu, 0, 50)
    attend(tell, world.ayu, 51, 90)
    clock.move_to(at(100))
    own = as_person(world.ayu).get(f"/attendance/{lecture}").text
    hers = as_person(world.citra).get(f"/sessions/{lecture}/register/{world.ayu}").text
    for page in (own, hers):
        assert "90 of 90 minutes" in page
        assert "One gap of 1 min, bridged" in page
        assert "Browser, device 1" in page
        assert page.count("Joined the meeting") >= 2
        assert "lane_" not in page and "source_" not in page
