"""The room page: where a lecture is attended, with the meeting in it and the attendance beside it."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.accounts.models import Person
from lms.accounts.permissions import Permission
from lms.db import Db, reading
from lms.kernel.errors import Conflict
from lms.programmes.models import Batch
from lms.sessions.devices import service as devices
from lms.sessions.jitsi.embedding import embedded_host, embedding
from lms.sessions.jitsi.rules import ServerKind
from lms.sessions.jitsi.tokens import mint
from lms.sessions.meeting_place import meeting_servers, server_of
from lms.sessions.models import LiveSession, SessionInstructor
from lms.sessions.rules import DOOR_AFTER, Phase, doors, phase
from lms.web.i18n import reader
from lms.web.security import allow_meeting

_ENTERABLE = (Phase.OPEN, Phase.OVERRUN)


def register(blueprint: Blueprint) -> None:
    """Bind the room's pages to the sessions blueprint."""
    blueprint.add_url_rule("/sessions/<int:session_id>/room", "room", room)
    blueprint.add_url_rule("/sessions/<int:session_id>/room/ticket", "ticket", ticket, methods=["POST"])


def phase_of(session: LiveSession, at: Any) -> Phase:
    """Return where this session stands now."""
    return phase(starts_at=session.starts_at, ends_at=session.ends_at, cancelled=session.status == "cancelled", at=at)


def room(session_id: int) -> Any:
    """Show the room while its doors are open; before and after, the session's own page explains. Who comes for the
    first time, or is not yet told of a recording, sees the page before the room first."""
    at = clock.now()
    with reading() as db:
        session = guard.load(
            db,
            LiveSession,
            session_id,
            needs=Permission.SESSION_ATTEND,
            options=[joinedload(LiveSession.batch).joinedload(Batch.contact)],
        )
        if phase_of(session, at) not in _ENTERABLE:
            return redirect(url_for("sessions.session", session_id=session_id))
        if devices.is_new_here(db, session, guard.principal().id):
            return redirect(url_for("sessions.check", session_id=session_id))
        server = server_of(session)
        allow_meeting(embedded_host(server))
        return render_template(
            "sessions/room.html",
            session=session,
            instructors=_instructors(db, session.id),
            doors=doors(session.starts_at, session.ends_at),
            moderator=_moderates(session, db),
            # A plain link leads out of our reach; the built-in room records nothing.
            has_server=server is not None and server.kind is not ServerKind.PLAIN,
            has_any_server=bool(meeting_servers().servers),
            at=at,
        )


def ticket(session_id: int) -> Any:
    """Give the page's meeting configuration, its token minted for this click, person and room; never cached.

    Raises Conflict(session_not_open) outside the doors.
    """
    at = clock.now()
    who = guard.principal()
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_ATTEND)
        moderator = _moderates(session, db)
    if phase_of(session, at) not in _ENTERABLE:
        raise Conflict("session_not_open", opens=doors(session.starts_at, session.ends_at).start)
    response = jsonify({"ok": True, "config": _configuration(session, who, moderator, at)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _configuration(session: LiveSession, who: Any, moderator: bool, at: Any) -> dict[str, Any]:
    jitsi = server_of(session)
    if jitsi is None:
        return {"kind": "practice", "displayName": who.name, "autoEnter": True}
    token = None
    if jitsi.kind is not ServerKind.PLAIN:
        token = mint(
            jitsi,
            room=session.room_name,
            person_id=who.id,
            name=who.name,
            moderator=moderator,
            window_end=session.ends_at,
            margin=DOOR_AFTER,
            at=at,
            may_record=session.may_be_recorded,
        )
    language = reader().language
    title = session.title_en if language == "en" and session.title_en else session.title_id
    return embedding(
        jitsi,
        session.room_name,
        token,
        who.name,
        language,
        moderator,
        title=title,
        may_record=session.may_be_recorded,
    )


def _moderates(session: LiveSession, db: Db) -> bool:
    """Return whether the asker may moderate this session; asked of the same table as every other right."""
    statement = select(LiveSession.id).where(LiveSession.id == session.id)
    return db.scalar(guard.visible(statement, LiveSession, needs=Permission.SESSION_MODERATE)) is not None


def _instructors(db: Db, session_id: int) -> list[str]:
    return list(
        db.scalars(
            select(Person.name)
            .join(SessionInstructor, SessionInstructor.person_id == Person.id)
            .where(SessionInstructor.session_id == session_id)
            .order_by(Person.name)
        )
    )
