"""Letters about sessions carry a calendar entry, as the session stands when the letter leaves."""

from collections.abc import Callable
from typing import Any

import icalendar
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms import clock
from lms.accounts.models import Person
from lms.db import reading, writing
from lms.outbox.delivery import compose
from lms.outbox.models import Message
from tests.factories import World, make_session

AsPerson = Callable[[int], FlaskClient]


def letter(app: Flask, person_id: int, template: str) -> Any:
    with app.app_context():
        with reading() as db:
            message = db.scalars(
                select(Message).where(Message.person_id == person_id, Message.template == template)
            ).one()
            person = db.get_one(Person, person_id)
        assert person.email is not None
        return compose(app.config["SETTINGS"], message, person, person.email, clock.now())


def entry(mail: Any) -> tuple[Any, Any]:
    """Return the calendar part of a letter and the event in it."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    (event,) = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
    return part, event


def cancel(as_person: AsPerson, world: World) -> int:
    with writing() as db:
        own = make_session(db, world.batch).id
    as_person(world.citra).post(f"/sessions/{own}/cancel", data={"reason": "The speaker is ill."})
    return own


def test_a_cancellation_takes_the_entry_out_of_the_readers_calendar(
    app: Flask, as_person: AsPerson, world: World
) -> None:
    own = cancel(as_person, world)
    mail = letter(app, world.ayu, "session_cancelled")
    assert mail["Subject"] == "Session cancelled: Friendly service, 1 December 2026 09:00 WITA"
    words = mail.get_body(("plain",)).get_content()
    assert "Reason: The speaker is ill." in words
    assert f"http://localhost/sessions/{own}" in words
    part, event = entry(mail)
    assert part.get_param("method") == "CANCEL"
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 1)
    with reading() as db:
        address = db.get_one(Person, world.ayu).email
    assert str(event["ATTENDEE"]) == f"mailto:{address}"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["jembatan.ics"]


def test_a_letter_that_leaves_late_does_not_bring_back_what_was_undone(
    app: Flask, as_person: AsPerson, world: World
) -> None:
    own = cancel(as_person, world)
    as_person(world.citra).post(f"/sessions/{own}/restore")
    part, event = entry(letter(app, world.budi, "session_cancelled"))
    assert part.get_param("method") == "REQUEST"
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CONFIRMED", 2)


def test_a_letter_is_worded_for_its_readers_zone(app: Flask, as_person: AsPerson, world: World) -> None:
    cancel(as_person, world)
    assert letter(app, world.iskandar, "session_cancelled")["Subject"].endswith("09:00 SGT")
