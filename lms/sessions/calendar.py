"""Sessions as iCalendar (RFC 5545): one entry, or a person's feed at an address only they know."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

# Both cities are eight hours ahead of UTC and know no summer time; calendars show the reader's own zone anyway.
ZONE = ZoneInfo("Asia/Makassar")
PRODUCT = "-//Jembatan//Balikpapan//ID"
REMINDER = timedelta(minutes=30)


class Method(StrEnum):
    """RFC 5546: what the receiver's calendar is to do. PUBLISH shows, REQUEST invites, CANCEL takes away."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Entry:
    """A session as a calendar shows it. `uid` never changes; `sequence` rises with every change."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    url: str
    notes: str
    cancelled: bool
    changed_at: datetime


@dataclass(frozen=True)
class Address:
    """A name with its e-mail address."""

    name: str
    email: str


def write(
    entries: Iterable[Entry],
    *,
    method: Method,
    at: datetime,
    name: str = "",
    organizer: Address | None = None,
    attendee: Address | None = None,
) -> bytes:
    """Return the .ics file: CRLF, folded, escaped, with the zone's VTIMEZONE.

    An invitation (REQUEST, CANCEL by mail) names organizer and attendee; each attendee gets a copy of
    their own, or everybody's address would leak.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, at, organizer, attendee))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def feed_token(secret: str, person_id: int, stamp: int) -> str:
    """Return the part of a feed's address that nobody can guess: `7-…`.

    Derived, not stored: whoever signs out everywhere or changes the password also gets a new address.
    """
    digest = hmac.new(secret.encode(), f"calendar-feed:{person_id}:{stamp}".encode(), hashlib.sha256).digest()
    return f"{person_id}-{urlsafe_b64encode(digest[:24]).decode()}"


def feed_owner(token: str) -> int | None:
    """Return whose feed the token claims to be, not yet checked; None for nonsense."""
    person_id, _, rest = token.partition("-")
    return int(person_id) if rest and person_id.isascii() and person_id.isdecimal() and len(person_id) < 12 else None


def is_feed_token(token: str, secret: str, person_id: int, stamp: int) -> bool:
    """Return whether the token is this person's; compared in constant time."""
    return hmac.compare_digest(token.encode(), feed_token(secret, person_id, stamp).encode())


def _event(entry: Entry, at: datetime, organizer: Address | None, attendee: Address | None) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", at)
    event.add("last-modified", entry.changed_at)
    event.add("summary", entry.title)
    event.add("dtstart", entry.starts_at.astimezone(ZONE))
    event.add("dtend", entry.ends_at.astimezone(ZONE))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # The address stands where people look for it: most calendars ignore RFC 7986's CONFERENCE.
    event.add("location", entry.place or entry.url)
    event.add("description", "\n".join(part for part in (entry.notes, entry.url) if part))
    event.add("url", entry.url)
    if organizer is not None:
        event.add("organizer", _address(organizer))
    if attendee is not None:
        event.add(
            "attendee",
            _address(attendee),
            parameters={"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"},
        )
    if not entry.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.title)
        alarm.add("trigger", -REMINDER)
        event.add_component(alarm)
    return event


def _address(who: Address) -> vCalAddress:
    address = vCalAddress(f"mailto:{who.email}")
    address.params["CN"] = vText(who.name)
    return address
