"""The page before the room: offered once, never in the way, telling what is recorded and the coordinator what works."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from lms.attendance.service import register
from lms.db import reading, writing
from lms.sessions.models import DeviceCheck, LiveSession, RecordingNotice
from tests.factories import DEVICE, NINE, World, make_session

AsPerson = Callable[[int], FlaskClient]
FINE = {"down_kbits": 9000, "up_kbits": 4000, "ms": 30}


@pytest.fixture
def lecture(world: World) -> Iterator[int]:
    """A lecture at nine; the clock stands ten minutes before, its doors are open."""
    with writing() as db:
        session_id = make_session(db, world.batch).id
    with time_machine.travel(NINE - timedelta(minutes=10), tick=False):
        yield session_id


def test_who_comes_for_the_first_time_is_offered_the_test_once(as_person: AsPerson, world: World, lecture: int) -> None:
    with writing() as db:
        db.execute(delete(DeviceCheck).where(DeviceCheck.person_id == world.ayu))
    ayu, room = as_person(world.ayu), f"/sessions/{lecture}/room"
    assert ayu.get(room).headers["Location"].endswith(f"/sessions/{lecture}/check")
    assert as_person(world.budi).get(room).status_code == 200
    page = ayu.get(f"/sessions/{lecture}/check")
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert f'action="/sessions/{lecture}/enter"' in page.text
    # A browser without script sends no device, and comes in all the same.
    assert ayu.post(f"/sessions/{lecture}/enter").headers["Location"].endswith(room)
    assert ayu.get(room).status_code == 200


def test_where_something_may_be_recorded_everyone_is_told_before_entering(
    as_person: AsPerson, world: World, lecture: int
) -> None:
    with writing() as db:
        db.get_one(LiveSession, lecture).may_be_recorded = True
    ayu, room = as_person(world.ayu), f"/sessions/{lecture}/room"
    assert ayu.get(room).headers["Location"].endswith("/check")
    assert "This session may be recorded" in ayu.get(f"/sessions/{lecture}/check").text
    ayu.post(f"/sessions/{lecture}/enter", data={"device": DEVICE})
    assert ayu.get(room).status_code == 200
    with reading() as db:
        told = db.scalars(select(RecordingNotice)).one()
    assert (told.session_id, told.person_id, told.seen_at) == (lecture, world.ayu, NINE - timedelta(minutes=10))
    assert as_person(world.budi).get(room).headers["Location"].endswith("/check")


def test_the_page_is_there_for_this_batchs_teleconferences_until_they_are_over(
    as_person: AsPerson, world: World, lecture: int
) -> None:
    with writing() as db:
        visit = make_session(db, world.batch, mode="in_person", place="Aula").id
        past = make_session(db, world.batch, starts_at=NINE - timedelta(days=1)).id
        coming = make_session(db, world.batch, starts_at=NINE + timedelta(days=1)).id
    ayu = as_person(world.ayu)
    assert [ayu.get(f"/sessions/{one}/check").status_code for one in (lecture, coming, visit, past)] == [
        200,
        200,
        302,
        302,
    ]
    assert as_person(world.mallory).get(f"/sessions/{lecture}/check").status_code == 404


def line_of(session_id: int, person_id: int) -> dict[str, Any]:
    with reading() as db:
        session = db.get_one(LiveSession, session_id)
        (line,) = register.read_lines(db, session, at=NINE - timedelta(minutes=5), person_ids=[person_id])
        return line.as_json(session)


def flags(line: dict[str, Any]) -> set[str]:
    return {name for name in line if (name == "tested" or name.startswith("trouble_")) and line[name]}


def test_what_was_tested_reaches_the_coordinators_cockpit(as_person: AsPerson, world: World, lecture: int) -> None:
    ayu, address = as_person(world.ayu), f"/sessions/{lecture}/check"
    assert (line_of(lecture, world.ayu)["has_tested"], flags(line_of(lecture, world.ayu))) == (False, set())
    answer = ayu.post(address, json={"device": DEVICE, "microphone": "ok", "line": FINE})
    assert answer.get_json() == {"ok": True, "line": "ok"}
    assert flags(line_of(lecture, world.ayu)) == {"tested"}
    ayu.post(address, json={"device": DEVICE, "microphone": "quiet", "camera": "absent"})
    line = line_of(lecture, world.ayu)
    assert (line["has_tested"], flags(line)) == (True, {"trouble_microphone"})
    page = as_person(world.citra).get(f"/sessions/{lecture}/register").text
    assert "Tested their device" in page and "Microphone does not work" in page.split("<template", 1)[0]
    # What was found once does not stand for ever.
    with writing() as db:
        late = make_session(db, world.batch, starts_at=NINE + timedelta(days=10)).id
    assert not line_of(late, world.ayu)["has_tested"]


@pytest.mark.parametrize("sent", [{}, {"device": "short"}, {"device": DEVICE, "camera": "lovely"}])
def test_nonsense_is_refused_and_nothing_kept(
    as_person: AsPerson, world: World, lecture: int, sent: dict[str, Any]
) -> None:
    assert as_person(world.ayu).post(f"/sessions/{lecture}/check", json=sent).status_code == 422
    assert not line_of(lecture, world.ayu)["has_tested"]


def test_the_line_is_measured_with_bytes_nobody_can_compress(as_person: AsPerson, world: World, lecture: int) -> None:
    ayu, address = as_person(world.ayu), f"/sessions/{lecture}/check/line"
    first, second = ayu.get(address), ayu.get(address)
    assert len(first.data) == 96 * 1024 and first.data != second.data
    assert first.headers["Cache-Control"] == "no-store"
    assert ayu.get(f"{address}?none").data == b""
    assert ayu.post(address, data=b"x" * 48 * 1024).get_json() == {"ok": True}
    assert ayu.post(address, data=b"x" * 64 * 1024).status_code == 413
    assert as_person(world.mallory).get(address).status_code == 404
