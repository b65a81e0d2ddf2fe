"""The built-in room's call over Socket.IO: who has a place, and what their browsers tell each other to connect.

Sound and picture never come here; they go from device to device.
"""

from typing import Any, Literal

from flask import Flask, current_app
from pydantic import BaseModel, Field, model_validator

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.db import Db, reading, writing
from lms.kernel.errors import Conflict, NotFound
from lms.sessions.calls import MOST_PLACES, Calls, Place
from lms.sessions.meeting_place import server_of
from lms.sessions.models import LiveSession
from lms.sessions.rules import Phase, phase
from lms.sessions.service.hands import hands_up, lower_hand, raise_hand
from lms.web import sockets

_calls = Calls()


class CallDraft(BaseModel):
    """Which session's call a page asks for."""

    session: int = Field(gt=0)


class Description(BaseModel):
    """An offer or an answer, as WebRTC words it."""

    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: str = Field(default="", max_length=40_000)


class Candidate(BaseModel):
    """One address at which a device may be reached."""

    candidate: str = Field(default="", max_length=1000)
    sdpMid: str | None = Field(default=None, max_length=40)
    sdpMLineIndex: int | None = Field(default=None, ge=0, le=100)
    usernameFragment: str | None = Field(default=None, max_length=300)


class Sending(BaseModel):
    """What somebody's device sends just now."""

    audio: bool
    camera: bool
    screen: bool


class SignalDraft(CallDraft):
    """What one page tells another: exactly one of the four."""

    to: str = Field(pattern=r"^[0-9a-f]{16}$")
    description: Description | None = None
    candidate: Candidate | None = None
    sending: Sending | None = None
    # How much picture the sender wants to be sent.
    wants: Literal["all", "small", "none"] | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> "SignalDraft":
        if sum(part is not None for part in (self.description, self.candidate, self.sending, self.wants)) != 1:
            raise ValueError("signal_form")
        return self


class HandDraft(CallDraft):
    """A hand going up or down: one's own, or that of a person (for moderators, down only)."""

    up: bool
    person: int | None = Field(default=None, gt=0)


def _load(session_id: int, needs: Permission = Permission.SESSION_ATTEND) -> LiveSession:
    """Return the session if the asker has this right on it, its doors are open and it is held in the built-in room."""
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=needs)
    now = phase(
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        cancelled=session.status == "cancelled",
        at=clock.now(),
    )
    if now not in (Phase.OPEN, Phase.OVERRUN) or server_of(session) is not None:
        raise Conflict("call_closed")
    return session


@sockets.on("room:call", CallDraft)
def call(draft: CallDraft) -> dict[str, Any]:
    """Give a place in the call and who holds the others; `place` is None when all are taken."""
    session = _load(draft.session)
    if current_app.config["SETTINGS"].redis_url:
        # Several processes: each would count to six by itself.
        raise Conflict("call_one_process")
    who = guard.principal()
    connection = sockets.current_sid()
    _leave(connection)
    found = _calls.take(session.id, connection, who.id, who.name)
    if found is None:
        return {"place": None, "most": MOST_PLACES}
    place, others = found
    sockets.enter(_room(session.id))
    if not sockets.is_alive(connection):
        # It ended while this waited, and its disconnect found no place to give back.
        _leave(connection)
    return {"place": place.id, "most": MOST_PLACES, "others": [_shown(other) for other in others]}


@sockets.on("room:signal", SignalDraft)
def signal(draft: SignalDraft) -> None:
    """Pass a message on to somebody in the same call; NotFound when either is in no place of it."""
    session = _load(draft.session)
    mine = _calls.of(sockets.current_sid())
    other = _calls.find(session.id, draft.to)
    if mine is None or mine.session_id != session.id or other is None:
        raise NotFound()
    message = draft.model_dump(exclude_none=True, include={"description", "candidate", "sending", "wants"})
    sockets.emit("room:signal", {"session": session.id, "from": _shown(mine), **message}, to=other.connection)


@sockets.on("room:hang_up", CallDraft)
def hang_up(draft: CallDraft) -> None:
    """Give the place back. Works after the doors have closed, too."""
    with reading() as db:
        guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
    connection = sockets.current_sid()
    if _leave(connection) is not None:
        sockets.leave(_room(draft.session))


@sockets.on("room:hands", CallDraft)
def hands(draft: CallDraft) -> dict[str, Any]:
    """Give the hands that are up, the first to be raised first."""
    with reading() as db:
        session = guard.load(db, LiveSession, draft.session, needs=Permission.SESSION_ATTEND)
        return _hands(db, session.id)


@sockets.on("room:hand", HandDraft)
def hand(draft: HandDraft) -> dict[str, Any]:
    """Raise or lower one's own hand, or lower somebody's; everybody in the room is told who is up now."""
    me = guard.principal().id
    needs = Permission.SESSION_ATTEND if draft.person in (None, me) else Permission.SESSION_MODERATE
    session = _load(draft.session, needs)
    with writing() as db:
        if draft.up and draft.person in (None, me):
            raise_hand(db, session, by=me, at=clock.now())
        else:
            lower_hand(db, session, draft.person or me)
        found = _hands(db, session.id)
    sockets.emit("room:hands", {"session": session.id, **found}, to=f"room:{session.id}")
    return found


@sockets.on("room:mute_all", CallDraft)
def mute_all(draft: CallDraft) -> None:
    """Ask every page in the room, except the asker's own, to switch its microphone off."""
    _tell_room("room:mute", draft)


@sockets.on("room:end_all", CallDraft)
def end_all(draft: CallDraft) -> None:
    """Ask every page in the room to leave the meeting. The session's times are another matter."""
    _tell_room("room:end", draft)


def _tell_room(event: str, draft: CallDraft) -> None:
    session = _load(draft.session, needs=Permission.SESSION_MODERATE)
    who = guard.principal()
    sockets.emit(event, {"session": session.id, "by": who.name, "person": who.id}, to=f"room:{session.id}")


def _hands(db: Db, session_id: int) -> dict[str, Any]:
    return {"hands": [{"id": person_id, "name": name} for person_id, name in hands_up(db, session_id)]}


def _leave(connection: str) -> Place | None:
    """Give the connection's place back and tell the others in its call."""
    place = _calls.give_back(connection)
    if place is not None:
        sockets.emit("room:gone", {"session": place.session_id, "place": place.id}, to=_room(place.session_id))
    return place


def _shown(place: Place) -> dict[str, Any]:
    return {"place": place.id, "name": place.name}


def _room(session_id: int) -> str:
    return f"call:{session_id}"


def init_app(app: Flask) -> None:
    """Give places back when their connections end."""
    sockets.on_disconnect(_lost)


def _lost(connection: str, _last_heard: Any, _reason: str) -> None:
    _leave(connection)
