"""A session goes on or ends early: its times move, marks follow, everyone is told quietly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.attendance.rules.evidence import Kind
from lms.attendance.service import decisions, register, seeing
from lms.attendance.tasks import judge_ended_sessions, locked_session
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.outbox.models import Message
from lms.sessions.models import LiveSession
from lms.sessions.service import ending
from tests.factories import World
from tests.integration.attendance.conftest import Tell, at, attend
from tests.integration.attendance.witnessing import judge, line_of, mark_of, session_of, templates, told

Client = Callable[[int], FlaskClient]


def extend(world: World, lecture: int, minutes: float, sequence: int = 0) -> LiveSession:
    with writing() as db:
        session = locked_session(db, lecture)
        ending.extend(db, session, sequence=sequence, by=world.iskandar, at=at(minutes))
        return session


def end(world: World, lecture: int, minutes: float, sequence: int = 0) -> LiveSession:
    with writing() as db:
        session = locked_session(db, lecture)
        ending.end_now(db, session, sequence=sequence, by=world.iskandar, at=at(minutes))
        return session


def test_a_quarter_of_an_hour_more_and_everyone_is_told_without_a_letter(world: World, lecture: int) -> None:
    session = extend(world, lecture, 80)
    assert session.ends_at == at(105)
    assert templates(world.ayu) == ["session_extended"] and templates(world.iskandar) == []
    with reading() as db:
        assert db.scalars(select(Message)).all() == []


def test_after_the_planned_end_it_is_put_off_to_what_lies_ahead(world: World, lecture: int) -> None:
    assert extend(world, lecture, 110).ends_at == at(120)


@pytest.mark.parametrize("minutes", [-1, 120])
def test_only_while_it_runs_or_its_doors_are_open(world: World, lecture: int, minutes: float) -> None:
    with pytest.raises(Conflict, match="session_not_running"):
        extend(world, lecture, minutes)


def test_pressed_by_two_at_once_it_is_extended_once(world: World, lecture: int) -> None:
    def press(_number: int) -> str:
        try:
            extend(world, lecture, 80)
        except Conflict as refusal:
            return refusal.code
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == ["session_changed_meanwhile", "won"]
    with reading() as db:
        assert session_of(db, lecture).ends_at == at(105)


def test_marks_of_before_are_judged_anew_once_the_new_end_is_over(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 76)
    tell(world.budi, Kind.JOINED, 0)
    judge_ended_sessions(at(92))
    assert mark_of(lecture, world.ayu) == ("attended", None)
    extend(world, lecture, 93)
    assert judge_ended_sessions(at(100)) == 0
    tell(world.budi, Kind.LEFT, 105)
    assert judge_ended_sessions(at(107)) == 2
    # 76 of 105 minutes are no longer 80 %: she is told why.
    assert mark_of(lecture, world.ayu) == ("partial", None)
    notices = told(world.ayu)
    assert [notice.template for notice in notices] == ["session_extended", "mark_changed"]
    assert notices[-1].params["reason"]["code"] == "mark_changed_by_times"
    assert templates(world.budi) == ["session_extended"]
    assert judge_ended_sessions(at(108)) == 0


def test_who_was_seen_to_the_end_was_seen_to_the_new_end(world: World, hall: int) -> None:
    with writing() as db:
        session = session_of(db, hall)
        seeing.see(db, session, [world.ayu], since=at(0), key="k" * 20, by=world.citra, at=at(5))
    extend(world, hall, 80)
    assert line_of(hall, world.ayu, 110).verdict.attended.total_seconds() == 105 * 60


def test_ended_early_everyone_is_judged_by_what_was_held(world: World, lecture: int, tell: Tell) -> None:
    attend(tell, world.ayu, 0, 50)
    session = end(world, lecture, 50)
    assert session.ends_at == at(50) and float(session.lesson_hours) == 1
    assert judge_ended_sessions(at(52)) == 2
    assert mark_of(lecture, world.ayu) == ("attended", None)
    assert templates(world.budi) == ["session_ended_early"]


def test_it_ends_only_while_it_runs_and_something_counts(world: World, lecture: int) -> None:
    for minutes in (0, 90, 95):
        with pytest.raises(Conflict, match="session_not_running"):
            end(world, lecture, minutes)
    with writing() as db:
        session_of(db, lecture).breaks = [[at(0).isoformat(), at(30).isoformat()]]
    with pytest.raises(Conflict, match="session_nothing_counted"):
        end(world, lecture, 20)


def test_the_instructor_presses_it_in_the_room_without_leaving_it(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    clock.move_to(at(80))
    iskandar = as_person(world.iskandar)
    assert f"/sessions/{lecture}/extend" in iskandar.get(f"/sessions/{lecture}/room").text
    assert f"/sessions/{lecture}/extend" not in as_person(world.ayu).get(f"/sessions/{lecture}/room").text
    answer = iskandar.post(
        f"/sessions/{lecture}/extend", data={"sequence": 0, "back": "room"}, headers={"Accept": "application/json"}
    ).get_json()
    assert answer["ok"] and answer["sequence"] == 1 and "10:45" in answer["times"]
    assert iskandar.post(f"/sessions/{lecture}/end", data={"sequence": 0}).status_code == 409
    assert iskandar.post(f"/sessions/{lecture}/end", data={"sequence": 1}).status_code == 302


@pytest.mark.parametrize(("who", "status"), [("ayu", 403), ("mallory", 404)])
def test_nobody_else_changes_the_length(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller, who: str, status: int
) -> None:
    clock.move_to(at(80))
    browser = as_person(getattr(world, who))
    for act in ("extend", "end"):
        assert browser.post(f"/sessions/{lecture}/{act}", data={"sequence": 0}).status_code == status
    with reading() as db:
        assert session_of(db, lecture).ends_at == at(90)


def test_a_signed_register_keeps_its_times(
    world: World, lecture: int, as_person: Client, clock: time_machine.Traveller
) -> None:
    judge(lecture)
    with reading() as db:
        seen = register.version(db, lecture)
    with writing() as db:
        decisions.sign(db, session_of(db, lecture), seen_version=seen, by=world.citra, at=at(95))
    clock.move_to(at(100))
    assert as_person(world.citra).post(f"/sessions/{lecture}/extend", data={"sequence": 0}).status_code == 409
