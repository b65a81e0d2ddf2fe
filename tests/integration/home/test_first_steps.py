"""The first steps of somebody new: ticked by what was done, put away for good, never in anybody's way."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts.models import Person
from lms.accounts.permissions import Role
from lms.accounts.principal import forget
from lms.db import reading, writing
from lms.home.service.guiding import Reach, read_steps, steps_of
from lms.programmes.models import Enrolment, Programme
from lms.reports.rhythm import Rhythm
from lms.reports.service import subscribe
from lms.sessions.models import LiveSession
from tests.factories import World, make_session

As = Callable[[int], FlaskClient]
ANY = Reach(enrolments=Enrolment.id > 0, sessions=LiveSession.id > 0, signs=True)


def steps(person_id: int, role: Role) -> dict[str, bool]:
    with reading() as db:
        return {step.key: step.is_done for step in read_steps(db, person_id, {role}, ANY)}


def test_steps_tick_themselves_by_what_was_really_done(world: World) -> None:
    with writing() as db:
        db.get_one(Person, world.citra).phone = ""
    assert steps(world.citra, Role.COORDINATOR) == {"settings": False, "enrol": True, "schedule": False, "sign": False}
    with writing() as db:
        make_session(db, world.batch)
        db.get_one(Person, world.citra).phone = "+62811000000"
    assert steps(world.citra, Role.COORDINATOR) == {"settings": True, "enrol": True, "schedule": True, "sign": False}


@pytest.mark.parametrize("role", Role)
def test_every_role_has_three_or_four_steps_of_its_own(world: World, role: Role) -> None:
    keys = {one: {key for key, _, _ in steps_of(one, world.mallory, ANY)} - {"settings"} for one in Role}
    assert 3 <= len(steps_of(role, world.mallory, ANY)) <= 4
    assert all(keys[role].isdisjoint(others) for one, others in keys.items() if one is not role)


def test_a_unit_heads_step_is_done_once_the_report_is_sent_to_her(world: World) -> None:
    assert steps(world.mallory, Role.UNIT_HEAD)["report"] is False
    with writing() as db:
        programme = db.scalars(select(Programme)).first()
        assert programme is not None
        # Where all is done no steps are shown.
        db.get_one(Person, world.mallory).phone = ""
        subscribe(
            db, world.mallory, programme, Rhythm("weekly", 1), zone=ZoneInfo("Asia/Makassar"), at=datetime.now(UTC)
        )
    assert steps(world.mallory, Role.UNIT_HEAD)["report"] is True


def test_somebody_with_several_roles_sees_those_of_the_one_with_most_to_set_up(world: World) -> None:
    with reading() as db:
        found = read_steps(db, world.citra, {Role.TRAINEE, Role.COORDINATOR}, ANY)
        assert [step.key for step in found][1] == "enrol"
        assert read_steps(db, world.citra, set(), ANY) == ()


def test_where_all_is_done_no_steps_are_shown(world: World) -> None:
    with writing() as db:
        make_session(db, world.batch)
        db.get_one(Person, world.citra).phone = "+62811000000"
    with reading() as db:
        no_register = Reach(enrolments=ANY.enrolments, sessions=ANY.sessions, signs=False)
        assert read_steps(db, world.citra, {Role.COORDINATOR}, no_register) == ()


def test_whoever_puts_them_away_sees_them_no_more_until_she_asks(world: World, as_person: As) -> None:
    ayu = as_person(world.ayu)
    assert 'id="first-steps"' in ayu.get("/").text
    assert "step_" not in ayu.get("/").text
    for _ in range(2):
        assert ayu.post("/first-steps/close").status_code == 302
        assert 'id="first-steps"' not in ayu.get("/").text
    assert 'id="first-steps"' in as_person(world.budi).get("/").text
    assert "/first-steps/open" in ayu.get("/settings").text
    ayu.post("/first-steps/open")
    assert 'id="first-steps"' in ayu.get("/").text
    assert "/first-steps/open" not in ayu.get("/settings").text


def test_nobody_puts_away_steps_before_signing_in(client: FlaskClient, world: World) -> None:
    assert client.post("/first-steps/close").status_code in (302, 303, 401)
    forget([world.ayu])
    with reading() as db:
        assert db.get_one(Person, world.ayu).guide_closed_at is None
