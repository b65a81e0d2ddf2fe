"""What a stored event of a meeting server means to the people who lead the session: a line with a moment, or nothing.

Names are those the server gives: of people who signed in here they come from the token, of guests from the guest.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lms.sessions.jitsi.wire import is_recorder

# For how long JaaS keeps a file behind the link it sends.
LINK_LIVES = timedelta(hours=24)
LONGEST_WORDS = 200
MOST_SPEAKERS = 100


@dataclass(frozen=True)
class Line:
    """One thing that happened. `link` leads to a file on the meeting server while it lives; `weighty` lines stand on
    the session's page, the others on the page of all."""

    at: datetime
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    link_until: datetime | None = None
    weighty: bool = True


@dataclass(frozen=True)
class Story:
    """Everything a server told of one session, in the order in which it happened.

    `speaking`: who held the floor for how long, the longest first. `others`: events that mean nothing to a lecture,
    by their kind and number. `waiting`: who knocks at the lobby now.
    """

    lines: tuple[Line, ...] = ()
    speaking: tuple[tuple[str, timedelta], ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    waiting: tuple[str, ...] = ()
    came: int = 0


@dataclass(frozen=True)
class Stored:
    """An event as it was stored."""

    sender: str
    happened_at: datetime
    body: str


# Event of JaaS → the sentence it becomes; whom it is about stands in `who`.
_SENTENCES = {
    "RECORDING_STARTED": "told_recording_started",
    "RECORDING_ENDED": "told_recording_ended",
    "RECORDING_UPLOADED": "told_recording_ready",
    "LIVE_STREAM_STARTED": "told_stream_started",
    "LIVE_STREAM_ENDED": "told_stream_ended",
    "TRANSCRIPTION_UPLOADED": "told_transcript_ready",
    "CHAT_UPLOADED": "told_chat_ready",
    "DIAL_IN_STARTED": "told_phone_came",
    "DIAL_IN_ENDED": "told_phone_left",
    "DIAL_OUT_STARTED": "told_phone_came",
    "DIAL_OUT_ENDED": "told_phone_left",
    "SIP_CALL_IN_STARTED": "told_phone_came",
    "SIP_CALL_IN_ENDED": "told_phone_left",
    "SIP_CALL_OUT_STARTED": "told_phone_came",
    "SIP_CALL_OUT_ENDED": "told_phone_left",
    "POLL_CREATED": "told_poll",
    "DOCUMENT_ADDED": "told_document_added",
    "DOCUMENT_DELETED": "told_document_deleted",
    "FEEDBACK": "told_feedback",
}
# What a server says of why somebody left → our sentence.
_LEAVINGS = {
    "kicked": "told_removed",
    "unrecoverable_error": "told_broke_off",
    "switch_room": "told_moved",
}
# The recorder of a server of one's own comes and goes like a person, and nothing else is told of a recording there.
_RECORDER = {"PARTICIPANT_JOINED": "RECORDING_STARTED", "PARTICIPANT_LEFT": "RECORDING_ENDED"}
_LIGHT = frozenset({"told_came", "told_left", "told_moved", "told_room_opened_breakout", "told_room_closed_breakout"})


def tell(events: Iterable[Stored], *, at: datetime) -> Story:
    """Return the story of one session's events; what cannot be read is left out. `at` decides which links still live
    and who waits."""
    lines: list[Line] = []
    speaking: dict[str, timedelta] = {}
    others: dict[str, int] = {}
    waiting: dict[str, str] = {}
    came: set[str] = set()
    names: dict[str, str] = {}
    for event in sorted(events, key=lambda one: one.happened_at):
        told = _object(event.body)
        if told is None:
            continue
        kind, detail = _kind_and_detail(event.sender, told)
        who = _name(detail)
        key = _text(detail, "participantJid") or _text(detail, "occupant_jid") or _text(detail, "participantId")
        if is_recorder(key, _text(detail, "id")):
            kind = _RECORDER.get(kind, kind)
        if key:
            names.setdefault(key, who)
            names.setdefault(_text(detail, "participantId") or key, who)
        if kind in ("PARTICIPANT_JOINED", "PARTICIPANT_LEFT"):
            came.add(_text(detail, "id") or key)
        if kind == "PARTICIPANT_JOINED_LOBBY":
            waiting[key] = who
        elif kind in ("PARTICIPANT_LEFT_LOBBY", "PARTICIPANT_JOINED"):
            waiting.pop(key, None)
        for speaker, seconds in _speech(kind, told, detail):
            speaking[speaker] = speaking.get(speaker, timedelta(0)) + seconds
        line = _line(kind, who, detail, names, event.happened_at, at)
        if line is not None:
            lines.append(line)
        elif kind != "SPEAKER_STATS":
            others[kind] = others.get(kind, 0) + 1
    longest = sorted(speaking.items(), key=lambda one: (-one[1], one[0]))
    return Story(
        tuple(lines),
        tuple((name, length) for name, length in longest[:MOST_SPEAKERS] if length >= timedelta(seconds=1)),
        tuple(sorted(others.items())),
        tuple(waiting.values()),
        len(came),
    )


def _line(
    kind: str, who: str, detail: Mapping[str, Any], names: Mapping[str, str], when: datetime, at: datetime
) -> Line | None:
    """Return what this event means, or None where it means nothing to a lecture."""
    code, params = _sentence(kind, who, detail, names)
    if not code:
        return None
    link = _text(detail, "preAuthenticatedLink", 2000)
    if not link.startswith("https://"):
        return Line(when, code, params, weighty=code not in _LIGHT)
    until = when + LINK_LIVES
    return Line(when, code, params, link if at < until else "", until)


def _sentence(
    kind: str, who: str, detail: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[str, Mapping[str, Any]]:
    person = {"who": who}
    is_apart = bool(_text(detail, "breakoutRoomId") or _text(detail, "breakout_room_id"))
    match kind:
        case "ROOM_CREATED":
            return ("told_room_opened_breakout" if is_apart else "told_room_opened"), {}
        case "ROOM_DESTROYED":
            return ("told_room_closed_breakout" if is_apart else "told_room_closed"), {}
        case "PARTICIPANT_JOINED":
            return ("told_came", person) if _text(detail, "id") else ("told_guest_came", person)
        case "PARTICIPANT_LEFT":
            return _LEAVINGS.get(_text(detail, "disconnectReason"), "told_left"), person
        case "PARTICIPANT_JOINED_LOBBY":
            return "told_knocks", person
        case "PARTICIPANT_LEFT_LOBBY":
            return "told_knocks_no_more", person
        case "ROLE_CHANGED":
            made = {"who": _party(detail, "grantedTo", names), "by": _party(detail, "grantedBy", names)}
            is_moderator = _text(detail, "role") in ("moderator", "owner")
            return ("told_moderator" if is_moderator else "told_no_moderator"), made
        case "RECORDING_UPLOADED":
            return _SENTENCES[kind], {"length": timedelta(seconds=_number(detail, "durationSec"))}
        case "FEEDBACK":
            words = _text(detail, "comments")
            return ("told_feedback_words" if words else "told_feedback"), {
                "stars": int(_number(detail, "rating")),
                "words": words,
            }
        case "POLL_CREATED":
            return _SENTENCES[kind], {"question": _text(detail, "question") or "–"}
        case _:
            return _SENTENCES.get(kind, ""), person


_EVENT_SYNC = {
    "muc-room-created": "ROOM_CREATED",
    "muc-room-destroyed": "ROOM_DESTROYED",
    "muc-occupant-joined": "PARTICIPANT_JOINED",
    "muc-occupant-left": "PARTICIPANT_LEFT",
}


def _kind_and_detail(sender: str, told: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the event in JaaS's terms, whoever sent it."""
    if sender == "jaas":
        detail = told.get("data")
        return _text(told, "eventType"), detail if isinstance(detail, dict) else {}
    occupant = told.get("occupant")
    place = {"breakout_room_id": told.get("breakout_room_id")}
    return _EVENT_SYNC.get(_text(told, "event_name"), ""), place | (occupant if isinstance(occupant, dict) else {})


def _speech(kind: str, told: Mapping[str, Any], detail: Mapping[str, Any]) -> Iterable[tuple[str, timedelta]]:
    """Yield who spoke for how long by this event: event_sync tells it with each `left`, JaaS once for all."""
    if kind == "PARTICIPANT_LEFT" and "total_dominant_speaker_time" in detail:
        yield _name(detail), timedelta(milliseconds=_number(detail, "total_dominant_speaker_time"))
    if kind == "SPEAKER_STATS":
        for one in detail.values():
            if isinstance(one, dict):
                yield _name(one), timedelta(milliseconds=_number(one, "time"))


def _party(detail: Mapping[str, Any], which: str, names: Mapping[str, str]) -> str:
    one = detail.get(which)
    if not isinstance(one, dict):
        return "–"
    keys = (_text(one, "participantJid"), _text(one, "participantId"))
    return next((names[key] for key in keys if key in names), "–")


def _name(detail: Mapping[str, Any]) -> str:
    return _text(detail, "name") or _text(detail, "nick") or "–"


def _object(body: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(found: Mapping[str, Any], name: str, most: int = LONGEST_WORDS) -> str:
    value = found.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def _number(found: Mapping[str, Any], name: str) -> float:
    """Return a number a clock could show; anything else is 0."""
    value = found.get(name)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else 0.0  # type: ignore[operator, arg-type]
