"""Several people at one screen: the code its room page shows, and leaving the screen from one's own phone."""

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission
from lms.attendance.rules.codes import Purpose
from lms.attendance.rules.drafts import LeaveDraft, ScreenDraft
from lms.attendance.service import checking
from lms.attendance.service.standing import read_screen
from lms.attendance.views.blueprint import blueprint
from lms.attendance.views.showing import shown
from lms.db import reading, writing
from lms.kernel.errors import Conflict
from lms.sessions.models import LiveSession
from lms.web import forms


@blueprint.get("/sessions/<int:session_id>/room/screen")
def screen_code(session_id: int) -> Any:
    """Give the room page its device's code and who watches there; only while this device is in the meeting."""
    at = clock.now()
    draft = forms.draft_from(ScreenDraft, request.args.to_dict())
    with reading() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_ATTEND)
        visit = checking.own_visit(db, session, guard.principal().id, draft.device)
        if visit is None or not read_screen(db, session, visit, at).open:
            raise Conflict("share_not_in_room")
        body = {"ok": True, **shown(Purpose.SHARED, visit, at), "people": checking.watching_at(db, session, visit)}
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/sessions/<int:session_id>/here/leave")
def leave_screen(session_id: int) -> Any:
    """Say that one no longer watches at somebody else's screen."""
    at = clock.now()
    draft = forms.form(LeaveDraft)
    with writing() as db:
        session = guard.load(db, LiveSession, session_id, needs=Permission.SESSION_ATTEND)
        checking.leave_screen(db, session, guard.principal().id, key=draft.key, at=at)
    flash(gettext("You have left the shared screen; from now on it no longer counts for you."), "success")
    return redirect(url_for("attendance.here", session_id=session_id))
