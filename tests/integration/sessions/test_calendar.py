"""The schedule as a list, the .ics of one session, and a person's feed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.accounts import principal
from lms.accounts.models import Person
from lms.db import writing
from lms.programmes.models import Enrolment
from tests.factories import NINE, World, make_person, make_session

AsPerson = Callable[[int], FlaskClient]


def lecture(world: World, batch: int | None = None, **fields: Any) -> int:
    with writing() as db:
        return make_session(db, batch or world.batch, **fields).id


def feed_path(client: FlaskClient) -> str:
    found = re.search(r'value="http://localhost(/calendar/feed/[^"]+)"', client.get("/calendar").text)
    assert found is not None
    return found[1]


def events(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def test_the_list_shows_ones_own_sessions_by_day(as_person: AsPerson, world: World) -> None:
    lecture(world, title_en="First")
    lecture(world, title_en="Second", starts_at=NINE + timedelta(days=1))
    lecture(world, world.other_batch, title_en="Foreign")
    page = as_person(world.ayu).get("/calendar").text
    days = [page.index(text) for text in ("Tuesday, 1 December 2026", "First", "Wednesday, 2 December 2026", "Second")]
    assert days == sorted(days)
    assert "Foreign" not in page
    assert "09:00–10:30 WITA" in page
    assert "= 09:00–10:30 SGT" in page


def test_past_sessions_stand_on_their_own_page_newest_first(as_person: AsPerson, world: World) -> None:
    lecture(world, title_en="Older", starts_at=NINE - timedelta(days=20))
    lecture(world, title_en="Newer", starts_at=NINE - timedelta(days=10))
    client = as_person(world.ayu)
    assert "Older" not in client.get("/calendar").text
    page = client.get("/calendar?past=1").text
    assert page.index("Newer") < page.index("Older")


def test_a_session_of_this_morning_is_still_in_todays_list(as_person: AsPerson, world: World) -> None:
    lecture(world, title_en="Morning")
    with time_machine.travel(NINE + timedelta(hours=6)):
        assert "Morning" in as_person(world.ayu).get("/calendar").text


def test_the_list_can_be_narrowed_to_a_batch_and_says_so_when_empty(as_person: AsPerson, world: World) -> None:
    lecture(world, title_en="Mine")
    lecture(world, world.other_batch, title_en="Other")
    admin = as_person(world.admin)
    assert "Other" in admin.get("/calendar").text
    assert "Other" not in admin.get(f"/calendar?batch={world.batch}").text
    assert "Other" not in as_person(world.ayu).get(f"/calendar?batch={world.other_batch}").text
    assert "Nothing is scheduled" in as_person(world.ayu).get(f"/calendar?batch={world.other_batch}").text


def test_a_long_list_comes_in_pages(as_person: AsPerson, world: World) -> None:
    for day in range(45):
        lecture(world, title_en=f"Lecture {day:02}", starts_at=NINE + timedelta(days=day))
    client = as_person(world.ayu)
    first, second = client.get("/calendar").text, client.get("/calendar?page=2").text
    assert "Lecture 39" in first
    assert "Lecture 40" not in first
    assert "Lecture 44" in second
    assert client.get("/calendar?page=99").status_code == 200
    assert client.get("/calendar?page=nonsense").status_code == 200


def test_the_list_costs_the_same_for_one_and_for_thirty(as_person: AsPerson, world: World, counted: list[str]) -> None:
    lecture(world)
    client = as_person(world.ayu)
    client.get("/calendar")
    counted.clear()
    client.get("/calendar")
    few = len(counted)
    for day in range(30):
        lecture(world, starts_at=NINE + timedelta(days=day + 1))
    counted.clear()
    client.get("/calendar")
    assert len(counted) == few


def test_one_session_is_handed_out_as_a_file(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    answer = as_person(world.ayu).get(f"/sessions/{own}/session.ics")
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = events(answer.data)
    assert str(event["SUMMARY"]) == "Friendly service"
    assert event["DTSTART"].dt == NINE
    assert str(event["URL"]) == f"http://localhost/sessions/{own}"


def test_a_change_keeps_the_entry_and_raises_its_sequence(as_person: AsPerson, world: World) -> None:
    own = lecture(world)
    client = as_person(world.citra)
    (before,) = events(client.get(f"/sessions/{own}/session.ics").data)
    client.post(f"/sessions/{own}/cancel", data={"reason": "Rain, much of it"})
    answer = client.get(f"/sessions/{own}/session.ics").data
    (after,) = events(answer)
    assert str(before["UID"]) == str(after["UID"])
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert str(after["STATUS"]) == "CANCELLED"
    assert b"METHOD:CANCEL" in answer
    assert "Rain, much of it" in str(after["DESCRIPTION"])


def test_a_feed_needs_no_sign_in_and_shows_ones_own_sessions(
    as_person: AsPerson, client: FlaskClient, world: World
) -> None:
    lecture(world)
    lecture(world, starts_at=NINE + timedelta(days=1), status="cancelled", cancelled_reason="Rain")
    lecture(world, world.other_batch, title_en="Foreign")
    path = feed_path(as_person(world.ayu))
    answer = client.get(path)
    assert answer.status_code == 200
    found = events(answer.data)
    assert sorted(str(event["STATUS"]) for event in found) == ["CANCELLED", "CONFIRMED"]
    assert {str(event["SUMMARY"]) for event in found} == {"Friendly service"}
    assert events(client.get(feed_path(as_person(world.mallory))).data)[0]["SUMMARY"] == "Foreign"


def test_a_feed_cannot_be_guessed_and_ends_with_the_sign_in(
    as_person: AsPerson, client: FlaskClient, world: World
) -> None:
    path = feed_path(as_person(world.ayu))
    for wrong in (
        path.replace(f"/{world.ayu}-", f"/{world.budi}-"),
        path[:-8] + "xxxx.ics",
        "/calendar/feed/x.ics",
        f"/calendar/feed/{world.ayu}-.ics",
        "/calendar/feed/999999-abc.ics",
    ):
        assert client.get(wrong).status_code == 404
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(stamp=Person.stamp + 1))
    principal.forget()
    assert client.get(path).status_code == 404
    fresh = feed_path(as_person(world.ayu))
    assert client.get(fresh).status_code == 200
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(active=False))
    assert client.get(fresh).status_code == 404


def test_who_left_the_batch_keeps_what_took_place_before(
    as_person: AsPerson, client: FlaskClient, world: World
) -> None:
    lecture(world, title_en="Before", starts_at=NINE - timedelta(days=10))
    lecture(world, title_en="After", starts_at=NINE + timedelta(days=10))
    with writing() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == world.budi).values(ends_at=NINE))
    found = events(client.get(feed_path(as_person(world.budi))).data)
    assert [str(event["SUMMARY"]) for event in found] == ["Before"]


def test_somebody_without_any_batch_has_an_empty_feed(as_person: AsPerson, client: FlaskClient, world: World) -> None:
    with writing() as db:
        lonely = make_person(db, "Lonely", role="trainee", scope="batch", scope_id=999).id
    assert events(client.get(feed_path(as_person(lonely))).data) == []
