"""Sessions as iCalendar, and the address of a person's feed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from lms.sessions.calendar import Address, Entry, Method, feed_owner, feed_token, is_feed_token, write

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def entry(**changed: Any) -> Entry:
    values: dict[str, Any] = {
        "uid": "a@jembatan",
        "sequence": 2,
        "title": "Antrean; keluhan, dan \\ jawaban yang panjang sekali sampai barisnya harus dilipat",
        "starts_at": NINE,
        "ends_at": NINE + timedelta(minutes=90),
        "place": "",
        "url": "https://lms.example/sessions/7",
        "notes": "Pelayanan Prima · Angkatan I",
        "cancelled": False,
        "changed_at": NINE - timedelta(days=1),
    }
    return Entry(**(values | changed))


def read(content: bytes) -> Any:
    return icalendar.Calendar.from_ical(content)


def test_an_entry_reads_back_as_it_was() -> None:
    calendar = read(write([entry()], method=Method.PUBLISH, at=NINE))
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert (str(event["UID"]), int(event["SEQUENCE"])) == ("a@jembatan", 2)
    assert str(event["SUMMARY"]) == entry().title
    assert event["DTSTART"].dt == NINE
    assert event["DTEND"].dt == NINE + timedelta(minutes=90)
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["LOCATION"]) == entry().url
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Makassar"]


def test_lines_end_with_crlf_and_are_folded_at_75_octets() -> None:
    content = write([entry(title="é" * 100)], method=Method.PUBLISH, at=NINE)
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert all(len(line) <= 75 for line in lines)


def test_a_cancelled_session_takes_its_entry_away_and_reminds_nobody() -> None:
    (event,) = read(write([entry(cancelled=True, sequence=3)], method=Method.CANCEL, at=NINE)).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"
    assert not event.walk("VALARM")


def test_an_invitation_names_one_attendee_only() -> None:
    content = write(
        [entry(place="Aula")],
        method=Method.REQUEST,
        at=NINE,
        organizer=Address("BKPSDM", "bkpsdm@balikpapan.example"),
        attendee=Address("Dr. Ayu, M.Si.", "ayu@example.test"),
    )
    (event,) = read(content).walk("VEVENT")
    assert str(event["ATTENDEE"]) == "mailto:ayu@example.test"
    assert event["ATTENDEE"].params["CN"] == "Dr. Ayu, M.Si."
    assert str(event["ORGANIZER"]) == "mailto:bkpsdm@balikpapan.example"
    assert str(event["LOCATION"]) == "Aula"
    assert entry().url in str(event["DESCRIPTION"])


def test_a_feed_names_itself_and_may_be_empty() -> None:
    assert str(read(write([], method=Method.PUBLISH, at=NINE, name="Jembatan"))["X-WR-CALNAME"]) == "Jembatan"


def test_a_feed_address_belongs_to_one_person_secret_and_sign_in() -> None:
    token = feed_token("secret", 7, 1)
    assert feed_owner(token) == 7
    assert is_feed_token(token, "secret", 7, 1)
    assert not is_feed_token(token, "secret", 7, 2)
    assert not is_feed_token(token, "other", 7, 1)
    assert not is_feed_token(token.replace("7-", "8-"), "secret", 8, 1)
    assert len(token) > 30


@pytest.mark.parametrize("token", ["", "7", "7-", "x-abc", "-abc", "٧-abc", "9" * 20 + "-abc"])
def test_nonsense_is_nobodys_feed(token: str) -> None:
    assert feed_owner(token) is None
