"""Repeated sessions: their days are shown first, all are made together, and changed alone or from one on."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms import clock
from lms.accounts.models import AuditEntry, Person
from lms.db import reading, writing
from lms.outbox.delivery import compose
from lms.outbox.models import Message
from lms.sessions.models import LiveSession, SessionInstructor
from tests.factories import NINE, World, make_session

AsPerson = Callable[[int], FlaskClient]
DAY = timedelta(days=1)
FORM: dict[str, Any] = {
    "mode": "teleconference",
    "title_id": "Klinik layanan",
    "title_en": "Service clinic",
    "zone": "Asia/Makassar",
    "on": "2026-12-01",
    "starts": "09:00",
    "ends": "10:30",
    "place": "",
    "repeat": "weekly",
    "times": "4",
    "until": "",
}
DAYS = ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"]
SIGNED = {"previewed": "weekly|4||2026-12-01"}


@pytest.fixture(autouse=True)
def november() -> Any:
    with time_machine.travel(NINE - 7 * DAY, tick=False):
        yield


def all_sessions() -> list[LiveSession]:
    with reading() as db:
        return list(db.scalars(select(LiveSession).order_by(LiveSession.starts_at)))


def messages(template: str) -> list[Message]:
    with reading() as db:
        return list(db.scalars(select(Message).where(Message.template == template).order_by(Message.person_id)))


def make_series(client: FlaskClient, world: World, days: list[str] = DAYS, **changed: Any) -> list[LiveSession]:
    form = FORM | SIGNED | {"dates": days, "instructor_ids": [str(world.iskandar)]} | changed
    answer = client.post(f"/batches/{world.batch}/sessions/new", data=form)
    assert answer.status_code == 302, answer.text
    return all_sessions()


def edit(client: FlaskClient, session: LiveSession, world: World, reach: str = "following", **changed: Any) -> Any:
    form = FORM | {"sequence": str(session.sequence), "reach": reach, "instructor_ids": [str(world.iskandar)]} | changed
    return client.post(f"/sessions/{session.id}/edit", data=form)


def test_days_are_shown_before_anything_is_stored(as_person: AsPerson, world: World) -> None:
    with writing() as db:
        make_session(db, world.batch, starts_at=NINE + 7 * DAY + timedelta(hours=1))
    page = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM)
    assert page.status_code == 200
    assert re.findall(r'name="dates" value="([\d-]+)" checked', page.text) == DAYS
    assert page.text.count("the batch has a session at that time") == 1
    assert len(all_sessions()) == 1
    assert messages("series_scheduled") == []


def test_all_are_made_together_each_with_a_room_and_uid_of_its_own(as_person: AsPerson, world: World) -> None:
    made = make_series(as_person(world.citra), world)
    assert [session.starts_at for session in made] == [NINE + 7 * n * DAY for n in range(4)]
    assert len({session.room_name for session in made}) == len({session.uid for session in made}) == 4
    assert len({session.series for session in made}) == 1 and made[0].series
    with reading() as db:
        assert len(db.scalars(select(SessionInstructor)).all()) == 4
        acts = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert acts == ["session_scheduled"] * 4 + ["series_scheduled"]


def test_days_without_a_tick_are_left_out(as_person: AsPerson, world: World) -> None:
    made = make_series(as_person(world.citra), world, days=[DAYS[0], DAYS[3]])
    assert [session.starts_at for session in made] == [NINE, NINE + 21 * DAY]


def test_everyone_is_told_once_with_every_entry_for_the_calendar(app: Flask, as_person: AsPerson, world: World) -> None:
    make_series(as_person(world.citra), world)
    letters = messages("series_scheduled")
    assert [letter.person_id for letter in letters] == sorted([world.ayu, world.budi, world.iskandar])
    assert messages("session_scheduled") == []
    with app.app_context():
        with reading() as db:
            ayu = db.get_one(Person, world.ayu)
        mail = compose(app.config["SETTINGS"], letters[0], ayu, str(ayu.email), clock.now())
    assert mail["Subject"] == "4 new sessions: Service clinic, from 1 December 2026 09:00 WITA"
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "PUBLISH"
    events = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert len({event["uid"] for event in events}) == 4
    assert "4 new sessions" in as_person(world.ayu).get("/notices").text


def test_a_changed_form_shows_its_days_anew(as_person: AsPerson, world: World) -> None:
    form = FORM | SIGNED | {"dates": DAYS, "on": "2026-12-02"}
    page = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=form)
    assert page.status_code == 200
    assert re.findall(r'name="dates" value="([\d-]+)" checked', page.text)[0] == "2026-12-02"
    assert all_sessions() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"times": ""}, "how many times"),
        ({"times": "500"}, ""),
        ({"until": "2026-11-01"}, "after the first"),
        ({"repeat": "hourly"}, ""),
        (SIGNED | {"dates": []}, "at least one day"),
        (SIGNED | {"dates": DAYS, "instructor_ids": ["999"]}, "enrolled in this batch"),
    ],
)
def test_nonsense_is_refused_and_none_of_them_is_stored(
    as_person: AsPerson, world: World, changed: dict[str, Any], words: str
) -> None:
    page = as_person(world.citra).post(f"/batches/{world.batch}/sessions/new", data=FORM | changed)
    assert page.status_code == 422
    assert words in page.text
    assert all_sessions() == []
    assert messages("series_scheduled") == []


def test_strangers_and_trainees_repeat_nothing(as_person: AsPerson, world: World) -> None:
    form = FORM | SIGNED | {"dates": DAYS}
    assert as_person(world.mallory).post(f"/batches/{world.batch}/sessions/new", data=form).status_code == 404
    assert as_person(world.ayu).post(f"/batches/{world.batch}/sessions/new", data=form).status_code == 403
    assert all_sessions() == []


def test_this_and_following_move_together_and_keep_their_distance(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    second = make_series(citra, world)[1]
    answer = edit(citra, second, world, on="2026-12-10", starts="13:00", ends="14:00", title_en="Clinic, later")
    assert answer.status_code == 302
    found = all_sessions()
    at_one = NINE + timedelta(hours=4)
    assert [session.starts_at for session in found] == [NINE, at_one + 9 * DAY, at_one + 16 * DAY, at_one + 23 * DAY]
    assert [session.title_en for session in found] == ["Service clinic"] + ["Clinic, later"] * 3
    assert [session.sequence for session in found] == [0, 1, 1, 1]
    told = messages("series_moved")
    assert len(told) == 3 and told[0].params["n"] == 3


def test_one_alone_leaves_the_others_as_they_are(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    second = make_series(citra, world)[1]
    edit(citra, second, world, reach="", on="2026-12-09")
    assert [session.starts_at for session in all_sessions()] == [NINE, NINE + 8 * DAY, NINE + 14 * DAY, NINE + 21 * DAY]
    assert len(messages("session_moved")) == 3
    assert messages("series_moved") == []


def test_a_typing_error_in_all_bothers_nobody(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    first = make_series(citra, world)[0]
    edit(citra, first, world, title_en="Clinic of service")
    assert {session.title_en for session in all_sessions()} == {"Clinic of service"}
    assert messages("series_moved") == []


def test_what_is_over_or_cancelled_is_left_alone(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    made = make_series(citra, world)
    citra.post(f"/sessions/{made[2].id}/cancel", data={"reason": "A holiday"})
    with time_machine.travel(NINE + DAY, tick=False):
        edit(as_person(world.citra), made[1], world, on="2026-12-08", starts="08:00", ends="09:00")
    found = all_sessions()
    assert [session.starts_at.hour for session in found] == [1, 0, 1, 0]


def test_one_that_refuses_keeps_all_as_they_are(as_person: AsPerson, world: World) -> None:
    citra = as_person(world.citra)
    made = make_series(citra, world)
    with writing() as db:
        db.get_one(LiveSession, made[2].id).has_evidence = True
    answer = edit(citra, made[0], world, mode="in_person", place="Aula")
    assert answer.status_code == 422
    assert {session.mode for session in all_sessions()} == {"teleconference"}
    late = edit(citra, made[0], world, sequence="7", starts="08:00")
    assert late.status_code == 422
    assert {session.sequence for session in all_sessions()} == {0}


def test_a_session_tells_its_place_in_the_series(as_person: AsPerson, world: World) -> None:
    second = make_series(as_person(world.citra), world)[1]
    page = as_person(world.ayu).get(f"/sessions/{second.id}").text
    assert "2 of 4" in page
    assert "the 2 that follow" in as_person(world.citra).get(f"/sessions/{second.id}/edit").text
