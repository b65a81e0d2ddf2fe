"""What a meeting server answers when asked: as values, or as a typed error for what is no such answer.

Pure: bytes in, values out. `client.JitsiClient` asks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from lms.kernel.errors import Said


class JitsiError(Exception):
    """Base of everything that can go wrong with a question; `said` tells it as a code for the reader's language."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code)
        self.said = Said(code, MappingProxyType(params))


class JitsiNotAsked(JitsiError):
    """This kind of server, or this configuration, has nothing that could answer the question."""


class JitsiUnreachable(JitsiError):
    """No answer: refused, unknown host, bad certificate, or slower than the time-out."""


class JitsiRefused(JitsiError):
    """An answer, but with a status other than success; `status` holds it."""

    def __init__(self, code: str, /, *, status: int) -> None:
        super().__init__(code, status=status)
        self.status = status


class JitsiNonsense(JitsiError):
    """A successful answer that is not what the question promises: other software, or another version, stands there."""


class JitsiUnsafe(JitsiError):
    """What was asked for would be open to everybody on this server, so it is not done."""


class Reach(StrEnum):
    ANSWERS = "answers"
    # It answers, and says itself that it is not well.
    SICK = "sick"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Health:
    """Whether a part of the server works, and if not, why (as a code with parameters)."""

    reach: Reach
    said: Said | None = None


@dataclass(frozen=True)
class OpenRoom:
    """A room open on the server. `participants` counts as `room_size` does; `created` is the server's clock, UTC."""

    room: str
    participants: int
    created: datetime


@dataclass(frozen=True)
class FocusStats:
    """What Jicofo counts: meetings, people in them, and how many of its video bridges can take more."""

    conferences: int
    participants: int
    bridges: int
    working_bridges: int


@dataclass(frozen=True)
class BridgeStats:
    """What one video bridge counts. `stress` is its own word for how loaded it is: 1 is all it should carry."""

    conferences: int
    participants: int
    largest: int
    stress: float


class EndPoint(StrEnum):
    """Who may end meetings over HTTP on this server (`muc_end_meeting`)."""

    # It is not there; nobody can.
    ABSENT = "absent"
    # Only who holds the system key.
    GUARDED = "guarded"
    # Whoever holds any token for any room, each trainee among them.
    OPEN = "open"


def read_json(body: bytes) -> Any:
    """Return the decoded JSON. Raises JitsiNonsense."""
    try:
        return json.loads(body)  # muc_size sends no Content-Type, so none is asked for
    except (ValueError, RecursionError):  # the latter: a hostile nest of brackets
        raise JitsiNonsense("jitsi_nonsense") from None


def read_room_size(answer: Any) -> int:
    return _count(answer, "participants")


def read_occupants(answer: Any) -> frozenset[str]:
    """Return the last part of each occupant's address in the room, the conference focus apart."""
    if not isinstance(answer, list) or not all(isinstance(_member(one, "jid"), str) for one in answer):
        raise JitsiNonsense("jitsi_nonsense")
    return frozenset(one["jid"].rpartition("/")[2] for one in answer) - {"focus"}


def read_census(answer: Any) -> tuple[OpenRoom, ...]:
    rooms = _member(answer, "room_census")
    if not isinstance(rooms, list):
        raise JitsiNonsense("jitsi_nonsense")
    return tuple(_open_room(entry) for entry in rooms)


def read_focus_stats(answer: Any) -> FocusStats:
    bridges = _member(answer, "bridge_selector")
    return FocusStats(
        _count(answer, "conferences"),
        _count(answer, "participants"),
        _count(bridges, "bridge_count"),
        _count(bridges, "operational_bridge_count"),
    )


def read_bridge_stats(answer: Any) -> BridgeStats:
    stress = answer.get("stress_level", 0) if isinstance(answer, Mapping) else None
    if isinstance(stress, bool) or not isinstance(stress, (int, float)) or not 0 <= stress < 1e6:
        raise JitsiNonsense("jitsi_nonsense")
    return BridgeStats(
        _count(answer, "conferences"),
        _count(answer, "participants"),
        _count(answer, "largest_conference"),
        float(stress),
    )


def read_rooms(answer: Any) -> tuple[str, ...]:
    """Return the names of the rooms in Jicofo's list of addresses."""
    if not isinstance(answer, list) or not all(isinstance(one, str) for one in answer):
        raise JitsiNonsense("jitsi_nonsense")
    return tuple(one.partition("@")[0] for one in answer)


def _member(answer: Any, key: str) -> Any:
    if not isinstance(answer, dict) or key not in answer:
        raise JitsiNonsense("jitsi_nonsense")
    return answer[key]


def _count(answer: Any, key: str) -> int:
    value = _member(answer, key)
    if type(value) is not int or value < 0:
        raise JitsiNonsense("jitsi_nonsense")
    return value


def _open_room(entry: Any) -> OpenRoom:
    address, created = _member(entry, "room_name"), _member(entry, "created_time")
    if not isinstance(address, str) or not str(created).isdecimal():
        raise JitsiNonsense("jitsi_nonsense")
    try:
        # A string of milliseconds; by timedelta, since a float would round them.
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(created))
    except (OverflowError, ValueError):
        raise JitsiNonsense("jitsi_nonsense") from None
    return OpenRoom(address.partition("@")[0], _count(entry, "participants"), moment)
