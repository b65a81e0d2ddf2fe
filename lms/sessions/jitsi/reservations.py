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
# The server ends a room on the minute its duration is over and cannot be told of a longer one: this much may a lecture
# be extended without everybody being thrown out and let in again. Who may enter is still a matter of the doors.
EXTENDABLE = timedelta(hours=1)


@dataclass(frozen=True)
class Reservation:
    """A room's reservation as we know it: `id` of [A-Za-z0-9_-], never a number, since Lua would make it 55.0."""

    id: str
    room: str
    opens: datetime
    closes: datetime
    cancelled: bool = False
    # Where the session meets; a room has no business on another server.
    elsewhere: str = ""
    # Since when a room of this reservation is open as far as we were told; None: none is.
    open_since: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, and the JSON object (with `said` its message still to be worded)."""

    status: int
    body: Mapping[str, Any]
    said: Said | None = None

    @property
    def opens_room(self) -> bool:
        """Return whether the server will open the room on this answer."""
        return self.status == 200


def reservation_id(session_id: int) -> str:
    return f"session-{session_id}"


def session_id_of(reservation: str) -> int | None:
    """Return the session that a reservation's id names, or None for anything else."""
    number = reservation.removeprefix("session-")
    is_ours = number != reservation and number.isascii() and number.isdecimal() and len(number) < 10
    return int(number) if is_ours else None


def answer(asked_name: str, owner: str, found: Reservation | None, *, at: datetime) -> Answer:
    """Return what to answer to POST …/conference for this room at this instant.

    All of id, name, mail_owner, start_time and duration are required; the name must equal the asked one; a start
    plus duration in the past would read as "expired". So the start is when the room opened for us and the
    duration reaches beyond the end of the doors. A room that we think open already (its server was killed and
    could not say that it is gone) is a conflict: the server then asks for the reservation it is pointed to.
    """
    if found is None:
        return Answer(404, {}, Said("reservation_unknown_room"))
    if found.elsewhere:
        return Answer(403, {}, Said("reservation_elsewhere", {"server": found.elsewhere}))
    refusal = _refusal(found, at)
    if refusal is not None:
        return refusal
    if found.open_since is not None:
        return Answer(409, {"conflict_id": found.id})
    return Answer(200, _object(found, asked_name, owner))


def conference(found: Reservation, owner: str, *, at: datetime) -> Answer:
    """Return what to answer to GET …/conference/<id>, which only follows a 409."""
    return _refusal(found, at) or Answer(200, _object(found, found.room, owner))


def provisioning(is_open: bool) -> dict[str, Any]:
    """Return how JaaS shall make a room (its SETTINGS_PROVISIONING): a guest's name is hidden, nobody only watches."""
    lobby = {"lobbyEnabled": False} if is_open else {"lobbyEnabled": True, "lobbyType": "WAIT_FOR_MODERATOR"}
    return lobby | {"visitorsEnabled": False, "hideDisplayName": "GUEST"}


def _refusal(found: Reservation, at: datetime) -> Answer | None:
    if found.cancelled:
        return Answer(403, {}, Said("reservation_cancelled"))
    if at < found.opens - OPENS_BEFORE_DOORS:
        return Answer(403, {}, Said("reservation_too_early", {"opens": found.opens}))
    if at >= found.closes:
        return Answer(403, {}, Said("reservation_over"))
    return None


def _object(found: Reservation, name: str, owner: str) -> dict[str, Any]:
    opens = found.opens - OPENS_BEFORE_DOORS
    return {
        "id": found.id,
        "name": name,
        "mail_owner": owner or "jembatan",
        "start_time": opens.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "duration": int((found.closes + EXTENDABLE - opens).total_seconds()),
    }
