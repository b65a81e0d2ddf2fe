"""End a running session later or now, by whoever leads it: everything is judged anew by its new times."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.models import Register
from lms.attendance.views.blueprint import blueprint
from lms.db import Db, writing
from lms.kernel.errors import Conflict
from lms.sessions.models import LiveSession
from lms.sessions.service import ending
from lms.web.errors import wants_json
from lms.web.i18n import clock as clock_time
from lms.web.i18n import clock_span


@blueprint.post("/sessions/<int:session_id>/extend")
def extend(session_id: int) -> Any:
    """Put the end of the running session off by a quarter of an hour."""
    at = clock.now()
    with writing() as db:
        session = _load(db, session_id)
        end = ending.extend(db, session, sequence=_sequence(), by=guard.principal().id, at=at)
    text = gettext("The session now ends at %(time)s. Everyone is told in the app.", time=clock_time(end))
    return _answer(session, text, ended=False)


@blueprint.post("/sessions/<int:session_id>/end")
def end(session_id: int) -> Any:
    """End the running session at this instant."""
    at = clock.now()
    with writing() as db:
        session = _load(db, session_id)
        ending.end_now(db, session, sequence=_sequence(), by=guard.principal().id, at=at)
    text = gettext("The session has ended; attendance is judged by the time it was held.")
    return _answer(session, text, ended=True)


def _load(db: Db, session_id: int) -> LiveSession:
    session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_MODERATE, lock=True)
    if db.get(Register, session.id) is not None:
        raise Conflict("register_already_signed")
    return session


def _sequence() -> int:
    return request.form.get("sequence", -1, type=int)


def _answer(session: LiveSession, text: str, *, ended: bool) -> Any:
    """Answer with the new times for a script in the room, which must not leave it; else the page with the text."""
    if wants_json():
        times = clock_span(session.starts_at, session.ends_at)
        return {"ok": True, "text": text, "sequence": session.sequence, "times": times, "ended": ended}
    flash(text, "success")
    page = "sessions.room" if request.form.get("back") == "room" else "sessions.session"
    return redirect(url_for(page, session_id=session.id))
