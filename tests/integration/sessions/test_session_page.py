"""A session's page: the way in while the doors are open, and nothing of it otherwise; what home asks for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from lms.db import reading, writing
from lms.sessions.service import listing
from tests.factories import NINE, World, enrol, make_person, make_session, teach

AsPerson = Callable[[int], FlaskClient]


def lecture(world: World, **fields: Any) -> int:
    with writing() as db:
        return make_session(db, world.batch, **fields).id


def way_in(page: str) -> str:
    """Return what the page shows in place of the Join button: 'early', 'open', or nothing."""
    if 'id="way-in"' not in page:
        return ""
    return "open" if '<div data-when="early" hidden>' in page else "early"


@pytest.mark.parametrize(
    ("minute", "expected"), [(-16, "early"), (-14, "open"), (45, "open"), (100, "open"), (121, "")]
)
def test_the_join_button_lives_only_while_the_doors_are_open(
    as_person: AsPerson, world: World, minute: int, expected: str
) -> None:
    own = lecture(world)
    with time_machine.travel(NINE + timedelta(minutes=minute)):
        page = as_person(world.ayu).get(f"/sessions/{own}").text
        listed = as_person(world.ayu).get("/calendar").text
    assert way_in(page) == expected
    assert (f'href="/sessions/{own}/room"' in listed) == (expected == "open")


def test_a_cancelled_session_has_no_way_in(as_person: AsPerson, world: World) -> None:
    own = lecture(world, status="cancelled", cancelled_reason="Rain")
    with time_machine.travel(NINE):
        page = as_person(world.ayu).get(f"/sessions/{own}").text
    assert way_in(page) == ""
    assert "/room" not in page
    assert "Rain" in page


def test_a_visit_says_where_to_go_instead(as_person: AsPerson, world: World) -> None:
    own = lecture(world, mode="study_visit", place="Mal Pelayanan Publik")
    with time_machine.travel(NINE):
        page = as_person(world.ayu).get(f"/sessions/{own}").text
    assert way_in(page) == ""
    assert "Mal Pelayanan Publik" in page


def test_both_zones_are_named(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    for person, clocks in (
        (world.ayu, ("09:00–10:30 WITA", "= 09:00–10:30 SGT")),
        (world.iskandar, ("09:00–10:30 SGT", "= 09:00–10:30 WITA")),
    ):
        page = as_person(person).get(f"/sessions/{own}").text
        assert all(clock in page for clock in clocks)


def test_a_stranger_finds_nothing(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    for path in ("", "/session.ics", "/edit", "/cancel", "/policy"):
        assert as_person(world.mallory).get(f"/sessions/{own}{path}").status_code == 404


def test_the_register_and_the_forms_are_offered_to_who_may_use_them(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    for person, register, change in (
        (world.ayu, False, False),
        (world.iskandar, True, True),
        (world.citra, True, True),
    ):
        page = as_person(person).get(f"/sessions/{own}").text
        assert (f"/sessions/{own}/register" in page) == register
        assert (f"/sessions/{own}/edit" in page) == change


def test_the_one_to_call_is_on_the_page(as_person: AsPerson, world: World) -> None:
    page = as_person(world.ayu).get(f"/sessions/{lecture(world)}").text
    assert "Citra Dewi" in page
    assert "https://wa.me/62812" in page


def next_of(person: int, at: datetime) -> int | None:
    with reading() as db:
        card = listing.next_session(db, person, at)
    return card.session.id if card else None


def test_the_next_session_is_the_one_whose_doors_are_not_closed(world: World) -> None:
    first = lecture(world)
    second = lecture(world, starts_at=NINE + timedelta(days=1))
    lecture(world, starts_at=NINE - timedelta(days=1), status="cancelled")
    assert next_of(world.ayu, NINE - timedelta(days=2)) == first
    assert next_of(world.ayu, NINE + timedelta(minutes=119)) == first
    assert next_of(world.ayu, NINE + timedelta(minutes=120)) == second
    assert next_of(world.ayu, NINE + timedelta(days=2)) is None
    assert next_of(world.mallory, NINE) is None


def test_a_session_in_progress_comes_before_one_that_overruns(world: World) -> None:
    first = lecture(world)
    second = lecture(world, starts_at=NINE + timedelta(minutes=105))
    assert next_of(world.ayu, NINE + timedelta(minutes=89)) == first
    assert next_of(world.ayu, NINE + timedelta(minutes=95)) == second


def test_who_teaches_without_being_enrolled_has_a_next_session_too(world: World) -> None:
    own = lecture(world)
    with writing() as db:
        guest = make_person(db, "Narasumber").id
        teach(db, own, guest)
        later = make_person(db, "Late Comer").id
        enrol(db, world.batch, later, starts_at=NINE + timedelta(days=1))
    assert next_of(guest, NINE) == own
    assert next_of(later, NINE) is None
