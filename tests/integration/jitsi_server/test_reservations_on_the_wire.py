"""Reservations in the very bytes Prosody sends, judged by what Prosody was seen to accept."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from lms.db import reading, writing
from lms.sessions.jitsi.reservations import OPENS_BEFORE_DOORS
from lms.sessions.models import LiveSession
from lms.sessions.rules import DOOR_AFTER
from lms.sessions.service import ending
from tests.factories import NINE, World
from tests.integration.jitsi_server.places import BEARER
from tests.integration.jitsi_server.test_posts import MINUTE, ROOM, session

__all__ = ["session"]
# A refusal is kept for the whole room until the next tick of a minute: measured 54 and 60 seconds.
REFUSAL_CACHED = timedelta(seconds=60)
HEADERS = {
    "User-Agent": "Prosody (0.12.3; posix)",
    "Authorization": f"Bearer {BEARER}",
    "Content-Type": "application/x-www-form-urlencoded",
}


def asks(client: FlaskClient, at: datetime, room: str = ROOM) -> Any:
    """Post as Prosody does: fields in any order, escapes in lower case, a random owner."""
    body = (
        f"start_time={at:%Y-%m-%dT%H%%3a%M%%3a%S}.000Z&name={room}"
        "&mail_owner=f2dc68c2-b82f-4bed-ae5f-b893187f9ce2%40meet.lms.test"
    )
    with time_machine.travel(at, tick=False):
        return client.post("/jitsi/reservations/conference", data=body, headers=HEADERS)


def opens(asked: str, answer: Any, at: datetime) -> bool:
    """Return whether Prosody opens the room on this answer, by the rules of mod_reservations."""
    if answer.status_code not in (200, 201):
        return False
    told = answer.get_json()
    assert {"id", "name", "mail_owner", "start_time", "duration"} <= set(told)
    # A number would come back as 55.0, and the id is put into an address unescaped.
    assert isinstance(told["id"], str) and re.fullmatch(r"[A-Za-z0-9_-]+", told["id"])
    assert told["name"].lower() == asked.lower()
    assert told["mail_owner"] == "f2dc68c2-b82f-4bed-ae5f-b893187f9ce2@meet.lms.test"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", told["start_time"])
    assert type(told["duration"]) is int
    # A start plus duration that is past would be "expired" (419).
    return datetime.fromisoformat(told["start_time"]) + timedelta(seconds=told["duration"]) > at


def lecture(session_id: int) -> LiveSession:
    with reading() as db:
        return db.get_one(LiveSession, session_id)


def test_the_room_opens_early_enough_that_no_cached_refusal_meets_the_doors(
    client: FlaskClient, world: World, session: int
) -> None:
    starts = lecture(session).starts_at
    doors = starts - timedelta(minutes=15)
    assert OPENS_BEFORE_DOORS >= 2 * REFUSAL_CACHED
    last_refusal = doors - OPENS_BEFORE_DOORS - timedelta(seconds=1)
    assert not opens(ROOM, asks(client, last_refusal), last_refusal)
    assert last_refusal + REFUSAL_CACHED < doors
    assert opens(ROOM, asks(client, doors), doors)


def test_a_room_named_in_capitals_is_answered_by_the_name_that_was_asked(
    client: FlaskClient, world: World, session: int
) -> None:
    assert opens(ROOM.upper(), asks(client, NINE, ROOM.upper()), NINE)


def test_the_duration_outlasts_extensions_and_the_room_closes_with_the_doors(
    client: FlaskClient, world: World, session: int
) -> None:
    end = lecture(session).ends_at
    told = asks(client, NINE).get_json()
    ends_there = datetime.fromisoformat(told["start_time"]) + timedelta(seconds=told["duration"])
    assert ends_there >= end + DOOR_AFTER + 4 * ending.EXTENSION
    closing = end + DOOR_AFTER
    assert asks(client, closing).status_code == 403
    # Extended at the last minute, whoever is thrown out by the server's timer gets a longer one.
    with writing() as db:
        found = db.get_one(LiveSession, session)
        ending.extend(db, found, sequence=found.sequence, by=world.citra, at=end - MINUTE)
    with time_machine.travel(closing, tick=False):
        client.delete(f"/jitsi/reservations/conference/session-{session}", headers=HEADERS)
    again = asks(client, closing)
    assert opens(ROOM, again, closing)
    assert again.get_json()["duration"] == told["duration"] + 15 * 60


@pytest.mark.parametrize(
    ("minutes", "words"), [(-60, "The room opens on"), (24 * 60, "This session is over"), (5, "cancelled")]
)
def test_a_refusal_is_final_and_says_why_in_both_languages(
    client: FlaskClient, world: World, session: int, minutes: int, words: str
) -> None:
    if words == "cancelled":
        with writing() as db:
            db.get_one(LiveSession, session).status = "cancelled"
    refused = asks(client, NINE + minutes * MINUTE)
    # Never 5xx, which Prosody repeats for nothing, and never 409 without something to conflict with.
    assert refused.status_code == 403
    message = refused.get_json()["message"]
    assert words in message and " / " in message


@pytest.mark.parametrize(
    "body", ["", "name=", "name=%ff%fe", "name=" + "a" * 5000, "&" * 200, "nonsense", "name=x%00y"]
)
def test_a_question_about_no_room_of_ours_is_refused_in_words(
    client: FlaskClient, world: World, session: int, body: str
) -> None:
    answer = client.post("/jitsi/reservations/conference", data=body, headers=HEADERS)
    assert answer.status_code in (400, 404)
    assert answer.status_code == 400 or "not scheduled" in answer.get_json()["message"]
