"""What a meeting server posts → one kind of event, whichever server it is.

Two senders: Prosody's event_sync component (self-hosted; integer Unix seconds, no signature, no event id) and JaaS
webhooks (milliseconds, an idempotency key). Any bytes may arrive: nothing here raises but `Invalid`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from lms.kernel.errors import Invalid, Problem

# An event's own time may be this far ahead of our clock before it is called nonsense.
AHEAD = timedelta(minutes=10)
LONGEST_TEXT = 300
MOST_OCCUPANTS = 2000
# Half a character, which JSON can spell (\\ud800) and no database can store.
_SURROGATE = re.compile("[\\ud800-\\udfff]")


class What(StrEnum):
    """What happened. OTHER is stored and not interpreted."""

    ROOM_CREATED = "room_created"
    ROOM_DESTROYED = "room_destroyed"
    JOINED = "joined"
    LEFT = "left"
    LOBBY_JOINED = "lobby_joined"
    LOBBY_LEFT = "lobby_left"
    RECORDING_UPLOADED = "recording_uploaded"
    TRANSCRIPTION_UPLOADED = "transcription_uploaded"
    CHAT_UPLOADED = "chat_uploaded"
    OTHER = "other"


def is_recorder(jid: str, person: str) -> bool:
    """Return whether an occupant is Jibri, which event_sync tells of like a person: it signs in under an account of its
    own (docker's and the quick install's `recorder`), people under random ones, and it has no token."""
    return not person and jid.partition("@")[0] == "recorder"


@dataclass(frozen=True)
class Occupant:
    """One stay of one occupant: who by the token (`person`: our id as text, None for a guest), from when to when."""

    jid: str
    person: str | None
    name: str
    joined_at: datetime | None
    left_at: datetime | None = None


@dataclass(frozen=True)
class ServerEvent:
    """One event as we understand it. `key` is its identity: told twice, stored once. `room` is the bare room name."""

    key: str
    what: What
    room: str
    at: datetime
    breakout: str = ""
    occupants: tuple[Occupant, ...] = ()
    name: str = ""


_EVENT_SYNC = {
    "muc-room-created": What.ROOM_CREATED,
    "muc-room-destroyed": What.ROOM_DESTROYED,
    "muc-occupant-joined": What.JOINED,
    "muc-occupant-left": What.LEFT,
}

_JAAS = {
    "ROOM_CREATED": What.ROOM_CREATED,
    "ROOM_DESTROYED": What.ROOM_DESTROYED,
    "PARTICIPANT_JOINED": What.JOINED,
    "PARTICIPANT_LEFT": What.LEFT,
    "PARTICIPANT_JOINED_LOBBY": What.LOBBY_JOINED,
    "PARTICIPANT_LEFT_LOBBY": What.LOBBY_LEFT,
    "RECORDING_UPLOADED": What.RECORDING_UPLOADED,
    "TRANSCRIPTION_UPLOADED": What.TRANSCRIPTION_UPLOADED,
    "CHAT_UPLOADED": What.CHAT_UPLOADED,
}


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return the body as a JSON object. Raises Invalid (`event_not_json`) for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid(Problem.of("event_not_json")) from None
    if not isinstance(found, dict):
        raise Invalid(Problem.of("event_not_json"))
    return found


def read_event_sync(body: bytes, *, at: datetime) -> ServerEvent:
    """Return one event of Prosody's event_sync. Raises Invalid for a body that is none.

    A stay is known by (room, breakout, occupant, joined_at): joined and left of one stay carry the same four, and
    `destroyed` lists one stay per occupant though there may have been more, so it can only close what is open.
    """
    found = read_json(body)
    what = _EVENT_SYNC.get(_text(found, "event_name"))
    if what is None:
        raise Invalid(Problem.of("event_unknown"))
    room_jid = _text(found, "room_jid")
    room = _text(found, "room_name") or room_jid.partition("@")[0]
    breakout = _text(found, "breakout_room_id") if found.get("is_breakout") is True else ""
    if not room or (found.get("is_breakout") is True and not breakout):
        raise Invalid(Problem.of("event_without_room"))
    base = f"{room_jid}|{breakout}"
    if what in (What.JOINED, What.LEFT):
        occupant = _event_sync_occupant(found.get("occupant"), at)
        happened = occupant.joined_at if what is What.JOINED else occupant.left_at
        if occupant.joined_at is None or happened is None:
            raise Invalid(Problem.of("event_without_time"))
        key = f"{what}|{base}|{occupant.jid}|{int(occupant.joined_at.timestamp())}"
        return ServerEvent(key, what, room, happened, breakout, (occupant,))
    created = _seconds(found, "created_at", at)
    happened = created if what is What.ROOM_CREATED else _seconds(found, "destroyed_at", at)
    if happened is None:
        raise Invalid(Problem.of("event_without_time"))
    everyone = found.get("all_occupants")
    listed = everyone[:MOST_OCCUPANTS] if isinstance(everyone, list) else []
    stays = tuple(_event_sync_occupant(one, at) for one in listed)
    began = int((created or happened).timestamp())
    return ServerEvent(f"{what}|{base}|{began}", what, room, happened, breakout, stays)


def _event_sync_occupant(found: Any, at: datetime) -> Occupant:
    if not isinstance(found, dict) or not _text(found, "occupant_jid"):
        raise Invalid(Problem.of("event_without_occupant"))
    return Occupant(
        jid=_text(found, "occupant_jid"),
        person=_text(found, "id") or None,
        name=_text(found, "name"),
        joined_at=_seconds(found, "joined_at", at),
        left_at=_seconds(found, "left_at", at),
    )


def read_jaas(body: bytes, *, at: datetime) -> ServerEvent:
    """Return one JaaS webhook event; types we do not interpret become OTHER. Raises Invalid for a body that is none."""
    found = read_json(body)
    key, kind = _text(found, "idempotencyKey"), _text(found, "eventType")
    happened = _instant(found.get("timestamp"), 1000, at)
    if not key or not kind or happened is None:
        raise Invalid(Problem.of("event_envelope"))
    what = _JAAS.get(kind, What.OTHER)
    told = found.get("data")
    detail = told if isinstance(told, dict) else {}
    room = _text(found, "fqn").rpartition("/")[2]
    breakout = _text(detail, "breakoutRoomId") if detail.get("isBreakout") in (True, "true") else ""
    occupants: tuple[Occupant, ...] = ()
    if what in (What.JOINED, What.LEFT, What.LOBBY_JOINED, What.LOBBY_LEFT):
        jid = _text(detail, "participantFullJid") or _text(detail, "participantJid") or _text(detail, "participantId")
        if not jid or not room:
            raise Invalid(Problem.of("event_without_occupant"))
        comes = what in (What.JOINED, What.LOBBY_JOINED)
        occupants = (
            Occupant(
                jid,
                _text(detail, "id") or None,
                _text(detail, "name"),
                happened if comes else None,
                None if comes else happened,
            ),
        )
    return ServerEvent(f"jaas|{key}", what, room, happened, breakout, occupants, kind)


def read_provisioning(body: bytes) -> str | None:
    """Return the room JaaS asks about before it opens it (SETTINGS_PROVISIONING: no event, an answer is awaited), or
    None for anything else."""
    try:
        found = read_json(body)
    except Invalid:
        return None
    kind, fqn = _text(found, "eventType"), _text(found, "fqn")
    is_asked = kind == "SETTINGS_PROVISIONING" or (not kind and "idempotencyKey" not in found)
    return fqn.rpartition("/")[2] if fqn and is_asked else None


def _text(found: Mapping[str, Any], name: str) -> str:
    """Return a text of bearable length; anything else counts as not given."""
    value = found.get(name)
    if not isinstance(value, str) or "\x00" in value or _SURROGATE.search(value):
        return ""
    return value.strip()[:LONGEST_TEXT]


def _seconds(found: Mapping[str, Any], name: str, at: datetime) -> datetime | None:
    return _instant(found.get(name), 1, at)


def _instant(value: Any, per_second: int, at: datetime) -> datetime | None:
    """Return a Unix number as an instant; None when it is no number or no time this side of sense."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = datetime.fromtimestamp(value / per_second, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return found if datetime(2020, 1, 1, tzinfo=UTC) < found <= at + AHEAD else None
