"""What a register says about the meeting server: that it is silent, and whom it saw that nobody knows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import current_app, render_template

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.service import server_witness
from lms.attendance.service.server_witness import Silence
from lms.attendance.views.blueprint import blueprint
from lms.db import Db, reading
from lms.sessions.models import LiveSession


@blueprint.get("/sessions/<int:session_id>/register/silence", endpoint="silence")
def show_silence(session_id: int) -> Any:
    """Give the warning that the meeting server is silent, or nothing: for the script of the register and the room."""
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.REGISTER_READ)
        return render_template("attendance/_silence.html", silence=_silence(db, session, clock.now()))


def server_words(db: Db, session: LiveSession, may: Collection[Permission], at: datetime) -> dict[str, Any]:
    """Return what templates/attendance/_server_events.html is given; strangers only to whoever keeps the register."""
    return {
        "silence": _silence(db, session, at),
        "strangers": server_witness.read_strangers(db, session.id) if Permission.REGISTER_CORRECT in may else [],
    }


def _silence(db: Db, session: LiveSession, at: datetime) -> Silence | None:
    server = current_app.extensions["meeting_servers"].of(session.meeting_server)
    speaks = server is not None and server.gives_evidence
    return server_witness.silence(db, session, at=at) if speaks else None
