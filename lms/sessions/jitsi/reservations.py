"""What Prosody's `mod_reservations` asks before it opens a room, and the answers it understands.

It authorises the *room*, never the person (`mail_owner` is a random name under token sign-in); who may enter is
decided by tokens. A refusal is cached for the whole room for up to a minute, so rooms open a little early.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lms.kernel.errors import Said

# Earlier than the doors, so that a trainee's curious click cannot lock the teacher out by a cached refusal.
OPENS_BEFORE_DOORS = timedelta(minutes=5)


@dataclass(frozen=True)
class Reservation:
    """A room's reservation as we know it: `id` of [A-Za-z0-9_-], never a number, since Lua would make it 55.0."""

    id: str
    room: str
    opens: datetime
    closes: datetime
    cancelled: bool = False


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, and the JSON object (with `said` its message still to be worded)."""

    status: int
    body: Mapping[str, Any]
    said: Said | None = None


def reservation_id(session_id: int) -> str:
    return f"session-{session_id}"


def answer(asked_name: str, owner: str, found: Reservation | None, *, at: datetime) -> Answer:
    """Return what to answer to POST …/conference for this room at this instant.

    All of id, name, mail_owner, start_time and duration are required; the name must equal the asked one; a start
    plus duration in the past would read as "expired". So the start is when the room opened for us and the
    duration reaches to the end of the doors, the allowance for overrunning included.
    """
    if found is None:
        return Answer(404, {}, Said("reservation_unknown_room"))
    if found.cancelled:
        return Answer(403, {}, Said("reservation_cancelled"))
    opens = found.opens - OPENS_BEFORE_DOORS
    if at < opens:
        return Answer(403, {}, Said("reservation_too_early", {"opens": found.opens}))
    if at >= found.closes:
        return Answer(403, {}, Said("reservation_over"))
    return Answer(200, _object(found, asked_name, owner, opens))


def conference(found: Reservation, owner: str) -> Answer:
    """Return what to answer to GET …/conference/<id>, which only follows a 409."""
    return Answer(200, _object(found, found.room, owner, found.opens - OPENS_BEFORE_DOORS))


def _object(found: Reservation, name: str, owner: str, opens: datetime) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": name,
        "mail_owner": owner or "jembatan",
        "start_time": opens.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "duration": int((found.closes - opens).total_seconds()),
    }
